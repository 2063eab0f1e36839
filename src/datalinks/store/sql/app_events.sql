-- name: insert_app_event_type :execute
INSERT INTO app_event_types (
    id, workspace_id, key, name, uuid, description, meta, schema, example, subscribe_request, tenant_id_formula,
    user_id_formula, webhook_key, search_text, revision, created_at, updated_at, archived_at
)
VALUES (
    :id, :workspace_id, :key, :name, :uuid, :description, :meta, :schema, :example, :subscribe_request,
    :tenant_id_formula, :user_id_formula, :webhook_key, :search_text, :revision, :created_at, :updated_at, :archived_at
)

-- name: find_app_event_type :one
-- By id (primary key), key or uuid; of several with one key the live one, else the newest.
SELECT *
FROM app_event_types
WHERE workspace_id = :workspace_id
  AND id = :id -- when :id
  AND key = :key -- when :key
  AND uuid = :uuid -- when :uuid
ORDER BY archived_at IS NOT NULL, id DESC
LIMIT 1

-- name: list_app_event_types :many
-- Newest first; index app_event_types_page.
SELECT *
FROM app_event_types
WHERE workspace_id = :workspace_id
  AND archived_at IS NULL -- when :live
  AND search_text LIKE :search ESCAPE '!' -- when :search
  AND id < :after -- when :after
ORDER BY id DESC
LIMIT :limit

-- name: update_app_event_type :execute
UPDATE app_event_types
SET key = :key,
    name = :name,
    uuid = :uuid,
    description = :description,
    meta = :meta,
    schema = :schema,
    example = :example,
    subscribe_request = :subscribe_request,
    tenant_id_formula = :tenant_id_formula,
    user_id_formula = :user_id_formula,
    search_text = :search_text,
    revision = :revision,
    updated_at = :updated_at,
    archived_at = :archived_at
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: find_type_of_webhook :one
-- The type whose own webhook it is; unique index.
SELECT *
FROM app_event_types
WHERE webhook_key = :webhook_key

-- name: find_subscription_of_webhook :one
-- The subscription whose webhook it is; unique index.
SELECT id, workspace_id
FROM app_event_subscriptions
WHERE webhook_key = :webhook_key

-- name: insert_app_event_subscription :execute
-- Many callers may create one subscription at once: the first row stays and all of them find it.
INSERT INTO app_event_subscriptions (
    id, workspace_id, app_event_type_id, customer_id, instance_key, webhook_key, is_subscribed, ask_at, revision,
    created_at, updated_at
)
VALUES (
    :id, :workspace_id, :app_event_type_id, :customer_id, :instance_key, :webhook_key, :is_subscribed, :ask_at, :revision,
    :created_at, :updated_at
)
ON CONFLICT (app_event_type_id, customer_id, instance_key) DO NOTHING

-- name: find_app_event_subscription_id :one
-- The way from a type, a customer and an instance key to the subscription; unique index.
SELECT id, is_subscribed, archived_at
FROM app_event_subscriptions
WHERE app_event_type_id = :app_event_type_id
  AND customer_id = :customer_id
  AND instance_key = :instance_key

-- name: list_app_event_subscriptions :many
-- Newest first, each with its type and customer. Indexes app_event_subscriptions_page, app_event_subscriptions_type,
-- app_event_subscriptions_customer, by what is given.
SELECT
    s.*,
    t.key AS type_key,
    t.name AS type_name,
    t.schema AS type_schema,
    t.archived_at AS type_archived_at,
    u.name AS customer_name,
    u.internal_id AS customer_internal_id,
    u.archived_at AS customer_archived_at
FROM app_event_subscriptions AS s
JOIN app_event_types AS t ON t.id = s.app_event_type_id
JOIN customers AS u ON u.id = s.customer_id
WHERE s.workspace_id = :workspace_id
  AND s.id = :id -- when :id
  AND s.app_event_type_id = :app_event_type_id -- when :app_event_type_id
  AND s.customer_id = :customer_id -- when :customer_id
  AND s.instance_key = :instance_key -- when :instance_key
  AND s.is_subscribed = :is_subscribed -- when :is_subscribed
  AND s.archived_at IS NULL -- when :live
  AND t.archived_at IS NULL -- when :live
  AND u.archived_at IS NULL -- when :live
  AND s.id < :after -- when :after
ORDER BY s.id DESC
LIMIT :limit

-- name: archive_app_event_subscription :execute
UPDATE app_event_subscriptions
SET archived_at = :archived_at,
    revision = :revision,
    updated_at = :updated_at
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: set_subscribed :execute
-- Keeps what came of asking the product; nobody waits for that any more.
UPDATE app_event_subscriptions
SET is_subscribed = :is_subscribed,
    ask_at = NULL,
    request = :request,
    response = :response,
    errors = :errors,
    revision = :revision,
    updated_at = :updated_at
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: plan_asking :execute
-- Not where the product was asked already, or is about to be.
UPDATE app_event_subscriptions
SET ask_at = :now
WHERE workspace_id = :workspace_id
  AND id = :id
  AND ask_at IS NULL
  AND (is_subscribed = 0 OR request IS NULL)

-- name: hold_asking :execute
-- One asks at a time: two who try at once find out here, as the second waits for the first and then sees the later time.
UPDATE app_event_subscriptions
SET ask_at = :until
WHERE workspace_id = :workspace_id
  AND id = :id
  AND ask_at <= :now

-- name: give_up_asking :execute
-- Nobody waits for it any more.
UPDATE app_event_subscriptions
SET ask_at = NULL
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: find_asking :one
-- Primary key.
SELECT ask_at
FROM app_event_subscriptions
WHERE workspace_id = :workspace_id
  AND id = :id

-- name: list_due_askings :many
-- Those that wait longest, and not many of one workspace, as its product may be slow. Index app_event_subscriptions_due,
-- which has nothing but those that wait.
SELECT id, workspace_id
FROM (
    SELECT id, workspace_id, ask_at, ROW_NUMBER() OVER (PARTITION BY workspace_id ORDER BY ask_at) AS place
    FROM app_event_subscriptions
    INDEXED BY app_event_subscriptions_due -- sqlite
    WHERE ask_at <= :now
      AND workspace_id = :workspace_id -- when :workspace_id
      AND customer_id = :customer_id -- when :customer_id
) AS due
WHERE place <= :of_each
ORDER BY ask_at
LIMIT :limit

-- name: find_customer_of_event :one
-- together by internal_id
-- Unique index.
SELECT id, internal_id, archived_at
FROM customers
WHERE workspace_id = :workspace_id
  AND internal_id = :internal_id -- one
  AND internal_id = ANY(:internal_id::text[]) -- postgres -- many
  AND internal_id IN (SELECT value FROM json_each(:internal_id)) -- sqlite -- many

-- name: insert_app_event :execute
INSERT INTO app_events (
    id, workspace_id, app_event_type_id, app_event_subscription_id, customer_id, event, launched_flow_run_ids,
    received_at
)
VALUES (
    :id, :workspace_id, :app_event_type_id, :app_event_subscription_id, :customer_id, :event, :launched_flow_run_ids,
    :received_at
)

-- name: list_app_events :many
-- Newest first, each with its type and customer. Indexes app_events_page, app_events_type, app_events_subscription,
-- app_events_customer, by what is given. Ids begin with the time they were made at, so times are bounds of ids.
SELECT
    e.*,
    t.name AS type_name,
    u.name AS customer_name,
    u.internal_id AS customer_internal_id
FROM app_events AS e
JOIN app_event_types AS t ON t.id = e.app_event_type_id
JOIN customers AS u ON u.id = e.customer_id
JOIN app_event_subscriptions AS s ON s.id = e.app_event_subscription_id -- when :instance_key
WHERE e.workspace_id = :workspace_id
  AND e.id = :id -- when :id
  AND e.app_event_type_id = :app_event_type_id -- when :app_event_type_id
  AND e.app_event_subscription_id = :app_event_subscription_id -- when :app_event_subscription_id
  AND e.customer_id = :customer_id -- when :customer_id
  AND s.instance_key = :instance_key -- when :instance_key
  AND e.id >= :since -- when :since
  AND e.id < :until -- when :until
  AND e.id < :after -- when :after
ORDER BY e.id DESC
LIMIT :limit

-- name: delete_expired_app_events :execute
-- Some of those whose time is over, the oldest first, but none that somebody else is deleting: as many as keep nobody else
-- waiting. Index app_events_time, primary key.
DELETE FROM app_events
WHERE id IN (
    SELECT id
    FROM app_events
    WHERE received_at <= :before
    ORDER BY received_at
    LIMIT 1000
    FOR UPDATE SKIP LOCKED -- postgres
)
