-- Runs of flows, and what came of each node: all that a worker needs to go on where another stopped.

CREATE TABLE flow_runs (
    id TEXT PRIMARY KEY,
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    integration_id TEXT NOT NULL REFERENCES integrations (id),
    flow_instance_id TEXT NOT NULL,
    flow_id TEXT NOT NULL,
    universal_flow_id TEXT,
    name TEXT,
    start_node_key TEXT NOT NULL,
    -- JSON: a list, each member the input of one run of the first node.
    input TEXT NOT NULL,
    -- JSON: the nodes as they were when the run was launched, and what else its formulas see.
    nodes TEXT NOT NULL,
    variables TEXT NOT NULL,
    launched_by TEXT,
    meta TEXT,
    state TEXT NOT NULL,
    -- JSON: how each node is doing, and what went wrong.
    counts TEXT NOT NULL,
    errors TEXT NOT NULL,
    -- When it may be claimed. While a worker has it: until when.
    due_at BIGINT NOT NULL,
    -- Of the worker that has it; whoever keeps something of a run must still have it.
    lease TEXT,
    -- Which of its connection's places it takes while a worker has it.
    place INTEGER,
    -- How often it was claimed since something of it was kept: a run that ends every worker is given up at last.
    claims INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX flow_runs_page ON flow_runs (workspace_id, id);
CREATE INDEX flow_runs_instance ON flow_runs (workspace_id, flow_instance_id, id);
CREATE INDEX flow_runs_customer ON flow_runs (workspace_id, customer_id, id);
CREATE INDEX flow_runs_connection ON flow_runs (workspace_id, connection_id, id);
-- The queue of each connection; the runs that workers have; those that have ended, by which old ones are found.
CREATE INDEX flow_runs_queue ON flow_runs (connection_id, id) WHERE ended_at IS NULL AND place IS NULL;
CREATE INDEX flow_runs_leases ON flow_runs (due_at, id) WHERE place IS NOT NULL;
CREATE INDEX flow_runs_ended ON flow_runs (ended_at) WHERE ended_at IS NOT NULL;
-- No more runs of a connection at a time than it has places, whoever claims them.
CREATE UNIQUE INDEX flow_runs_places ON flow_runs (connection_id, place) WHERE place IS NOT NULL;

CREATE TABLE node_runs (
    run_id TEXT NOT NULL REFERENCES flow_runs (id),
    no INTEGER NOT NULL,
    node_key TEXT NOT NULL,
    status TEXT NOT NULL,
    -- JSON, but for the numbers of the node run and its output behind which this one runs. The input of a node run inside of
    -- a for-each leaves out what the for-each itself got, which would stand here once for each of its items.
    input TEXT NOT NULL,
    origin_no INTEGER,
    origin_output INTEGER,
    scope TEXT NOT NULL,
    outputs TEXT NOT NULL,
    logs TEXT NOT NULL,
    errors TEXT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (run_id, no)
);
CREATE INDEX node_runs_node ON node_runs (run_id, node_key, no);
CREATE INDEX node_runs_origin ON node_runs (run_id, origin_no);
