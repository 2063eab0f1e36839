-- name: insert_table :execute
INSERT INTO data_link_tables (
    id, workspace_id, key, name, uuid, description, meta, search_text, revision, created_at, updated_at, archived_at
)
VALUES (
    :id, :workspace_id, :key, :name, :uuid, :description, :meta, :search_text, :revision, :created_at, :updated_at,
    :archived_at
)

-- name: find_table :one
-- By id (primary key), key or uuid; of several with one key the live one, else the newest.
SELECT *
FROM data_link_tables
WHERE workspace_id = :workspace_id
  AND id = :id -- when :id
  AND key = :key -- when :key
  AND uuid = :uuid -- when :uuid
ORDER BY archived_at IS NOT NULL, id DESC
LIMIT 1

-- name: list_tables :many
-- Newest first; index data_link_tables_page.
SELECT *
FROM data_link_tables
WHERE workspace_id = :workspace_id
  AND archived_at IS NULL -- when :live
  AND search_text LIKE :search ESCAPE '!' -- when :search
  AND id < :after -- when :after
ORDER BY id DESC
LIMIT :limit

-- name: update_table :execute
UPDATE data_link_tables
SET key = :key,
    name = :name,
    uuid = :uuid,
    description = :description,
    meta = :meta,
    search_text = :search_text,
    revision = :revision,
    updated_at = :updated_at,
    archived_at = :archived_at
WHERE workspace_id = :workspace_id
  AND id = :id
