-- name: insert_flow_run :execute
INSERT INTO flow_runs (
    id, workspace_id, customer_id, connection_id, integration_id, flow_instance_id, flow_id, universal_flow_id, name,
    start_node_key, input, nodes, variables, launched_by, meta, state, counts, errors, claims, due_at, created_at
)
VALUES (
    :id, :workspace_id, :customer_id, :connection_id, :integration_id, :flow_instance_id, :flow_id, :universal_flow_id,
    :name, :start_node_key, :input, :nodes, :variables, :launched_by, :meta, :state, :counts, :errors, 0,
    :due_at, :created_at
)

-- name: count_unended_runs :one
-- How many runs of a connection have not ended; indexes flow_runs_queue and flow_runs_places.
SELECT (
    SELECT count(*) FROM flow_runs WHERE connection_id = :connection_id AND ended_at IS NULL AND place IS NULL
) + (
    SELECT count(*) FROM flow_runs WHERE connection_id = :connection_id AND place IS NOT NULL
) AS count

-- name: count_queued_runs :one
-- How many runs wait for a worker; index flow_runs_queue.
SELECT count(*) AS count
FROM flow_runs
WHERE ended_at IS NULL
  AND place IS NULL
  AND connection_id > ''

-- name: find_flow_run :one
-- Primary key; a customer sees its own alone.
SELECT *
FROM flow_runs
WHERE id = :id
  AND workspace_id = :workspace_id
  AND customer_id = :customer_id -- when :customer_id

-- name: list_flow_runs :many
-- Newest first; index flow_runs_page, or that of the instance, the customer or the connection that is asked for.
SELECT *
FROM flow_runs
WHERE workspace_id = :workspace_id
  AND id = :id -- when :id
  AND flow_instance_id = :flow_instance_id -- when :flow_instance_id
  AND flow_id = :flow_id -- when :flow_id
  AND universal_flow_id = :universal_flow_id -- when :universal_flow_id
  AND customer_id = :customer_id -- when :customer_id
  AND connection_id = :connection_id -- when :connection_id
  AND integration_id = :integration_id -- when :integration_id
  AND start_node_key = :start_node_key -- when :start_node_key
  AND state = :state -- when :state
  AND created_at >= :since -- when :since
  AND created_at <= :until -- when :until
  AND id < :after -- when :after
ORDER BY id DESC
LIMIT :limit

-- name: list_abandoned_runs :many
-- Runs whose workers have not been heard of for too long; they have their places still. Index flow_runs_leases.
SELECT id, place
FROM flow_runs
WHERE place IS NOT NULL
  AND due_at <= :now
ORDER BY due_at, id
LIMIT :limit

-- name: list_first_runs :many
-- Of each connection behind :after, in their order, the oldest run that waits, and a place for it, if there is one and the
-- run is due. However long a queue is, only its first run is read: h goes from connection to connection. Index
-- flow_runs_queue, and flow_runs_places for the places.
WITH RECURSIVE h (connection_id) AS (
    SELECT min(connection_id) FROM flow_runs WHERE ended_at IS NULL AND place IS NULL AND connection_id > :after
    UNION ALL
    SELECT (
        SELECT min(r.connection_id) FROM flow_runs AS r
        WHERE r.ended_at IS NULL AND r.place IS NULL AND r.connection_id > h.connection_id
    )
    FROM h
    WHERE h.connection_id IS NOT NULL
)
SELECT r.id, r.connection_id, (
    SELECT min(k.value) FROM json_each(:places) AS k -- sqlite
    SELECT min(k.value::integer) FROM json_array_elements_text(:places::json) AS k (value) -- postgres
    WHERE NOT EXISTS (SELECT 1 FROM flow_runs AS b WHERE b.connection_id = h.connection_id AND b.place = k.value) -- sqlite
    WHERE NOT EXISTS ( -- postgres
        SELECT 1 FROM flow_runs AS b WHERE b.connection_id = h.connection_id AND b.place = k.value::integer -- postgres
    ) -- postgres
) AS place
FROM h
CROSS JOIN flow_runs AS r
WHERE h.connection_id IS NOT NULL
  AND r.id = (
      SELECT o.id FROM flow_runs AS o
      WHERE o.connection_id = h.connection_id AND o.ended_at IS NULL AND o.place IS NULL
      ORDER BY o.id LIMIT 1
  )
  AND r.due_at <= :now
  AND (SELECT count(*) FROM flow_runs AS b WHERE b.connection_id = h.connection_id AND b.place IS NOT NULL) < :count
LIMIT :limit

-- name: claim_run :one
-- together by id with place -- postgres
-- Takes a run if it is still due; primary key. No row: another worker was faster. A unique violation: the place is taken.
UPDATE flow_runs
SET state = 'running',
    lease = :lease,
    place = :place, -- one
    place = k.place, -- many
    due_at = :until,
    claims = claims + 1,
    started_at = coalesce(started_at, :now)
FROM ( -- many
    SELECT f.id, k.place -- many
    FROM unnest(:id::text[], :place::integer[]) AS k (id, place) -- many
    JOIN flow_runs AS f ON f.id = k.id -- many
    WHERE f.ended_at IS NULL AND f.due_at <= :now -- many
    ORDER BY f.id -- many
    FOR UPDATE OF f SKIP LOCKED -- many
) AS k -- many
WHERE flow_runs.id = k.id -- many
WHERE flow_runs.id = :id -- one
  AND ended_at IS NULL -- one
  AND due_at <= :now -- one
RETURNING
    flow_runs.id,
    lease,
    workspace_id,
    customer_id,
    connection_id,
    start_node_key,
    input,
    nodes,
    variables,
    counts,
    errors,
    claims,
    created_at

-- name: renew_lease :one
-- together by id with lease -- postgres
-- Keeps a run its worker's for longer; primary key. No row: it is not its worker's any more. Many are taken in the order of
-- ids, as by hold_run.
UPDATE flow_runs
SET due_at = :until
FROM ( -- many
    SELECT f.id -- many
    FROM unnest(:id::text[], :lease::text[]) AS k (id, lease) -- many
    JOIN flow_runs AS f ON f.id = k.id AND f.lease = k.lease -- many
    ORDER BY f.id -- many
    FOR NO KEY UPDATE OF f -- many
) AS k -- many
WHERE flow_runs.id = k.id -- many
WHERE flow_runs.id = :id -- one
  AND flow_runs.lease = :lease -- one
  AND ended_at IS NULL
RETURNING flow_runs.id

-- name: release_run :one
-- Gives a run back, which is the next of its connection then; primary key.
UPDATE flow_runs
SET due_at = :now,
    lease = NULL,
    place = NULL,
    claims = 0
WHERE id = :id
  AND lease = :lease
  AND ended_at IS NULL
RETURNING id

-- name: hold_run :one
-- together by id with lease -- postgres
-- A run that its worker still has, for nobody else to change until the transaction ends; in the order of ids, so that two such
-- statements never wait for each other. Primary key.
SELECT f.id
FROM flow_runs AS f
JOIN unnest(:id::text[], :lease::text[]) AS k (id, lease) ON k.id = f.id AND k.lease = f.lease -- many
WHERE f.ended_at IS NULL
  AND f.id = :id -- one
  AND f.lease = :lease -- one
ORDER BY f.id
FOR NO KEY UPDATE OF f -- postgres

-- name: keep_run :one
-- together by id with lease, state, counts, errors, ended_at -- postgres
-- What a run has come to, if its worker still has it; primary key.
UPDATE flow_runs
SET state = :state, -- one
    counts = :counts, -- one
    errors = :errors, -- one
    ended_at = :ended_at, -- one
    lease = NULL, -- when :is_released -- one
    place = NULL, -- when :is_released -- one
SET state = k.state, -- many
    counts = k.counts, -- many
    errors = k.errors, -- many
    ended_at = k.ended_at, -- many
    lease = CASE WHEN k.ended_at IS NULL THEN flow_runs.lease END, -- many
    place = CASE WHEN k.ended_at IS NULL THEN place END, -- many
    claims = 0
FROM unnest( -- many
    :id::text[], :lease::text[], :state::text[], :counts::text[], :errors::text[], :ended_at::bigint[] -- many
) AS k (id, lease, state, counts, errors, ended_at) -- many
WHERE flow_runs.id = k.id -- many
  AND flow_runs.lease = k.lease -- many
WHERE flow_runs.id = :id -- one
  AND flow_runs.lease = :lease -- one
  AND flow_runs.ended_at IS NULL
RETURNING flow_runs.id

-- name: stop_run :execute
-- Ends a run, whoever has it; primary key.
UPDATE flow_runs
SET state = 'stopped',
    ended_at = :now,
    lease = NULL,
    place = NULL
WHERE id = :id
  AND ended_at IS NULL

-- name: put_node_run :many
-- together by run_id, no with node_key, status, input, origin_no, origin_output, scope, outputs, logs, errors, started_at, ended_at -- postgres
-- Keeps a node run as it is now; primary key.
INSERT INTO node_runs (
    run_id, no, node_key, status, input, origin_no, origin_output, scope, outputs, logs, errors, started_at, ended_at
)
VALUES ( -- one
    :run_id, :no, :node_key, :status, :input, :origin_no, :origin_output, :scope, :outputs, :logs, :errors, -- one
    :started_at, :ended_at -- one
) -- one
SELECT run_id, no, node_key, status, input, origin_no, origin_output, scope, outputs, logs, errors, started_at, ended_at -- many
FROM unnest( -- many
    :run_id::text[], :no::integer[], :node_key::text[], :status::text[], :input::text[], :origin_no::integer[], -- many
    :origin_output::integer[], :scope::text[], :outputs::text[], :logs::text[], :errors::text[], -- many
    :started_at::bigint[], :ended_at::bigint[] -- many
) AS k (run_id, no, node_key, status, input, origin_no, origin_output, scope, outputs, logs, errors, started_at, ended_at) -- many
WHERE true -- many
ON CONFLICT (run_id, no)
DO UPDATE SET
    status = excluded.status,
    outputs = excluded.outputs,
    logs = excluded.logs,
    errors = excluded.errors,
    started_at = excluded.started_at,
    ended_at = excluded.ended_at
RETURNING run_id, no

-- name: list_node_runs :many
-- In the order of their numbers; primary key, or index node_runs_node for those of one node.
SELECT *
FROM node_runs
WHERE run_id = :run_id
  AND node_key = :node_key -- when :node_key
  AND no = :no -- when :no
  AND no > :after -- when :after
ORDER BY no
LIMIT :limit

-- name: list_next_runs :many
-- together by origin_no
-- The node runs behind one; index node_runs_origin.
SELECT no, node_key, origin_no, origin_output
FROM node_runs
WHERE run_id = :run_id
  AND origin_no = :origin_no -- one
  AND origin_no = ANY(:origin_no::integer[]) -- postgres -- many
  AND origin_no IN (SELECT value FROM json_each(:origin_no)) -- sqlite -- many
ORDER BY no

-- name: list_node_keys :many
-- together by no
-- Whose run a node run is; primary key.
SELECT no, node_key
FROM node_runs
WHERE run_id = :run_id
  AND no = :no -- one
  AND no = ANY(:no::integer[]) -- postgres -- many
  AND no IN (SELECT value FROM json_each(:no)) -- sqlite -- many

-- name: list_old_runs :many
-- Runs that ended long ago, the oldest first; index flow_runs_ended.
SELECT id
FROM flow_runs
WHERE ended_at < :before
ORDER BY ended_at
LIMIT :limit

-- name: delete_node_runs :execute
-- As many as :most node runs of a run; primary key.
DELETE FROM node_runs
WHERE rowid IN (SELECT rowid FROM node_runs WHERE run_id = :run_id LIMIT :most) -- sqlite
WHERE ctid = ANY(ARRAY(SELECT ctid FROM node_runs WHERE run_id = :run_id LIMIT :most)) -- postgres

-- name: delete_flow_run :execute
-- Primary key.
DELETE FROM flow_runs
WHERE id = :id
  AND ended_at IS NOT NULL
