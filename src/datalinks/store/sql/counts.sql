-- name: list_counts :many
-- What was counted of live instances, of all, those of a table or one; those that were counted longest ago first.
-- Index instances_page, instances_table, instances_customer or unique index of the number.
SELECT i.no, i.table_id, k.import_links, k.export_links, k.counted_at
FROM data_link_table_instances AS i
JOIN data_link_tables AS t ON t.id = i.table_id
JOIN connections AS c ON c.id = i.connection_id
JOIN customers AS u ON u.id = i.customer_id
JOIN integrations AS g ON g.id = i.integration_id
LEFT JOIN link_counts AS k ON k.instance_no = i.no
WHERE i.workspace_id = :workspace_id
  AND i.table_id = :table_id -- when :table_id
  AND i.no = :no -- when :no
  AND i.customer_id = :customer_id -- when :customer_id
  AND i.archived_at IS NULL
  AND t.archived_at IS NULL
  AND c.archived_at IS NULL
  AND u.archived_at IS NULL
  AND g.archived_at IS NULL
ORDER BY coalesce(k.counted_at, 0)

-- name: find_count :one
-- together by id
-- What was counted of instances by their ids; index of the id.
SELECT i.id, i.no, i.table_id, k.import_links, k.export_links, k.counted_at
FROM data_link_table_instances AS i
LEFT JOIN link_counts AS k ON k.instance_no = i.no
WHERE i.id = :id -- one
WHERE i.id = ANY(:id::text[]) -- postgres -- many
WHERE i.id IN (SELECT value FROM json_each(:id)) -- sqlite -- many

-- name: count_links :one
-- takes long
-- Reads the whole instance, in its smallest indexes.
SELECT
    (SELECT count(*) FROM data_links WHERE instance_no = :instance_no AND import_no IS NOT NULL) AS import_links,
    (SELECT count(*) FROM data_links WHERE instance_no = :instance_no AND export_no IS NOT NULL) AS export_links

-- name: put_count :execute
-- Primary key.
INSERT INTO link_counts (instance_no, import_links, export_links, counted_at)
VALUES (:instance_no, :import_links, :export_links, :counted_at)
ON CONFLICT (instance_no) DO UPDATE SET
    import_links = excluded.import_links,
    export_links = excluded.export_links,
    counted_at = excluded.counted_at
