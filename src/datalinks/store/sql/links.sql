-- name: put_link :one
-- together by app_record_id, external_record_id with import_no, export_no -- postgres
-- Writes a pair's links or writes them again: the numbers in their ids stay those of their first writes. A number that is
-- NULL leaves that direction as it is. Many are written in the order of the key, so that two such statements never wait
-- for each other. Primary key.
INSERT INTO data_links (instance_no, app_record_id, external_record_id, import_no, export_no)
VALUES (:instance_no, :app_record_id, :external_record_id, :import_no, :export_no) -- one
SELECT :instance_no::integer, app_record_id, external_record_id, import_no, export_no -- many
FROM unnest(:app_record_id::text[], :external_record_id::text[], :import_no::bigint[], :export_no::bigint[]) -- many
    AS k (app_record_id, external_record_id, import_no, export_no) -- many
ORDER BY app_record_id COLLATE "C", external_record_id COLLATE "C" -- many
ON CONFLICT (instance_no, app_record_id, external_record_id)
DO UPDATE SET
    import_first_no = CASE
        WHEN excluded.import_no IS NULL THEN data_links.import_first_no
        ELSE coalesce(data_links.import_first_no, data_links.import_no)
    END,
    import_no = coalesce(excluded.import_no, data_links.import_no),
    export_first_no = CASE
        WHEN excluded.export_no IS NULL THEN data_links.export_first_no
        ELSE coalesce(data_links.export_first_no, data_links.export_no)
    END,
    export_no = coalesce(excluded.export_no, data_links.export_no)
RETURNING app_record_id, external_record_id, import_no, export_no, import_first_no, export_first_no

-- name: list_links :many
-- A page of an instance in one direction, newest first; index data_links_import or data_links_export. SQLite is told which
-- index to take, as without statistics it takes one that reads the whole instance.
SELECT
    app_record_id, external_record_id,
    import_no AS no, import_first_no AS first_no -- when :is_import
    export_no AS no, export_first_no AS first_no -- when :is_export
FROM data_links
INDEXED BY data_links_import -- sqlite -- when :is_import
INDEXED BY data_links_export -- sqlite -- when :is_export
WHERE instance_no = :instance_no
  AND import_no < :before -- when :is_import
  AND export_no < :before -- when :is_export
ORDER BY no DESC
LIMIT :limit

-- name: list_links_of_record :many
-- A page of the links of a record, or of a pair, in one direction, newest first; primary key or index
-- data_links_by_external_record. Sorts all that the record has: links_of_app_record is the usual way.
SELECT
    app_record_id, external_record_id,
    import_no AS no, import_first_no AS first_no -- when :is_import
    export_no AS no, export_first_no AS first_no -- when :is_export
FROM data_links
INDEXED BY sqlite_autoindex_data_links_1 -- sqlite -- when :app_record_id
INDEXED BY data_links_by_external_record -- sqlite -- unless :app_record_id
WHERE instance_no = :instance_no
  AND app_record_id = :app_record_id -- when :app_record_id
  AND external_record_id = :external_record_id -- when :external_record_id
  AND import_no < :before -- when :is_import
  AND export_no < :before -- when :is_export
ORDER BY no DESC
LIMIT :limit

-- name: links_of_app_record :many
-- together by app_record_id
-- The links of an app record in no order, as many as :most pairs of each. Primary key.
SELECT l.app_record_id, l.external_record_id, l.import_no, l.export_no, l.import_first_no, l.export_first_no
FROM data_links AS l -- one
INDEXED BY sqlite_autoindex_data_links_1 -- sqlite -- one
WHERE l.instance_no = :instance_no -- one
  AND l.app_record_id = :app_record_id -- one
FROM json_each(:app_record_id) AS k CROSS JOIN data_links AS l -- sqlite -- many
WHERE l.rowid IN ( -- sqlite -- many
    SELECT rowid FROM data_links INDEXED BY sqlite_autoindex_data_links_1 -- sqlite -- many
    WHERE instance_no = :instance_no AND app_record_id = k.value -- sqlite -- many
    LIMIT :most -- sqlite -- many
) -- sqlite -- many
FROM unnest(:app_record_id::text[]) AS k (record_id) CROSS JOIN LATERAL ( -- postgres -- many
    SELECT * FROM data_links -- postgres -- many
    WHERE instance_no = :instance_no AND app_record_id = k.record_id -- postgres -- many
    LIMIT :most -- postgres -- many
) AS l -- postgres -- many
LIMIT :most -- one

-- name: links_of_external_record :many
-- together by external_record_id
-- The links of an external record in no order, as many as :most pairs of each. Index
-- data_links_by_external_record.
SELECT l.app_record_id, l.external_record_id, l.import_no, l.export_no, l.import_first_no, l.export_first_no
FROM data_links AS l -- one
INDEXED BY data_links_by_external_record -- sqlite -- one
WHERE l.instance_no = :instance_no -- one
  AND l.external_record_id = :external_record_id -- one
FROM json_each(:external_record_id) AS k CROSS JOIN data_links AS l -- sqlite -- many
WHERE l.rowid IN ( -- sqlite -- many
    SELECT rowid FROM data_links INDEXED BY data_links_by_external_record -- sqlite -- many
    WHERE instance_no = :instance_no AND external_record_id = k.value -- sqlite -- many
    LIMIT :most -- sqlite -- many
) -- sqlite -- many
FROM unnest(:external_record_id::text[]) AS k (record_id) CROSS JOIN LATERAL ( -- postgres -- many
    SELECT * FROM data_links -- postgres -- many
    WHERE instance_no = :instance_no AND external_record_id = k.record_id -- postgres -- many
    LIMIT :most -- postgres -- many
) AS l -- postgres -- many
LIMIT :most -- one

-- name: find_link :one
-- The link with this number in its id, which is that of its only write or of its first; index data_links_import,
-- data_links_export, data_links_import_first or data_links_export_first.
SELECT app_record_id, external_record_id, import_no, export_no, import_first_no, export_first_no
FROM data_links
WHERE instance_no = :instance_no
  AND import_no = :no AND import_first_no IS NULL -- when :is_import -- when :no
  AND export_no = :no AND export_first_no IS NULL -- when :is_export -- when :no
  AND import_first_no = :first_no -- when :is_import -- when :first_no
  AND export_first_no = :first_no -- when :is_export -- when :first_no

-- name: delete_pair :one
-- together by app_record_id, external_record_id -- postgres
-- Both links of a pair; primary key. Says which there were. Many are deleted in the order of the key, as they are written.
DELETE FROM data_links
USING ( -- many
    SELECT app_record_id, external_record_id -- many
    FROM unnest(:app_record_id::text[], :external_record_id::text[]) AS u (app_record_id, external_record_id) -- many
    ORDER BY app_record_id COLLATE "C", external_record_id COLLATE "C" -- many
) AS k -- many
WHERE instance_no = :instance_no
  AND data_links.app_record_id = :app_record_id -- one
  AND data_links.external_record_id = :external_record_id -- one
  AND data_links.app_record_id = k.app_record_id -- many
  AND data_links.external_record_id = k.external_record_id -- many
RETURNING data_links.app_record_id, data_links.external_record_id, import_no, export_no

-- name: clear_link :one
-- together by app_record_id, external_record_id -- postgres
-- Takes one link from its pair: the one of this pair (primary key), or the one with this number in its id. What is left of
-- the pair may be empty then: delete_empty_pair.
UPDATE data_links
SET import_no = NULL, import_first_no = NULL -- when :is_import
SET export_no = NULL, export_first_no = NULL -- when :is_export
FROM ( -- many
    SELECT app_record_id, external_record_id -- many
    FROM unnest(:app_record_id::text[], :external_record_id::text[]) AS u (app_record_id, external_record_id) -- many
    ORDER BY app_record_id COLLATE "C", external_record_id COLLATE "C" -- many
) AS k -- many
WHERE instance_no = :instance_no
  AND data_links.app_record_id = :app_record_id -- when :app_record_id -- one
  AND data_links.external_record_id = :external_record_id -- when :external_record_id -- one
  AND data_links.app_record_id = k.app_record_id -- many
  AND data_links.external_record_id = k.external_record_id -- many
  AND import_no IS NOT NULL -- when :is_import
  AND export_no IS NOT NULL -- when :is_export
  AND import_no = :no AND import_first_no IS NULL -- when :is_import -- when :no
  AND export_no = :no AND export_first_no IS NULL -- when :is_export -- when :no
  AND import_first_no = :first_no -- when :is_import -- when :first_no
  AND export_first_no = :first_no -- when :is_export -- when :first_no
RETURNING data_links.app_record_id, data_links.external_record_id

-- name: delete_empty_pair :execute
-- together by app_record_id, external_record_id -- postgres
-- Primary key.
DELETE FROM data_links
USING ( -- many
    SELECT app_record_id, external_record_id -- many
    FROM unnest(:app_record_id::text[], :external_record_id::text[]) AS u (app_record_id, external_record_id) -- many
    ORDER BY app_record_id COLLATE "C", external_record_id COLLATE "C" -- many
) AS k -- many
WHERE instance_no = :instance_no
  AND data_links.app_record_id = :app_record_id -- one
  AND data_links.external_record_id = :external_record_id -- one
  AND data_links.app_record_id = k.app_record_id -- many
  AND data_links.external_record_id = k.external_record_id -- many
  AND import_no IS NULL
  AND export_no IS NULL
