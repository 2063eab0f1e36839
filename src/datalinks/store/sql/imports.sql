-- name: put_staged_links :execute
-- takes long
-- Writes the staged pairs in their order and leaves links that are there as they are; says how many pairs it changed.
-- Primary key. Citus counts what it changed only where rows come back, else everything that was staged.
INSERT INTO data_links (instance_no, app_record_id, external_record_id, import_no, export_no)
SELECT :instance_no::integer, app_record_id, external_record_id, import_no, export_no -- postgres
SELECT :instance_no, app_record_id, external_record_id, import_no, export_no -- sqlite
FROM staged_links
WHERE true
ORDER BY app_record_id, external_record_id -- postgres
ORDER BY rowid -- sqlite
ON CONFLICT (instance_no, app_record_id, external_record_id)
DO UPDATE SET
    import_no = coalesce(data_links.import_no, excluded.import_no),
    export_no = coalesce(data_links.export_no, excluded.export_no)
WHERE (data_links.import_no IS NULL AND excluded.import_no IS NOT NULL)
   OR (data_links.export_no IS NULL AND excluded.export_no IS NOT NULL)
RETURNING 1 -- postgres

-- name: compare_staged_links :many
-- takes long
-- The staged pairs that are not there as they are staged, and whether one of their records has another link already.
-- Where links are spread over machines, the staged pairs travel to the instance as the named result of a query: a join with
-- the table of their own would bring the instance's links to them.
WITH s AS MATERIALIZED (SELECT * FROM staged_links)
SELECT s.app_record_id, s.external_record_id,
    EXISTS (
        SELECT 1 FROM data_links AS o
        WHERE o.instance_no = :instance_no
          AND o.app_record_id = s.app_record_id
          AND o.external_record_id <> s.external_record_id
          AND ((s.import_no IS NOT NULL AND o.import_no IS NOT NULL)
            OR (s.export_no IS NOT NULL AND o.export_no IS NOT NULL))
    ) OR EXISTS (
        SELECT 1 FROM data_links AS o
        WHERE o.instance_no = :instance_no
          AND o.external_record_id = s.external_record_id
          AND o.app_record_id <> s.app_record_id
          AND ((s.import_no IS NOT NULL AND o.import_no IS NOT NULL)
            OR (s.export_no IS NOT NULL AND o.export_no IS NOT NULL))
    ) AS displaces
FROM s
WHERE NOT EXISTS (
    SELECT 1 FROM data_links AS e
    WHERE e.instance_no = :instance_no
      AND e.app_record_id = s.app_record_id
      AND e.external_record_id = s.external_record_id
      AND (s.import_no IS NULL OR e.import_no IS NOT NULL)
      AND (s.export_no IS NULL OR e.export_no IS NOT NULL)
)

-- name: find_import :one
-- Primary key.
SELECT *
FROM link_imports
WHERE instance_no = :instance_no
  AND key = :key

-- name: put_import :execute
-- Keeps how far an import has come, if it was where it is said to have been before. Primary key.
INSERT INTO link_imports (
    instance_no, key, done_rows, position, checksum, new_rows, unchanged_rows, repeated_rows, bad_rows,
    finished_at, created_at, updated_at
)
VALUES (
    :instance_no, :key, :done_rows, :position, :checksum, :new_rows, :unchanged_rows, :repeated_rows, :bad_rows,
    :finished_at, :now, :now
)
ON CONFLICT (instance_no, key) DO UPDATE SET
    done_rows = excluded.done_rows,
    position = excluded.position,
    checksum = excluded.checksum,
    new_rows = excluded.new_rows,
    unchanged_rows = excluded.unchanged_rows,
    repeated_rows = excluded.repeated_rows,
    bad_rows = excluded.bad_rows,
    finished_at = excluded.finished_at,
    updated_at = excluded.updated_at
WHERE link_imports.done_rows = :before_rows
  AND link_imports.position = :before_position

-- name: list_pairs :many
-- takes long
-- Pairs of an instance in the order of the primary key, from behind a pair.
SELECT app_record_id, external_record_id, import_no, export_no, import_first_no, export_first_no
FROM data_links
INDEXED BY sqlite_autoindex_data_links_1 -- sqlite
WHERE instance_no = :instance_no
  AND (app_record_id, external_record_id) > (:after_app, :after_external)
ORDER BY app_record_id, external_record_id
LIMIT :limit
