-- name: insert_workspace :execute
-- The key's unique index makes two creations of one key fail.
INSERT INTO workspaces (id, key, name, secret, settings, created_at)
VALUES (:id, :key, :name, :secret, :settings, :created_at)

-- name: find_workspace :one
-- By key; unique index.
SELECT id, key, name, secret, settings, epoch
FROM workspaces
WHERE key = :key

-- name: find_workspace_by_id :one
-- Primary key.
SELECT id, key, name, secret, settings, epoch
FROM workspaces
WHERE id = :id

-- name: list_workspaces :many
-- Oldest first, all of them: an operator's list, a handful of rows.
SELECT id, key, name, secret, settings, epoch
FROM workspaces
ORDER BY id

-- name: update_workspace :execute
UPDATE workspaces
SET secret = :secret,
    settings = :settings
WHERE id = :id

-- name: find_epoch :one
-- together by id
-- Primary key.
SELECT id, epoch FROM workspaces
WHERE id = :id -- one
WHERE id = ANY(:id::text[]) -- postgres -- many
WHERE id IN (SELECT value FROM json_each(:id)) -- sqlite -- many

-- name: begin_change :execute
-- Takes the workspace for one change at a time, and tells every process that what it remembers of it is old.
UPDATE workspaces
SET epoch = epoch + 1
WHERE id = :id

-- name: hold_workspace :one
-- Primary key. SQLite lets one transaction write at a time anyway.
SELECT id FROM workspaces
WHERE id = :id
FOR SHARE -- postgres
