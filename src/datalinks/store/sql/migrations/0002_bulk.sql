-- What bulk work needs beside the links.

CREATE TABLE link_imports (
    instance_no INTEGER NOT NULL,
    -- Chosen by the caller: sending the same file again goes on where it was.
    key TEXT NOT NULL,
    -- Rows of the file, good and bad, whose links are written; and rows of the stretch that is under way, in its order.
    done_rows BIGINT NOT NULL,
    position BIGINT NOT NULL,
    -- Of the rows that are done, to notice that another file is sent under the same key.
    checksum BIGINT NOT NULL,
    new_rows BIGINT NOT NULL,
    unchanged_rows BIGINT NOT NULL,
    repeated_rows BIGINT NOT NULL,
    bad_rows BIGINT NOT NULL,
    -- When the last row was written; NULL while there are more.
    finished_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (instance_no, key)
);

-- What was counted, so that counting an instance of millions of links need not be repeated at every call.
CREATE TABLE link_counts (
    instance_no INTEGER PRIMARY KEY,
    import_links BIGINT NOT NULL,
    export_links BIGINT NOT NULL,
    counted_at BIGINT NOT NULL
);
