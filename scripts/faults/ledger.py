"""Reads the vault file without the program."""

import collections
import json
import os
import shutil
import sqlite3
import tempfile

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""A folder in memory, if available."""


def hold(path):
    """Opens a read transaction, and keeps it open."""
    holder = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    holder.execute("BEGIN")
    holder.execute("SELECT count(*) FROM entries").fetchall()
    return holder


class Entry(collections.namedtuple("Entry", "action object")):
    """The parts of an entry that are equal in two runs of the same operation."""


def entries(path):
    """Returns the entries in order, none without a vault. Reads a copy, so that nothing changes."""
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
