-- What is known of each version of a secret besides its seal: when the next one is due, how long a previous one is
-- kept, when it was last seen to work, when it was last used. due_at is generated, so that one index finds what is
-- due first, whether it expires or is to be rotated.
ALTER TABLE secrets ADD COLUMN rotate_by TEXT;
ALTER TABLE secrets ADD COLUMN keep_until TEXT;
ALTER TABLE secrets ADD COLUMN tested_at TEXT;
ALTER TABLE secrets ADD COLUMN used_at TEXT;
ALTER TABLE secrets ADD COLUMN due_at TEXT GENERATED ALWAYS AS (
    CASE WHEN label <> 'current' THEN NULL
    WHEN rotate_by IS NULL OR expires_at < rotate_by THEN expires_at ELSE rotate_by END) VIRTUAL;

CREATE INDEX secrets_by_due ON secrets (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX secrets_by_age ON secrets (label, set_at, used_at, tested_at);
CREATE INDEX secrets_by_end ON secrets (keep_until) WHERE keep_until IS NOT NULL;
