-- The digest lists that entries key.reseal and secret.cover sign, by the entry's number.
CREATE TABLE digest_lists (
    seq INTEGER PRIMARY KEY,
    list BLOB NOT NULL
) STRICT;
-- Where to look for the list that has this version's digest; NULL where its owner's state has it. A hint: the list proves
-- itself.
ALTER TABLE secrets ADD COLUMN listed INTEGER;
