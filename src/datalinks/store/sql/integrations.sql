-- name: insert_integration :execute
INSERT INTO integrations (
    id, workspace_id, key, name, uuid, description, meta, connector_id, properties, search_text,
    revision, created_at, updated_at, archived_at
)
VALUES (
    :id, :workspace_id, :key, :name, :uuid, :description, :meta, :connector_id, :properties, :search_text,
    :revision, :created_at, :updated_at, :archived_at
)

-- name: find_integration :one
-- By id (primary key), key or uuid; of several with one key the live one, else the newest.
SELECT *
FROM integrations
WHERE workspace_id = :workspace_id
  AND id = :id -- when :id
  AND key = :key -- when :key
  AND uuid = :uuid -- when :uuid
ORDER BY archived_at IS NOT NULL, id DESC
LIMIT 1

-- name: list_integrations :many
-- Newest first; index integrations_page.
SELECT *
FROM integrations
WHERE workspace_id = :workspace_id
  AND archived_at IS NULL -- when :live
  AND search_text LIKE :search ESCAPE '!' -- when :search
  AND id < :after -- when :after
ORDER BY id DESC
LIMIT :limit

-- name: update_integration :execute
UPDATE integrations
SET key = :key,
    name = :name,
    uuid = :uuid,
    description = :description,
    meta = :meta,
    connector_id = :connector_id,
    properties = :properties,
    search_text = :search_text,
    revision = :revision,
    updated_at = :updated_at,
    archived_at = :archived_at
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: find_integration_secrets :one
-- Primary key.
SELECT secrets AS sealed
FROM integrations
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: set_integration_secrets :execute
UPDATE integrations
SET secrets = :sealed
WHERE workspace_id = :workspace_id
  AND id = :id
