-- name: list_changed_schedules :many
-- Some instances that may have schedule nodes and whose times were made for other revisions, or not at all: those that
-- follow their flows. Indexes flows_scheduled, flow_instances_flow, primary key of schedules.
SELECT i.id, i.workspace_id
FROM flows AS f
INDEXED BY flows_scheduled -- sqlite
CROSS JOIN flow_instances AS i
LEFT JOIN schedules AS s ON s.flow_instance_id = i.id
WHERE instr(f.nodes, '"schedule-trigger"') > 0 -- sqlite
WHERE strpos(f.nodes, '"schedule-trigger"') > 0 -- postgres
  AND i.workspace_id = f.workspace_id
  AND i.flow_id = f.id
  AND i.nodes IS NULL
  AND (s.seen IS NULL OR s.seen <> i.revision || '/' || f.revision)
LIMIT :limit

-- name: list_changed_own_schedules :many
-- The same for instances with nodes of their own. Indexes flow_instances_scheduled, primary keys.
SELECT i.id, i.workspace_id
FROM flow_instances AS i
INDEXED BY flow_instances_scheduled -- sqlite
CROSS JOIN flows AS f
LEFT JOIN schedules AS s ON s.flow_instance_id = i.id
WHERE instr(i.nodes, '"schedule-trigger"') > 0 -- sqlite
WHERE strpos(i.nodes, '"schedule-trigger"') > 0 -- postgres
  AND f.id = i.flow_id
  AND (s.seen IS NULL OR s.seen <> i.revision || '/' || f.revision)
LIMIT :limit

-- name: list_due_schedules :many
-- Instances with a time that has come, the earliest first; index schedules_due.
SELECT i.id, i.workspace_id
FROM schedules AS s
JOIN flow_instances AS i ON i.id = s.flow_instance_id
WHERE s.next_at <= :now
ORDER BY s.next_at
LIMIT :limit

-- name: find_schedule :one
-- Primary key.
SELECT seen, times
FROM schedules
WHERE flow_instance_id = :flow_instance_id

-- name: insert_schedule :execute
-- Changes no row where another worker was faster.
INSERT INTO schedules (flow_instance_id, seen, times, next_at)
VALUES (:flow_instance_id, :seen, :times, :next_at)
ON CONFLICT (flow_instance_id) DO NOTHING

-- name: update_schedule :execute
-- Changes no row where another worker was faster: times and revisions are no more what they were. Primary key.
UPDATE schedules
SET seen = :seen,
    times = :times,
    next_at = :next_at
WHERE flow_instance_id = :flow_instance_id
  AND seen = :known_seen
  AND times = :known_times
