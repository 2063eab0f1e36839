-- name: insert_instance :execute
-- Many callers may create one instance at once: the first row stays and all of them find it.
INSERT INTO data_link_table_instances (
    id, workspace_id, table_id, connection_id, customer_id, integration_id, instance_key,
    revision, created_at, updated_at
)
VALUES (
    :id, :workspace_id, :table_id, :connection_id, :customer_id, :integration_id, :instance_key,
    :revision, :created_at, :updated_at
)
ON CONFLICT (table_id, connection_id, instance_key) DO NOTHING

-- name: find_instance_no :one
-- The way of a lookup from table, connection and instance key to the number in its link rows.
SELECT id, no, archived_at
FROM data_link_table_instances
WHERE table_id = :table_id
  AND connection_id = :connection_id
  AND instance_key = :instance_key

-- name: find_visible_instance_no :one
-- The usual way of a link request in one step: an instance by its table and connection, while nothing hides it.
-- Index instances_connection.
SELECT i.id, i.no
FROM data_link_table_instances AS i
JOIN data_link_tables AS t ON t.id = i.table_id
JOIN connections AS c ON c.id = i.connection_id
JOIN customers AS u ON u.id = i.customer_id
JOIN integrations AS g ON g.id = i.integration_id
WHERE i.workspace_id = :workspace_id
  AND i.connection_id = :connection_id
  AND i.instance_key = :instance_key
  AND i.table_id = :table_id -- when :table_id
  AND t.key = :table_key -- when :table_key
  AND c.customer_id = :customer_id -- when :customer_id
  AND i.archived_at IS NULL
  AND t.archived_at IS NULL
  AND c.archived_at IS NULL
  AND u.archived_at IS NULL
  AND g.archived_at IS NULL

-- name: list_instances :many
-- Newest first, with all that stands around an instance. Indexes instances_page, instances_table,
-- instances_connection, instances_customer, instances_integration, by what is given; primary key for numbers, which
-- SQLite is told as it would read the workspace.
SELECT
    i.*,
    t.key AS table_key,
    t.name AS table_name,
    t.archived_at AS table_archived_at,
    c.name AS connection_name,
    c.disconnected AS connection_disconnected,
    c.created_at AS connection_created_at,
    c.updated_at AS connection_updated_at,
    c.archived_at AS connection_archived_at,
    u.name AS customer_name,
    u.internal_id AS customer_internal_id,
    u.archived_at AS customer_archived_at,
    g.key AS integration_key,
    g.name AS integration_name,
    g.properties AS integration_properties,
    g.archived_at AS integration_archived_at
FROM data_link_table_instances AS i
NOT INDEXED -- sqlite -- when :nos
JOIN data_link_tables AS t ON t.id = i.table_id
JOIN connections AS c ON c.id = i.connection_id
JOIN customers AS u ON u.id = i.customer_id
JOIN integrations AS g ON g.id = i.integration_id
WHERE i.workspace_id = :workspace_id
  AND i.id = :id -- when :id
  AND i.no = :no -- when :no
  AND i.no IN (SELECT value FROM json_each('[' || :nos || ']')) -- when :nos -- sqlite
  AND i.no = ANY(string_to_array(:nos, ',')::integer[]) -- when :nos -- postgres
  AND i.table_id = :table_id -- when :table_id
  AND i.table_id = ( -- when :table_key
    SELECT id FROM data_link_tables -- when :table_key
    WHERE workspace_id = :workspace_id AND key = :table_key -- when :table_key
    ORDER BY archived_at IS NOT NULL, id DESC LIMIT 1 -- when :table_key
  ) -- when :table_key
  AND i.connection_id = :connection_id -- when :connection_id
  AND c.key = :connection_key -- when :connection_key
  AND i.customer_id = :customer_id -- when :customer_id
  AND i.integration_id = :integration_id -- when :integration_id
  AND i.integration_id = ( -- when :integration_key
    SELECT id FROM integrations -- when :integration_key
    WHERE workspace_id = :workspace_id AND key = :integration_key -- when :integration_key
    ORDER BY archived_at IS NOT NULL, id DESC LIMIT 1 -- when :integration_key
  ) -- when :integration_key
  AND i.instance_key = :instance_key -- when :instance_key
  AND i.archived_at IS NULL -- when :live
  AND t.archived_at IS NULL -- when :live
  AND c.archived_at IS NULL -- when :live
  AND u.archived_at IS NULL -- when :live
  AND g.archived_at IS NULL -- when :live
  AND t.search_text LIKE :search ESCAPE '!' -- when :search
  AND i.id < :after -- when :after
ORDER BY i.id DESC
LIMIT :limit

-- name: list_live_instance_nos :many
-- The numbers of all instances that nothing hides, in their order. Index instances_page or instances_customer.
SELECT i.no
FROM data_link_table_instances AS i
JOIN data_link_tables AS t ON t.id = i.table_id
JOIN connections AS c ON c.id = i.connection_id
JOIN customers AS u ON u.id = i.customer_id
JOIN integrations AS g ON g.id = i.integration_id
WHERE i.workspace_id = :workspace_id
  AND i.customer_id = :customer_id -- when :customer_id
  AND i.archived_at IS NULL
  AND t.archived_at IS NULL
  AND c.archived_at IS NULL
  AND u.archived_at IS NULL
  AND g.archived_at IS NULL
ORDER BY i.no

-- name: archive_instance :execute
-- Archives with a time, restores with NULL.
UPDATE data_link_table_instances
SET archived_at = :archived_at,
    revision = :revision,
    updated_at = :updated_at
WHERE workspace_id = :workspace_id
  AND id = :id
