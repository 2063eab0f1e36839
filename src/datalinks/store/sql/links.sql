-- name: put_link :one
-- Writes a link or writes it again: the number stays that of the first write. Unique index data_links_by_app_record.
INSERT INTO data_links (instance_no, link_no, direction, app_record_id, external_record_id, written_at)
VALUES (:instance_no, :link_no, :direction, :app_record_id, :external_record_id, :written_at)
ON CONFLICT (instance_no, app_record_id, direction, external_record_id)
DO UPDATE SET written_at = excluded.written_at
RETURNING link_no, direction, app_record_id, external_record_id, written_at

-- name: list_links :many
-- A page of an instance in one direction, newest first; index data_links_page. These three queries ask for one direction
-- at a time, as an order can be indexed for each alone; SQLite is told which index to take, as without statistics it takes
-- one that reads the whole instance.
SELECT link_no, direction, app_record_id, external_record_id, written_at
FROM data_links
INDEXED BY data_links_page -- sqlite
WHERE instance_no = :instance_no
  AND direction = :direction
  AND (written_at, link_no) < (:after_written_at, :after_link_no) -- when :after_link_no
ORDER BY written_at DESC, link_no DESC
LIMIT :limit

-- name: list_links_of_app_record :many
-- The links of an app record, newest first; index data_links_by_app_record.
SELECT link_no, direction, app_record_id, external_record_id, written_at
FROM data_links
INDEXED BY data_links_by_app_record -- sqlite
WHERE instance_no = :instance_no
  AND app_record_id = :app_record_id
  AND direction = :direction
  AND external_record_id = :external_record_id -- when :external_record_id
  AND (written_at, link_no) < (:after_written_at, :after_link_no) -- when :after_link_no
ORDER BY written_at DESC, link_no DESC
LIMIT :limit

-- name: list_links_of_external_record :many
-- The links of an external record, newest first; index data_links_by_external_record.
SELECT link_no, direction, app_record_id, external_record_id, written_at
FROM data_links
INDEXED BY data_links_by_external_record -- sqlite
WHERE instance_no = :instance_no
  AND external_record_id = :external_record_id
  AND direction = :direction
  AND (written_at, link_no) < (:after_written_at, :after_link_no) -- when :after_link_no
ORDER BY written_at DESC, link_no DESC
LIMIT :limit

-- name: delete_link :execute
-- Exactly this pair in this direction; unique index data_links_by_app_record.
DELETE FROM data_links
WHERE instance_no = :instance_no
  AND app_record_id = :app_record_id
  AND direction = :direction
  AND external_record_id = :external_record_id

-- name: delete_link_no :execute
-- One link by its number; primary key.
DELETE FROM data_links
WHERE instance_no = :instance_no
  AND link_no = :link_no
