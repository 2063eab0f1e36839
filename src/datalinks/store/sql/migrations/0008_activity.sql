-- What was done with links, hour by hour: of each customer and, with '' for the customer, of the whole workspace, so that
-- either is a few rows to read. Kept for 8 days.
CREATE TABLE activity (
    workspace_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    -- When it begins.
    hour BIGINT NOT NULL,
    links_written BIGINT NOT NULL,
    links_deleted BIGINT NOT NULL,
    finds_hit BIGINT NOT NULL,
    finds_missed BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, customer_id, hour)
);
CREATE INDEX activity_hour ON activity (hour);
