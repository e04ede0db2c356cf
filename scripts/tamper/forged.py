"""Correct seals that a member with the master key, or anyone with a public key, makes, and that no entry records."""

import os

from changes import database
from crypto import b2b, box, pad, pae, seal, sha, x25519
from identity import identity, master_key, opened
from mutant import ALLOWED, OPENING, REFUSED, Mutant
from vaults import SHOWN

ROWS = """SELECT s.id, o.uid, s.field, s.version, s.epoch, s.settings_digest, s.sealed, o.name, s.label
          FROM secrets s JOIN owners o ON o.id = s.owner ORDER BY s.id"""


def mutants(vaults):
    yield from of_vault(vaults["team"])
    if "rotating" in vaults:
        yield from of_vault(vaults["rotating"])


def of_vault(vault):
    with vault.open() as file:
        first = file.execute("SELECT CAST(entry AS BLOB) FROM entries WHERE seq = 0").fetchone()[0]
        origin = sha(first)
        ana = identity(file, origin, "ana", os.path.join(vault.folder, "ana.key"))
        epochs = dict(file.execute("SELECT epoch, deposit_key FROM epochs"))
        keys = {epoch: master_key(file, origin, ana, epoch) for epoch in epochs}
        rows = file.execute(ROWS).fetchall()
    check(vault, origin, keys, rows)
    for row in rows:
        yield from of_secret(vault, origin, keys, epochs, row)
    yield from of_keys(vault, origin, ana, keys)


def check(vault, origin, keys, rows):
    """Opens every shown secret, to verify this implementation of docs/format.md."""
    for row in rows:
        name = row[7]
        if name in SHOWN and row[8] == "current":
            value = opened(None, origin, keys, row[1:7]).decode()
            if value != vault.values[name]:
                raise RuntimeError(f"by docs/format.md, the secret of {name} has another value")


def made(vault, name, group, change, right=REFUSED):
    def changed(folder):
        with database(folder.path("v/vault.db")) as file:
            change(file)
    return Mutant(f"{vault.name}/forged:{name}", f"forged {group}", vault.name, changed, right)


def put(table, column, value, where, *key):
    return lambda file: file.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (value, *key))


def of_secret(vault, origin, keys, epochs, row):
    """Yields seals and deposits in place of the signed one: of the same value, another value, and another epoch."""
    number, owner, field, version, epoch, digest, sealed, name, label = row
    aad = pae("vault/secret", origin, owner, field, version, epoch, digest)
    value = opened(None, origin, keys, row[1:7])
    message = {"same": value, "other": b"attacker", "empty": b"", "longest": b"x" * 65_536}
    for kind, plain in message.items():
        blob = seal(keys[epoch], "vault/secret", aad, plain)
        yield made(vault, f"secrets@{number}:sealed-{kind}", "secrets", put("secrets", "sealed", blob, "id = ?", number))
    for kind in "same", "other":
        blob = b"\2" + box(epochs[epoch], pae("vault/deposit", aad), pad(message[kind]))
        yield made(vault, f"secrets@{number}:deposited-{kind}", "secrets", put("secrets", "sealed", blob, "id = ?", number))
    for other in keys:
        if other != epoch:
            moved = pae("vault/secret", origin, owner, field, version, other, digest)
            blob = seal(keys[other], "vault/secret", moved, b"attacker")
            yield made(vault, f"secrets@{number}:sealed-epoch-{other}", "secrets",
                       lambda file, blob=blob, other=other: file.execute(
                           "UPDATE secrets SET sealed = ?, epoch = ? WHERE id = ?", (blob, other, number)))


def of_keys(vault, origin, ana, keys):
    """Yields grants, slots and master keys that another member made."""
    with open(os.path.join(vault.folder, "ana.key"), "rb") as file:
        secret = file.read()
    new = b"\x11" * 32
    for epoch, key in keys.items():
        info = pae("vault/grant", origin, ana.id, epoch)
        for kind, plain, right in (("same", key, OPENING), ("other", new, OPENING), ("short", key[:16], REFUSED)):
            blob = box(ana.receive_key, info, plain)
            change = put("grants", "sealed", blob, "epoch = ? AND member = ?", epoch, ana.id)
            yield made(vault, f"grants@{epoch}:{kind}", "grants", change, right)
    with vault.open() as file:
        slots = file.execute("SELECT id, salt FROM slots WHERE member = ? AND kind = 'key-file'", (ana.id,)).fetchall()
    for slot, salt in slots:
        aad, kek = pae("vault/slot", origin, ana.id, slot, "key-file", salt), b2b(secret, "vault/slot-file", salt, 32)
        for kind, seed in ("same", ana.seed), ("other", new):
            blob = seal(kek, "vault/identity", aad, seed)
            yield made(vault, f"slots:{kind}", "slots", put("slots", "sealed", blob, "id = ?", slot), OPENING)
    if len(keys) == 2:
        for kind, plain in ("same", keys[min(keys)]), ("other", new):
            blob = seal(keys[max(keys)], "vault/epoch", pae(origin, min(keys)), plain)
            change = put("epochs", "sealed_previous", blob, "epoch = ?", max(keys))
            yield made(vault, f"sealed_previous:{kind}", "epochs", change, OPENING)
    yield made(vault, "master-key", "epochs", lambda file: replaced(file, origin, ana, max(keys), new))
    yield made(vault, "nothing", "nothing", lambda file: None, ALLOWED)


def replaced(file, origin, ana, epoch, key):
    """Replaces the master key in all rows: commitment, deposit key, grant, and every secret sealed with it."""
    file.execute("UPDATE epochs SET commitment = ?, deposit_key = ? WHERE epoch = ?", (
        b2b(key, "vault/commit", b"", 32), x25519(b2b(key, "vault/deposit", b"", 32)), epoch))
    file.execute("UPDATE grants SET sealed = ? WHERE member = ? AND epoch = ?", (
        box(ana.receive_key, pae("vault/grant", origin, ana.id, epoch), key), ana.id, epoch))
    for number, owner, field, version, of, digest, *_ in file.execute(ROWS).fetchall():
        if of == epoch:
            aad = pae("vault/secret", origin, owner, field, version, epoch, digest)
            file.execute("UPDATE secrets SET sealed = ? WHERE id = ?", (seal(key, "vault/secret", aad, b"attacker"), number))
