-- name: insert_workspace :execute
-- The key's unique index makes two creations of one key fail.
INSERT INTO workspaces (id, key, name, secret, settings, created_at)
VALUES (:id, :key, :name, :secret, :settings, :created_at)

-- name: find_workspace :one
-- By key; unique index.
SELECT id, key, name, secret, settings
FROM workspaces
WHERE key = :key

-- name: list_workspaces :many
-- Oldest first, all of them: an operator's list, a handful of rows.
SELECT id, key, name, secret, settings
FROM workspaces
ORDER BY id

-- name: update_workspace :execute
UPDATE workspaces
SET secret = :secret,
    settings = :settings
WHERE id = :id
