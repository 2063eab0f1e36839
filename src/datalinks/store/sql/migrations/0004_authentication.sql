-- What authenticated requests need beside the credentials of connections.

-- Encrypted JSON: what is secret in an integration's way of authentication.
ALTER TABLE integrations ADD COLUMN secrets TEXT;

-- Why a connection is disconnected, as JSON; NULL where nothing went wrong.
ALTER TABLE connections ADD COLUMN error TEXT;
-- Who is asking for a new access token, and until when nobody else does: a refresh token may be good for one use only.
ALTER TABLE connections ADD COLUMN refresh_holder TEXT;
ALTER TABLE connections ADD COLUMN refresh_until BIGINT;
