-- name: search_links :many
-- takes long
-- Pairs whose record on one side is in a range, of the instances that a list names, in the order of instance and record;
-- from a pair on where one is given. No other condition, so that as many rows are read as are answered. A list of numbers,
-- and no join: link rows may be on other machines than their instances. Primary key or index data_links_by_external_record.
SELECT instance_no, app_record_id, external_record_id, import_no, export_no, import_first_no, export_first_no
FROM data_links
INDEXED BY sqlite_autoindex_data_links_1 -- sqlite -- when :is_app
INDEXED BY data_links_by_external_record -- sqlite -- unless :is_app
WHERE instance_no IN (SELECT value FROM json_each('[' || :instance_nos || ']')) -- sqlite
WHERE instance_no = ANY(string_to_array(:instance_nos, ',')::integer[]) -- postgres
  AND app_record_id >= :first -- when :is_app -- unless :after_app
  AND (app_record_id, external_record_id) >= (:after_app, :after_external) -- when :is_app -- when :after_app
  AND app_record_id < :end -- when :is_app -- when :end
  AND external_record_id >= :first -- unless :is_app -- unless :after_app
  AND external_record_id >= :after_external -- unless :is_app -- when :after_app
  AND (external_record_id, app_record_id) >= (:after_external, :after_app) -- unless :is_app -- when :after_app
  AND external_record_id < :end -- unless :is_app -- when :end
ORDER BY instance_no, app_record_id, external_record_id -- when :is_app
ORDER BY instance_no, external_record_id, app_record_id -- unless :is_app
LIMIT :limit
