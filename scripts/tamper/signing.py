"""Entries, the tree over them, and heads, written as docs/format.md says (sections 7 and 8)."""

import base64
import json
import re

from crypto import sha

CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def canonical(value):
    """Returns the canonical text of a value. Allows lone surrogates, to write malformed text."""
    if isinstance(value, dict):
        pairs = (f"{canonical(key)}:{canonical(value[key])}" for key in sorted(value, key=str.encode))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + '"'
    if isinstance(value, Raw):
        return value.text
    return json.dumps(value)


class Raw:
    """Literal text in place of a value, such as a number in another spelling."""

    def __init__(self, text):
        self.text = text


def leaf(entry):
    return sha(b"\0" + entry)


def node(left, right):
    return sha(b"\1" + left + right)


def root(leaves):
    """Returns the Merkle root of leaf hashes (RFC 6962)."""
    if not leaves:
        return sha(b"")
    while len(leaves) > 1:
        # Hashing pairs from the left and keeping a single last one gives the same tree as RFC 6962.
        pairs = [node(*leaves[at:at + 2]) for at in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(leaves) & ~1:]
    return leaves[0]


def text_of_head(vault, size, top):
    return f"vault/{vault.hex()}\n{size}\n{base64.b64encode(top).decode()}\n"


def note(vault, size, top, signer):
    text = text_of_head(vault, size, top)
    return text + "\n" + signer.line(text)


def tiles(leaves):
    """Returns every tile of a tree: (level, position, hashes). Level 0 has full tiles only."""
    found, level, hashes = [], 0, leaves
    while hashes:
        for position in range(0, len(hashes), 256):
            part = hashes[position:position + 256]
            if level or len(part) == 256:
                found.append((level, position // 256, b"".join(part)))
        whole = len(hashes) // 256
        hashes = [root(hashes[256 * at:256 * at + 256]) for at in range(whole)]
        level += 1
    return found


class Ledger:
    """The entries and heads of a file. Changes write valid tiles and heads."""

    def __init__(self, database):
        rows = database.execute("SELECT CAST(entry AS BLOB) FROM entries ORDER BY seq")
        self.entries = [bytes(row[0]) for row in rows]
        self.heads = [row[0] for row in database.execute("SELECT size FROM heads ORDER BY size")]
        self.vault = sha(self.entries[0])

    def append(self, database, texts, signer, note_of=note):
        """Appends a transaction of encoded entries, with a head by `signer`."""
        start = len(self.entries)
        self.entries += texts
        self.heads.append(len(self.entries))
        leaves = [leaf(entry) for entry in self.entries]
        database.executemany("INSERT INTO entries (seq, entry) VALUES (?, CAST(? AS TEXT))",
                             [(start + at, text) for at, text in enumerate(texts)])
        head = note_of(self.vault, len(leaves), root(leaves), signer)
        database.execute("INSERT INTO heads VALUES (?, ?)", (len(leaves), head))
        write_tiles(database, leaves)

    def replace(self, database, seq, text, signer):
        """Replaces an entry, and signs every later head again."""
        self.entries[seq] = text
        self.vault = sha(self.entries[0])
        leaves = [leaf(entry) for entry in self.entries]
        database.execute("UPDATE entries SET entry = CAST(? AS TEXT) WHERE seq = ?", (text, seq))
        for size in self.heads:
            if size > seq or seq == 0:
                head = note(self.vault, size, root(leaves[:size]), signer)
                database.execute("UPDATE heads SET note = ? WHERE size = ?", (head, size))
        write_tiles(database, leaves)


def write_tiles(database, leaves):
    """Replaces all tiles."""
    database.execute("DELETE FROM tiles")
    database.executemany("INSERT INTO tiles VALUES (?, ?, ?)", tiles(leaves))
