"""A look at the vault's file from outside of the program."""

import collections
import json
import os
import shutil
import sqlite3
import tempfile

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where files are cheap."""


def hold(path):
    """Reads the vault as another program does that stays in the middle of its transaction."""
    holder = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    holder.execute("BEGIN")
    holder.execute("SELECT count(*) FROM entries").fetchall()
    return holder


class Entry(collections.namedtuple("Entry", "action object")):
    """What two runs of the same operation have in common of an entry."""


def entries(path):
    """The ledger's entries in order; none where there is no vault. Looks at a copy, so that nothing changes."""
    with tempfile.TemporaryDirectory(prefix="vault-faults-look-", dir=MEMORY) as folder:
        for suffix in "", "-wal", "-journal":
            if os.path.exists(path + suffix):
                shutil.copyfile(path + suffix, os.path.join(folder, "vault.db" + suffix))
        database = sqlite3.connect(os.path.join(folder, "vault.db"))
        try:
            found = [json.loads(row[0]) for row in database.execute("SELECT entry FROM entries ORDER BY seq")]
        except sqlite3.OperationalError:
            return []
        finally:
            database.close()
    return [Entry(entry["action"], entry["object"]["name"]) for entry in found]
