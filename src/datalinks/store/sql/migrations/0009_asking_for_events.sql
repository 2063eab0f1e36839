-- Flow instances that wait for events of the product: it is asked for them after they were set up.

-- When the product is to be asked; NULL where nobody waits for it. Whoever asks moves it on first, so that others ask again
-- only if that one is not heard of.
ALTER TABLE app_event_subscriptions ADD COLUMN ask_at BIGINT;
CREATE INDEX app_event_subscriptions_due ON app_event_subscriptions (ask_at) WHERE ask_at IS NOT NULL;
