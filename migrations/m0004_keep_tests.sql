-- The newest test of each connection's current secrets, as the number of its entry: what it showed stands there.
CREATE TABLE tests (
    owner INTEGER PRIMARY KEY REFERENCES owners (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL
) STRICT;
