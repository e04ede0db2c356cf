-- Before a secret is used the entries are counted: one that was cut out is missing then. SQLite counts by the smallest
-- index there is; this one takes 9 bytes an entry, the next smallest 50.
CREATE INDEX entries_counted ON entries (has_state);
