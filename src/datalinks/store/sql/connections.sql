-- name: insert_connection :execute
INSERT INTO connections (
    id, workspace_id, customer_id, integration_id, key, name, meta, auth_option_key, is_test, disconnected, error,
    search_text, revision, created_at, updated_at, archived_at
)
VALUES (
    :id, :workspace_id, :customer_id, :integration_id, :key, :name, :meta, :auth_option_key, :is_test, :disconnected,
    :error, :search_text, :revision, :created_at, :updated_at, :archived_at
)

-- name: list_connections :many
-- Newest first, each with its customer and integration. Indexes connections_page, connections_customer,
-- connections_integration, connections_any_key, by what is given.
SELECT
    c.id, c.customer_id, c.integration_id, c.key, c.name, c.meta, c.auth_option_key, c.is_test, c.disconnected,
    c.error, c.revision, c.created_at, c.updated_at, c.archived_at,
    u.name AS customer_name,
    u.internal_id AS customer_internal_id,
    u.last_active_at AS customer_last_active_at,
    u.archived_at AS customer_archived_at,
    g.key AS integration_key,
    g.name AS integration_name,
    g.properties AS integration_properties,
    g.archived_at AS integration_archived_at
FROM connections AS c
JOIN customers AS u ON u.id = c.customer_id
JOIN integrations AS g ON g.id = c.integration_id
WHERE c.workspace_id = :workspace_id
  AND c.id = :id -- when :id
  AND c.key = :key -- when :key
  AND c.name = :name -- when :name
  AND g.connector_id = :connector_id -- when :connector_id
  AND c.customer_id = :customer_id -- when :customer_id
  AND c.integration_id = :integration_id -- when :integration_id
  AND c.integration_id = ( -- when :integration_key
    SELECT id FROM integrations -- when :integration_key
    WHERE workspace_id = :workspace_id AND key = :integration_key -- when :integration_key
    ORDER BY archived_at IS NOT NULL, id DESC LIMIT 1 -- when :integration_key
  ) -- when :integration_key
  AND c.disconnected = :disconnected -- when :disconnected
  AND c.is_test = :is_test -- when :is_test
  AND c.archived_at IS NULL -- when :live
  AND u.archived_at IS NULL -- when :live
  AND g.archived_at IS NULL -- when :live
  AND ( -- when :search
    c.search_text LIKE :search ESCAPE '!' -- when :search
    OR u.search_text LIKE :search ESCAPE '!' -- when :search
    OR g.search_text LIKE :search ESCAPE '!' -- when :search
  ) -- when :search
  AND c.id < :after -- when :after
ORDER BY c.id DESC
LIMIT :limit

-- name: find_connection_secrets :one
SELECT secrets AS sealed
FROM connections
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: set_connection_secrets :execute
UPDATE connections
SET secrets = :sealed
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: update_connection :execute
UPDATE connections
SET key = :key,
    name = :name,
    meta = :meta,
    auth_option_key = :auth_option_key,
    is_test = :is_test,
    disconnected = :disconnected,
    error = :error,
    search_text = :search_text,
    revision = :revision,
    updated_at = :updated_at,
    archived_at = :archived_at
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: find_connection_refresh :one
-- What a refresh of the access token is decided by; primary key.
SELECT secrets AS sealed, disconnected, error
FROM connections
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: hold_connection_refresh :execute
-- One holder at a time: two who try at once find out here, as the second waits for the first and then sees its mark.
UPDATE connections
SET refresh_holder = :holder,
    refresh_until = :until
WHERE workspace_id = :workspace_id
  AND id = :id
  AND (refresh_until IS NULL OR refresh_until < :now)

-- name: release_connection_refresh :execute
-- Another holder stays. Locks the row whoever holds it, so that what is read next stays.
UPDATE connections
SET refresh_until = CASE WHEN refresh_holder = :holder THEN NULL ELSE refresh_until END,
    refresh_holder = CASE WHEN refresh_holder = :holder THEN NULL ELSE refresh_holder END
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: disconnect_connection :execute
UPDATE connections
SET disconnected = 1,
    error = :error,
    revision = :revision,
    updated_at = :updated_at
WHERE workspace_id = :workspace_id
  AND id = :id
