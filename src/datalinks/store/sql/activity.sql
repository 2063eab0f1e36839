-- name: find_instance_owner :one
-- together by no
-- Whose instance a number is; primary key.
SELECT no, workspace_id, customer_id FROM data_link_table_instances
WHERE no = :no -- one
WHERE no = ANY(:no::integer[]) -- postgres -- many
WHERE no IN (SELECT value FROM json_each(:no)) -- sqlite -- many

-- name: add_activity :execute
-- Adds to what was done in an hour, whichever process did it. Primary key.
INSERT INTO activity (workspace_id, customer_id, hour, links_written, links_deleted, finds_hit, finds_missed)
VALUES (:workspace_id, :customer_id, :hour, :links_written, :links_deleted, :finds_hit, :finds_missed)
ON CONFLICT (workspace_id, customer_id, hour) DO UPDATE SET
    links_written = activity.links_written + excluded.links_written,
    links_deleted = activity.links_deleted + excluded.links_deleted,
    finds_hit = activity.finds_hit + excluded.finds_hit,
    finds_missed = activity.finds_missed + excluded.finds_missed

-- name: list_activity :many
-- The hours from one on in which anything was done, '' for the customer being the workspace; primary key.
SELECT hour, links_written, links_deleted, finds_hit, finds_missed
FROM activity
WHERE workspace_id = :workspace_id
  AND customer_id = :customer_id
  AND hour >= :since

-- name: delete_old_activity :execute
-- Index activity_hour.
DELETE FROM activity
WHERE hour < :before
