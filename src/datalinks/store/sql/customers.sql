-- name: insert_customer :execute
-- Two first sights of one customer: the second finds the row of the first.
INSERT INTO customers (
    id, workspace_id, internal_id, name, fields, meta, is_test, search_text,
    last_active_at, created_at, updated_at, archived_at
)
VALUES (
    :id, :workspace_id, :internal_id, :name, :fields, :meta, :is_test, :search_text,
    :last_active_at, :created_at, :updated_at, :archived_at
)
ON CONFLICT (workspace_id, internal_id) DO NOTHING

-- name: find_customer_credentials :one
SELECT credentials AS sealed
FROM customers
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: set_customer_credentials :execute
UPDATE customers
SET credentials = :sealed
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: find_customer :one
-- By id (primary key) or by internal id (unique index).
SELECT
    id, internal_id, name, fields, meta, is_test, last_active_at, created_at, updated_at, archived_at
FROM customers
WHERE workspace_id = :workspace_id
  AND id = :id -- when :id
  AND internal_id = :internal_id -- when :internal_id

-- name: hold_customer :one
-- Primary key. SQLite lets one transaction write at a time anyway.
SELECT id
FROM customers
WHERE workspace_id = :workspace_id
  AND id = :id
FOR NO KEY UPDATE -- postgres

-- name: list_customers :many
-- Newest first; index customers_page.
SELECT
    id, internal_id, name, fields, meta, is_test, last_active_at, created_at, updated_at, archived_at
FROM customers
WHERE workspace_id = :workspace_id
  AND archived_at IS NULL -- when :live
  AND is_test = :is_test -- when :is_test
  AND last_active_at >= :active_since -- when :active_since
  AND coalesce(last_active_at, 0) < :inactive_since -- when :inactive_since
  AND search_text LIKE :search ESCAPE '!' -- when :search
  AND id < :after -- when :after
ORDER BY id DESC
LIMIT :limit

-- name: update_customer :execute
UPDATE customers
SET internal_id = :internal_id,
    name = :name,
    fields = :fields,
    meta = :meta,
    is_test = :is_test,
    search_text = :search_text,
    last_active_at = :last_active_at,
    updated_at = :updated_at,
    archived_at = :archived_at
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: touch_customer :execute
UPDATE customers
SET last_active_at = :now
WHERE workspace_id = :workspace_id
  AND id = :id
  AND coalesce(last_active_at, 0) < :now
