-- name: hold_idempotency_key :one
-- Whether the key is this transaction's own until it ends. On SQLite it is: whoever writes has the database alone.
SELECT pg_try_advisory_xact_lock(:lock) AS is_held -- postgres
SELECT 1 AS is_held -- sqlite

-- name: find_idempotent_answer :one
-- Primary key.
SELECT request_hash, status, headers, body
FROM idempotent_answers
WHERE workspace_id = :workspace_id
  AND scope = :scope
  AND key = :key
  AND expires_at > :now

-- name: put_idempotent_answer :execute
-- Changes no row where the key has an answer whose time is not over. Primary key.
INSERT INTO idempotent_answers (
    workspace_id, scope, key, request_hash, status, headers, body, expires_at
)
VALUES (
    :workspace_id, :scope, :key, :request_hash, :status, :headers, :body, :expires_at
)
ON CONFLICT (workspace_id, scope, key) DO UPDATE SET
    request_hash = excluded.request_hash,
    status = excluded.status,
    headers = excluded.headers,
    body = excluded.body,
    expires_at = excluded.expires_at
WHERE idempotent_answers.expires_at <= :now

-- name: delete_expired_answers :execute
-- A few of those whose time is over, the oldest first, but none that somebody else is deleting. The limit is no value, as
-- PostgreSQL would then plan for a tenth of the table. Index idempotent_answers_expiry, primary key.
DELETE FROM idempotent_answers
WHERE (workspace_id, scope, key) IN (
    SELECT workspace_id, scope, key
    FROM idempotent_answers
    WHERE expires_at <= :now
    ORDER BY expires_at
    LIMIT 10
    FOR UPDATE SKIP LOCKED -- postgres
)
