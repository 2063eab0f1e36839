-- name: insert_flow_instance :execute
-- Many callers may create one instance at once: the first row stays and all of them find it.
INSERT INTO flow_instances (
    id, workspace_id, flow_id, root_flow_id, connection_id, customer_id, integration_id, instance_key, enabled,
    flow_revision, revision, created_at, updated_at
)
VALUES (
    :id, :workspace_id, :flow_id, :root_flow_id, :connection_id, :customer_id, :integration_id, :instance_key, :enabled,
    :flow_revision, :revision, :created_at, :updated_at
)
ON CONFLICT (root_flow_id, connection_id, instance_key) DO NOTHING

-- name: find_flow_instance_id :one
-- The way from a flow, a connection and an instance key to the instance; unique index.
SELECT id
FROM flow_instances
WHERE root_flow_id = :root_flow_id
  AND connection_id = :connection_id
  AND instance_key = :instance_key

-- name: list_flow_instances :many
-- Newest first, with all that stands around an instance. Indexes flow_instances_page, flow_instances_root,
-- flow_instances_flow, flow_instances_connection, flow_instances_customer, flow_instances_integration, by what is given.
SELECT
    i.*,
    f.key AS flow_key,
    f.name AS flow_name,
    f.nodes AS flow_nodes,
    f.parameters_schema AS flow_parameters_schema,
    f.errors AS flow_errors,
    f.integration_id AS flow_integration_id,
    f.universal_flow_id AS flow_universal_flow_id,
    f.revision AS latest_flow_revision,
    COALESCE(f.archived_at, p.archived_at) AS flow_archived_at,
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
FROM flow_instances AS i
JOIN flows AS f ON f.id = i.flow_id
LEFT JOIN flows AS p ON p.id = f.universal_flow_id
JOIN connections AS c ON c.id = i.connection_id
JOIN customers AS u ON u.id = i.customer_id
JOIN integrations AS g ON g.id = i.integration_id
WHERE i.workspace_id = :workspace_id
  AND i.id = :id -- when :id
  AND i.flow_id = :flow_id -- when :flow_id
  AND i.root_flow_id = :root_flow_id -- when :root_flow_id
  AND f.key = :flow_key -- when :flow_key
  AND i.connection_id = :connection_id -- when :connection_id
  AND c.key = :connection_key -- when :connection_key
  AND i.customer_id = :customer_id -- when :customer_id
  AND i.integration_id = :integration_id -- when :integration_id
  AND i.instance_key = :instance_key -- when :instance_key
  AND i.enabled = :enabled -- when :enabled
  AND i.archived_at IS NULL -- when :live
  AND f.archived_at IS NULL -- when :live
  AND p.archived_at IS NULL -- when :live
  AND c.archived_at IS NULL -- when :live
  AND u.archived_at IS NULL -- when :live
  AND g.archived_at IS NULL -- when :live
  AND COALESCE(i.search_text, f.search_text) LIKE :search ESCAPE '!' -- when :search
  AND i.id < :after -- when :after
ORDER BY i.id DESC
LIMIT :limit

-- name: update_flow_instance :execute
-- Whose instance it is never changes.
UPDATE flow_instances
SET name = :name,
    nodes = :nodes,
    base_nodes = :base_nodes,
    parameters = :parameters,
    enabled = :enabled,
    errors = :errors,
    setup_errors = :setup_errors,
    dependencies = :dependencies,
    flow_revision = :flow_revision,
    search_text = :search_text,
    revision = :revision,
    updated_at = :updated_at,
    archived_at = :archived_at
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: set_setup :execute
UPDATE flow_instances
SET dependencies = :dependencies,
    setup_errors = :setup_errors
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: move_flow_instances :execute
-- The instances of a universal flow for an integration's connections now follow the integration's own flow. Index
-- flow_instances_integration.
UPDATE flow_instances
SET flow_id = :flow_id
WHERE workspace_id = :workspace_id
  AND root_flow_id = :root_flow_id
  AND integration_id = :integration_id
