-- What launches flows besides the API: events of the product, and schedules.

CREATE TABLE app_event_types (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    uuid TEXT NOT NULL,
    description TEXT,
    meta TEXT,
    schema TEXT,
    example TEXT,
    subscribe_request TEXT,
    tenant_id_formula TEXT,
    user_id_formula TEXT,
    -- Part of the address that events are sent to: whoever knows it may send them.
    webhook_key TEXT NOT NULL UNIQUE,
    search_text TEXT NOT NULL,
    revision TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    archived_at BIGINT
);
CREATE INDEX app_event_types_page ON app_event_types (workspace_id, id);
CREATE INDEX app_event_types_any_key ON app_event_types (workspace_id, key, id);
CREATE INDEX app_event_types_any_uuid ON app_event_types (workspace_id, uuid, id);
CREATE UNIQUE INDEX app_event_types_key ON app_event_types (workspace_id, key) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX app_event_types_uuid ON app_event_types (workspace_id, uuid) WHERE archived_at IS NULL;

CREATE TABLE app_event_subscriptions (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    app_event_type_id TEXT NOT NULL REFERENCES app_event_types (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    -- '' where the caller names no instance key, so that the pair stays unique.
    instance_key TEXT NOT NULL,
    webhook_key TEXT NOT NULL UNIQUE,
    is_subscribed INTEGER NOT NULL,
    -- What the product was asked and has answered, and why it could not be asked.
    request TEXT,
    response TEXT,
    errors TEXT,
    revision TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    archived_at BIGINT,
    UNIQUE (app_event_type_id, customer_id, instance_key)
);
CREATE INDEX app_event_subscriptions_page ON app_event_subscriptions (workspace_id, id);
CREATE INDEX app_event_subscriptions_type ON app_event_subscriptions (workspace_id, app_event_type_id, id);
CREATE INDEX app_event_subscriptions_customer ON app_event_subscriptions (workspace_id, customer_id, id);

-- Events that were accepted, for as long as the setting app_event_days says.
CREATE TABLE app_events (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    app_event_type_id TEXT NOT NULL,
    app_event_subscription_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    -- JSON whose keys keep their order.
    event TEXT NOT NULL,
    launched_flow_run_ids TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX app_events_page ON app_events (workspace_id, id);
CREATE INDEX app_events_type ON app_events (workspace_id, app_event_type_id, id);
CREATE INDEX app_events_subscription ON app_events (workspace_id, app_event_subscription_id, id);
CREATE INDEX app_events_customer ON app_events (workspace_id, customer_id, id);
CREATE INDEX app_events_time ON app_events (received_at);

-- When flow instances with schedule nodes are to run.
CREATE TABLE schedules (
    flow_instance_id TEXT PRIMARY KEY REFERENCES flow_instances (id),
    -- The revisions of instance and flow that the times were made for.
    seen TEXT NOT NULL,
    -- JSON: interval and next time of each schedule node. Whoever changes it names what it was before.
    times TEXT NOT NULL,
    -- The earliest of them; NULL where there is none.
    next_at BIGINT
);
CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL;
-- Flows and instances that may have schedule nodes: those whose nodes have the word.
CREATE INDEX flows_scheduled ON flows (id) WHERE instr(nodes, '"schedule-trigger"') > 0; -- sqlite
CREATE INDEX flows_scheduled ON flows (id) WHERE strpos(nodes, '"schedule-trigger"') > 0; -- postgres
CREATE INDEX flow_instances_scheduled ON flow_instances (id) WHERE instr(nodes, '"schedule-trigger"') > 0; -- sqlite
CREATE INDEX flow_instances_scheduled ON flow_instances (id) WHERE strpos(nodes, '"schedule-trigger"') > 0; -- postgres
