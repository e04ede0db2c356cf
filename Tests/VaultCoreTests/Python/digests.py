"""Recomputes the digests of a vault's sealed secrets from its entries, and compares them with the rows.

    digests.py VAULT

This is a second implementation, written from docs/format.md with Python's standard library. It prints a line for each
difference, and the number of rows with and without a digest in the ledger. It replays only what the digests depend on (owners,
states, digest lists, epochs), and does not verify heads and signatures.
"""

import hashlib
import json
import sqlite3
import struct
import sys


def le64(number):
    return struct.pack("<Q", number)


def pae(*pieces):
    return le64(len(pieces)) + b"".join(le64(len(piece)) + piece for piece in pieces)


def pieces(data):
    """Decodes a PAE."""
    count, place, found = struct.unpack_from("<Q", data)[0], 8, []
    for _ in range(count):
        length = struct.unpack_from("<Q", data, place)[0]
        found.append(data[place + 8:place + 8 + length])
        place += 8 + length
    assert pae(*found) == data, "not a PAE"
    return found


def read_list(data):
    items = pieces(data)
    assert items == sorted(items) and len(set(items)) == len(items) <= 256, "the list is not sorted"
    found = {}
    for item in items:
        owner, field, version, epoch, digest = pieces(item)
        key = (owner.hex(), field.decode(), struct.unpack("<Q", version)[0])
        assert key not in found and len(owner) == 16 and len(digest) == 32, "a duplicate or malformed item"
        found[key] = (struct.unpack("<Q", epoch)[0], digest.hex())
    return found


class Replay:
    """The owners of a ledger: their kind, and (is deposit, epoch, digest) by (field, version)."""

    def __init__(self, lists):
        self.lists, self.owners, self.removed = lists, {}, set()
        self.present, self.retiring, self.covered = None, None, False
        self.hints = {}

    def follow(self, entry, seq):
        action, change = entry["action"], entry["change"]
        if action == "vault.create":
            self.covered = change["format"] == 2
        elif action == "key.rotate":
            self.retiring, self.present = self.present, change["epoch"]
        elif action == "key.retire":
            epochs = [bytes_[1] for owner in self.owners.values() for bytes_ in owner[1].values()]
            assert self.retiring not in epochs, f"entry {seq} retires an epoch in use"
            assert not (self.covered and None in epochs), f"entry {seq} retires an epoch with uncovered secrets"
            self.retiring = None
        elif action in ("key.reseal", "secret.cover"):
            self.follow_list(entry, seq)
        elif entry["object"]["kind"] in ("connection", "client") and action != "access.refused":
            self.follow_owner(entry, seq)

    def follow_list(self, entry, seq):
        data = self.lists.pop(seq)
        assert hashlib.sha256(data).hexdigest() == entry["change"]["list"], f"entry {seq} has another digest list"
        items = read_list(data)
        assert len(items) == entry["change"]["secrets"]
        for (owner, field, version), (epoch, digest) in items.items():
            versions = self.owners[owner][1]
            deposit, old_epoch, old_digest = versions[field, version]
            if entry["action"] == "key.reseal":
                assert not deposit and old_epoch == self.retiring is not None and epoch == self.present
            else:
                assert old_epoch is None and epoch in (self.present, self.retiring)
                assert not deposit or digest == old_digest
            versions[field, version] = (deposit, epoch, digest)
            self.hints[owner, field, version] = seq
        self.covered = self.covered or entry["action"] == "secret.cover"

    def follow_owner(self, entry, seq):
        action, owner = entry["action"], entry["object"]["id"]
        if action.endswith(".create"):
            assert owner not in self.owners and owner not in self.removed, f"entry {seq} creates an owner twice"
            self.owners[owner] = (entry["object"]["kind"], {})
        elif owner in self.removed and action == "connection.proxy":
            return
        assert self.owners[owner][0] == entry["object"]["kind"], f"entry {seq} has the wrong kind"
        if "state" not in entry["change"]:
            return
        before, after = self.owners[owner][1], {}
        for secret in entry["change"]["state"]["secrets"]:
            key = (secret["field"], secret["version"])
            new = ("deposit" in secret, secret.get("epoch"), secret.get("deposit", secret.get("sealed")))
            old = before.get(key)
            if old != new:
                assert old is None or action == "secret.seal" and old[0] and not new[0], f"entry {seq} replaces a secret"
                assert new[1] == self.present or not self.covered and new[1] is None, f"entry {seq} has the wrong epoch"
                if old is None:
                    assert action.split(".")[1] in ("create", "edit") or action in ("secret.set", "rotation.start")
                    assert all(version < key[1] for field, version in before if field == key[0])
                self.hints.pop((owner, *key), None)
            after[key] = new
        self.owners[owner] = (self.owners[owner][0], after)
        if action.endswith(".remove"):
            del self.owners[owner]
            self.removed.add(owner)


def main(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    database.execute("BEGIN")
    assert database.execute("PRAGMA user_version").fetchone()[0] == 6
    replay = Replay(dict(database.execute("SELECT seq, list FROM digest_lists")))
    for seq, text in database.execute("SELECT seq, CAST(entry AS BLOB) FROM entries ORDER BY seq"):
        replay.follow(json.loads(text), seq)
    assert not replay.lists, "digest lists without an entry"
    wrong, known, unknown, rows = [], 0, 0, {}
    query = """SELECT lower(hex(o.uid)), o.name, s.field, s.version, s.epoch, s.sealed, s.listed
               FROM owners o LEFT JOIN secrets s ON s.owner = o.id"""
    for owner, name, field, version, epoch, sealed, listed in database.execute(query):
        found = rows.setdefault(owner, (name, {}))[1]
        if field is not None:
            deposit = sealed[:1] == b"\x02"
            found[field, version] = (deposit, epoch, hashlib.sha256(sealed).hexdigest(), listed)
    for owner in replay.owners.keys() | rows.keys():
        if owner not in rows or owner not in replay.owners:
            wrong.append(f"owner {owner} is only in the {'rows' if owner in rows else 'ledger'}")
            continue
        name, found = rows[owner]
        signed = replay.owners[owner][1]
        for key in signed.keys() | found.keys():
            if key not in signed or key not in found:
                wrong.append(f"{name}: {key} is only in the {'rows' if key in found else 'ledger'}")
            elif signed[key][1] is None:
                unknown += 1
            elif signed[key] != found[key][:3]:
                wrong.append(f"{name}: {key} differs from its signed digest")
            else:
                known += 1
                if found[key][3] != replay.hints.get((owner, *key)):
                    wrong.append(f"{name}: {key} has the wrong hint, not {replay.hints.get((owner, *key))}")
    for line in sorted(wrong):
        print(line)
    print(f"{known} known, {unknown} unknown")


if __name__ == "__main__":
    main(sys.argv[1])
