-- Answers to requests that came with an Idempotency-Key: sending one again repeats the answer, not the work.

CREATE TABLE idempotent_answers (
    workspace_id TEXT NOT NULL REFERENCES workspaces (id),
    -- Whose key it is, as callers choose keys without knowing of one another.
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Encrypted: a request may bring credentials, which a plain hash of it would help to guess.
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    -- A JSON array of pairs of name and value.
    headers TEXT NOT NULL,
    body BLOB NOT NULL, -- sqlite
    body BYTEA NOT NULL, -- postgres
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, scope, key)
);
CREATE INDEX idempotent_answers_expiry ON idempotent_answers (expires_at);
