-- name: count_elements :one
-- What is live of a workspace, or of one customer in it; indexes that begin with the workspace, and instances_customer.
SELECT
    (
        SELECT count(*) FROM customers
        WHERE workspace_id = :workspace_id
          AND id = :customer_id -- when :customer_id
          AND archived_at IS NULL
    ) AS customers,
    (
        SELECT count(*) FROM integrations
        WHERE workspace_id = :workspace_id
          AND archived_at IS NULL
    ) AS integrations,
    (
        SELECT count(*) FROM data_link_tables
        WHERE workspace_id = :workspace_id
          AND archived_at IS NULL
    ) AS tables,
    (
        SELECT count(*)
        FROM connections AS c
        JOIN customers AS u ON u.id = c.customer_id
        JOIN integrations AS g ON g.id = c.integration_id
        WHERE c.workspace_id = :workspace_id
          AND c.customer_id = :customer_id -- when :customer_id
          AND c.archived_at IS NULL
          AND u.archived_at IS NULL
          AND g.archived_at IS NULL
    ) AS connections

-- name: list_edges :many
-- Tables with the integrations that they have live instances for, and the links that were counted in them; those with most
-- links first. Index instances_page or instances_customer.
SELECT
    t.id AS table_id,
    t.key AS table_key,
    t.name AS table_name,
    g.id AS integration_id,
    g.key AS integration_key,
    g.name AS integration_name,
    g.properties AS integration_properties,
    count(*) AS instances,
    count(DISTINCT i.connection_id) AS connections,
    CAST(coalesce(sum(k.import_links + k.export_links), 0) AS BIGINT) AS links
FROM data_link_table_instances AS i
JOIN data_link_tables AS t ON t.id = i.table_id
JOIN connections AS c ON c.id = i.connection_id
JOIN customers AS u ON u.id = i.customer_id
JOIN integrations AS g ON g.id = i.integration_id
LEFT JOIN link_counts AS k ON k.instance_no = i.no
WHERE i.workspace_id = :workspace_id
  AND i.customer_id = :customer_id -- when :customer_id
  AND i.archived_at IS NULL
  AND t.archived_at IS NULL
  AND c.archived_at IS NULL
  AND u.archived_at IS NULL
  AND g.archived_at IS NULL
GROUP BY t.id, g.id
ORDER BY links DESC, t.id DESC, g.id DESC
