-- name: insert_flow :execute
INSERT INTO flows (
    id, workspace_id, integration_id, universal_flow_id, universal_flow_revision, key, name, uuid, description, meta,
    nodes, parameters_schema, auto_create_instances, errors, search_text, revision, created_at, updated_at, archived_at
)
VALUES (
    :id, :workspace_id, :integration_id, :universal_flow_id, :universal_flow_revision, :key, :name, :uuid,
    :description, :meta, :nodes, :parameters_schema, :auto_create_instances, :errors, :search_text, :revision,
    :created_at, :updated_at, :archived_at
)

-- name: list_flows :many
-- Newest first, each with its integration and the universal flow that it follows. Indexes flows_page,
-- flows_integration, flows_universal, flows_any_key, flows_any_uuid, by what is given.
SELECT
    f.*,
    p.name AS universal_name,
    p.description AS universal_description,
    p.meta AS universal_meta,
    p.nodes AS universal_nodes,
    p.parameters_schema AS universal_parameters_schema,
    p.auto_create_instances AS universal_auto_create_instances,
    g.key AS integration_key,
    g.name AS integration_name,
    g.properties AS integration_properties
FROM flows AS f
LEFT JOIN flows AS p ON p.id = f.universal_flow_id
LEFT JOIN integrations AS g ON g.id = f.integration_id
WHERE f.workspace_id = :workspace_id
  AND f.id = :id -- when :id
  AND f.key = :key -- when :key
  AND f.uuid = :uuid -- when :uuid
  AND f.integration_id IS NULL -- when :is_universal
  AND f.integration_id IS NOT NULL -- when :is_integration_level
  AND f.integration_id = :integration_id -- when :integration_id
  AND f.universal_flow_id = :universal_flow_id -- when :universal_flow_id
  AND f.auto_create_instances = 1 -- when :is_automatic
  AND f.archived_at IS NULL -- when :live
  AND p.archived_at IS NULL -- when :live
  AND g.archived_at IS NULL -- when :live
  AND f.search_text LIKE :search ESCAPE '!' -- when :search
  AND f.id < :after -- when :after
ORDER BY f.id DESC
LIMIT :limit

-- name: list_applied_flows :many
-- together by universal_flow_id
-- The live flows of integrations that follow a universal one, oldest first. Index flows_applied.
SELECT
    f.id, f.key, f.name, f.integration_id, f.universal_flow_id, f.revision,
    g.key AS integration_key,
    g.name AS integration_name,
    g.properties AS integration_properties
FROM flows AS f
JOIN integrations AS g ON g.id = f.integration_id
WHERE f.universal_flow_id = :universal_flow_id -- one
WHERE f.universal_flow_id = ANY(:universal_flow_id::text[]) -- postgres -- many
WHERE f.universal_flow_id IN (SELECT value FROM json_each(:universal_flow_id)) -- sqlite -- many
  AND f.archived_at IS NULL
  AND g.archived_at IS NULL
ORDER BY f.id

-- name: update_flow :execute
-- Whose flow it is never changes.
UPDATE flows
SET universal_flow_revision = :universal_flow_revision,
    key = :key,
    name = :name,
    uuid = :uuid,
    description = :description,
    meta = :meta,
    nodes = :nodes,
    parameters_schema = :parameters_schema,
    auto_create_instances = :auto_create_instances,
    errors = :errors,
    search_text = :search_text,
    revision = :revision,
    updated_at = :updated_at,
    archived_at = :archived_at
WHERE workspace_id = :workspace_id
  AND id = :id
