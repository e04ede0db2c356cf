"""A member's identity and the master keys, opened with a key file as docs/format.md says (sections 4 and 5)."""

import base64

from crypto import SigningKey, b2b, pae, sha, unbox, unseal, x25519


class Identity:
    """The ID, name and keys of a member. A removed member still has these."""

    def __init__(self, member, name, seed):
        self.id, self.name, self.seed = member, name, seed
        self.key = SigningKey(b2b(seed, "vault/sign", b"", 32))
        self.receiving = b2b(seed, "vault/receive", b"", 32)
        self.receive_key = x25519(self.receiving)

    @property
    def actor(self):
        return {"id": self.id.hex(), "name": self.name}

    def line(self, text):
        """Returns the signature line for the text of a head (section 8)."""
        signature = self.key.sign(text.encode())
        identifier = sha(self.name.encode() + b"\n\x01" + self.key.public)[:4]
        return f"— {self.name} {base64.b64encode(identifier + signature).decode()}\n"


def identity(database, vault, name, key_file):
    """Opens the identity of a member with a key file."""
    with open(key_file, "rb") as file:
        secret = file.read()
    (member,) = database.execute("SELECT id FROM members WHERE name = ?", (name,)).fetchone()
    rows = database.execute("SELECT id, salt, sealed FROM slots WHERE member = ? AND kind = 'key-file'", (member,))
    for slot, salt, sealed in rows.fetchall():
        aad = pae("vault/slot", vault, member, slot, "key-file", salt)
        try:
            seed = unseal(b2b(secret, "vault/slot-file", salt, 32), "vault/identity", aad, sealed)
        except ValueError:
            continue
        found = Identity(member, name, seed)
        (public,) = database.execute("SELECT sign_key FROM members WHERE id = ?", (member,)).fetchone()
        if found.key.public != public:
            raise RuntimeError(f"the seed of {name} does not give their sign_key")
        return found
    raise RuntimeError(f"no slot of {name} opens with their key file")


def master_key(database, vault, member, epoch):
    """Opens the master key of an epoch from the member's grant."""
    rows = database.execute("SELECT sealed FROM grants WHERE epoch = ? AND member = ?", (epoch, member.id))
    (grant,) = rows.fetchone()
    key = unbox(member.receiving, pae("vault/grant", vault, member.id, epoch), grant)
    rows = database.execute("SELECT commitment, deposit_key FROM epochs WHERE epoch = ?", (epoch,))
    commitment, deposit_key = rows.fetchone()
    if b2b(key, "vault/commit", b"", 32) != commitment or x25519(b2b(key, "vault/deposit", b"", 32)) != deposit_key:
        raise RuntimeError(f"the grant of epoch {epoch} gives another key")
    return key


def opened(database, vault, keys, row):
    """Opens the value of a row of secrets, sealed or deposited (section 6)."""
    owner, field, version, epoch, digest, sealed = row
    aad = pae("vault/secret", vault, owner, field, version, epoch, digest)
    if sealed[:1] == b"\x01":
        return unseal(keys[epoch], "vault/secret", aad, sealed)
    private = b2b(keys[epoch], "vault/deposit", b"", 32)
    return unbox(private, pae("vault/deposit", aad), sealed[1:]).rstrip(b"\0")[:-1]
