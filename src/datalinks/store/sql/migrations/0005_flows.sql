-- Flows, and their instances for connections. Nodes are JSON whose keys keep their order, as formulas depend on it.

CREATE TABLE flows (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    -- NULL for a universal flow.
    integration_id TEXT REFERENCES integrations (id),
    -- The flow that an integration's follows; NULL if it follows none.
    universal_flow_id TEXT REFERENCES flows (id),
    universal_flow_revision TEXT,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    uuid TEXT NOT NULL,
    description TEXT,
    meta TEXT,
    nodes TEXT NOT NULL,
    parameters_schema TEXT,
    auto_create_instances INTEGER NOT NULL,
    -- What is wrong with the nodes; NULL if nothing is.
    errors TEXT,
    search_text TEXT NOT NULL,
    revision TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    archived_at BIGINT
);
CREATE INDEX flows_page ON flows (workspace_id, id);
CREATE INDEX flows_integration ON flows (workspace_id, integration_id, id);
CREATE INDEX flows_universal ON flows (workspace_id, universal_flow_id, id);
CREATE INDEX flows_any_key ON flows (workspace_id, key, id);
CREATE INDEX flows_any_uuid ON flows (workspace_id, uuid, id);
-- Live flows of one layer have keys of their own, and an integration has one live flow from each universal one.
CREATE UNIQUE INDEX flows_universal_key ON flows (workspace_id, key)
    WHERE archived_at IS NULL AND integration_id IS NULL;
CREATE UNIQUE INDEX flows_integration_key ON flows (workspace_id, integration_id, key)
    WHERE archived_at IS NULL AND integration_id IS NOT NULL;
CREATE UNIQUE INDEX flows_uuid ON flows (workspace_id, uuid) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX flows_applied ON flows (universal_flow_id, integration_id)
    WHERE archived_at IS NULL AND universal_flow_id IS NOT NULL;

CREATE TABLE flow_instances (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    flow_id TEXT NOT NULL REFERENCES flows (id),
    -- The universal flow of its flow, or that flow itself: stays the same when an integration gets a flow of its own.
    root_flow_id TEXT NOT NULL REFERENCES flows (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    integration_id TEXT NOT NULL REFERENCES integrations (id),
    -- '' where the caller names no instance key, so that the pair stays unique.
    instance_key TEXT NOT NULL,
    -- NULL while they follow the flow; base_nodes are the flow's that the own ones were made from.
    name TEXT,
    nodes TEXT,
    base_nodes TEXT,
    parameters TEXT,
    enabled INTEGER NOT NULL,
    -- What is wrong with the own nodes, what could not be set up, and what was.
    errors TEXT,
    setup_errors TEXT,
    dependencies TEXT,
    -- The flow's when the instance was last set up.
    flow_revision TEXT NOT NULL,
    -- Of the own name; NULL while there is none.
    search_text TEXT,
    revision TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    archived_at BIGINT,
    -- Archived instances count too, as those of data link tables do.
    UNIQUE (root_flow_id, connection_id, instance_key)
);
CREATE INDEX flow_instances_page ON flow_instances (workspace_id, id);
CREATE INDEX flow_instances_root ON flow_instances (workspace_id, root_flow_id, id);
CREATE INDEX flow_instances_flow ON flow_instances (workspace_id, flow_id, id);
CREATE INDEX flow_instances_connection ON flow_instances (workspace_id, connection_id, id);
CREATE INDEX flow_instances_customer ON flow_instances (workspace_id, customer_id, id);
CREATE INDEX flow_instances_integration ON flow_instances (workspace_id, integration_id, id);
