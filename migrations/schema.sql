CREATE INDEX entries_by_object ON entries (object_id, has_state);

CREATE INDEX entries_counted ON entries (has_state);

CREATE INDEX owners_by_client ON owners (client, name_key) WHERE client IS NOT NULL;

CREATE INDEX owners_by_connector ON owners (kind, connector, name_key);

CREATE UNIQUE INDEX owners_by_name ON owners (kind, name_key);

CREATE INDEX secrets_by_age ON secrets (label, set_at, used_at, tested_at);

CREATE INDEX secrets_by_due ON secrets (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX secrets_by_end ON secrets (keep_until) WHERE keep_until IS NOT NULL;

CREATE UNIQUE INDEX secrets_by_owner ON secrets (owner, field, version);

CREATE INDEX secrets_deposited ON secrets (owner) WHERE substr(sealed, 1, 1) = x'02';

CREATE INDEX tags_by_value ON tags (key, value, owner);

CREATE TABLE connectors (
    name TEXT PRIMARY KEY,
    source TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE digest_lists (
    seq INTEGER PRIMARY KEY,
    list BLOB NOT NULL
) STRICT;

CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    entry TEXT NOT NULL,
    object_id TEXT GENERATED ALWAYS AS (
        CASE WHEN instr(entry, '"object":{"id":"') > 0
        THEN substr(entry, instr(entry, '"object":{"id":"') + 16, 32) END) VIRTUAL,
    has_state INTEGER GENERATED ALWAYS AS (instr(entry, '"state":{"secrets":[') > 0) VIRTUAL
) STRICT;

CREATE TABLE epochs (
    epoch INTEGER PRIMARY KEY,
    commitment BLOB NOT NULL CHECK (length(commitment) = 32),
    deposit_key BLOB NOT NULL CHECK (length(deposit_key) = 32),
    sealed_previous BLOB
) STRICT;

CREATE TABLE grants (
    epoch INTEGER NOT NULL REFERENCES epochs (epoch) ON DELETE CASCADE,
    member BLOB NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL,
    PRIMARY KEY (epoch, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE heads (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
) STRICT;

CREATE TABLE members (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'user', 'writer', 'auditor')),
    sign_key BLOB NOT NULL CHECK (length(sign_key) = 32),
    receive_key BLOB NOT NULL CHECK (length(receive_key) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE owners (
    id INTEGER PRIMARY KEY,
    uid BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('connection', 'client')),
    connector TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    settings TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    client INTEGER REFERENCES owners (id) ON DELETE RESTRICT
) STRICT;

CREATE TABLE secrets (
    id INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    field TEXT NOT NULL,
    label TEXT NOT NULL CHECK (label IN ('pending', 'current', 'previous')),
    settings_digest BLOB NOT NULL CHECK (length(settings_digest) = 32),
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL,
    expires_at TEXT,
    sealed BLOB NOT NULL
, rotate_by TEXT, keep_until TEXT, tested_at TEXT, used_at TEXT, due_at TEXT GENERATED ALWAYS AS (
    CASE WHEN label <> 'current' THEN NULL
    WHEN rotate_by IS NULL OR expires_at < rotate_by THEN expires_at ELSE rotate_by END) VIRTUAL, listed INTEGER) STRICT;

CREATE TABLE slots (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    member BLOB NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    salt BLOB NOT NULL,
    memory INTEGER,
    passes INTEGER,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
    owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE tests (
    owner INTEGER PRIMARY KEY REFERENCES owners (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL
) STRICT;

CREATE TABLE tiles (
    level INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE words USING fts5 (text, detail = none, columnsize = 0, tokenize = 'unicode61 remove_diacritics 2');
