"""Mutants of the files outside the vault: the anchor, and the last verified state (docs/format.md, section 12)."""

import json
import os
import re
import shutil

from attempt import anchors
from files import folder, link, pipe
from malformed import NULL, nodes, put
from mutant import ALLOWED, OPENING, REFUSED, Mutant
from signing import Raw, canonical

OPTIONAL = {"newest", "temporary", "file"}
ROTATING = ("secrets", "retiring", "epoch")
"""The fields of an anchor that differ while a rotation is interrupted."""


def mutants(vaults):
    yield from of_files(vaults["team"])
    yield from of_values("anchor", vaults["team"])
    yield from of_values("verified", vaults["team"])
    # With an older anchor of the same user, the file is verified from there on.
    sources = {"older": ALLOWED, "other": REFUSED}
    if "rotating" in vaults:
        yield from of_values("anchor", vaults["rotating"])
        sources["rotating"] = REFUSED
    for source, right in sources.items():
        data = content(vaults[source], "anchor")
        yield made("anchor", f"of-{source}", vaults["team"], written(lambda _, data=data: data), right)


def made(kind, name, vault, change, right=REFUSED):
    words = ("audit", "verify", "--new") if kind == "verified" else ("audit", "verify")
    return Mutant(f"{vault.name}/{kind}:{name}", kind, vault.name, lambda box: change(path_of(box, kind)), right, True,
                  "ana", words)


def path_of(box, kind):
    return next(path for path in anchors(box) if path.endswith(".verified") == (kind == "verified"))


def content(vault, kind):
    place = os.path.join(vault.folder, "state/vault/anchors")
    names = [name for name in sorted(os.listdir(place)) if name.endswith(".verified") == (kind == "verified")]
    with open(os.path.join(place, names[0]), "rb") as file:
        return file.read()


def written(change):
    """Returns a function that changes the text. `.verified` names its file by path, which must be that of the copy."""
    def made(path):
        with open(path, "rb") as file:
            old = file.read()
        new, place = change(old), re.search(rb'"file":"([^"]*)"', old)
        if place:
            copy = os.path.realpath(path.split("/state/vault/anchors/")[0]) + "/v/vault.db"
            new = new.replace(place[1], copy.encode())
        with open(path, "wb") as file:
            file.write(new)
    return made


def of_values(kind, vault):
    """Yields each field with another value, another type, another spelling, and missing."""
    old = content(vault, kind)
    anchor = json.loads(old)
    for path, node in nodes(anchor):
        # Only the first element of a list is changed.
        is_tried = vault.name != "rotating" or path[:1] in [(key,) for key in ROTATING]
        if not is_tried or any(step in range(1, 99) for step in path):
            continue
        name = ".".join(map(str, path)) or "all"
        for what, value, right in alternatives(path, node, kind):
            data = canonical(put(anchor, path, value)).encode() + b"\n"
            if data != old:
                yield made(kind, f"{name}:{what}", vault, written(lambda _, data=data: data), right)
    for what, data in {
            "empty": b"", "cut": old[:-2], "half": old[:len(old) // 2], "no-newline": old[:-1], "newline": old + b"\n",
            "behind": old + b"x", "twice": old + old, "mark": b"\xef\xbb\xbf" + old, "nul": b"\0" * len(old),
            "spaces": json.dumps(anchor).encode() + b"\n", "not-utf-8": old.replace(b'"seen":"', b'"seen":"\xff'),
            "list": b"[" + old[:-1] + b"]\n", "deep": b"[" * 100_000 + b"]" * 100_000 + b"\n",
            "large": old + b" " * 4_000_000}.items():
        yield made(kind, f"text-{what}", vault, written(lambda _, data=data: data))


def alternatives(path, node, kind):
    """Yields a name, another value, and the right verdict."""
    key = path[-1] if path else ""
    # An attacker who can write the anchor controls what its user trusts. A well-formed one must not make anything open wrongly.
    believed = OPENING
    if key == "file":
        # If it does not name this file, the whole file is verified.
        for what, value in ("number", 7), ("null", NULL), ("other", "/other"), ("missing", None):
            yield what, value, believed
        return
    if path and isinstance(key, str) and "connectors" not in path[:-1]:
        yield "missing", None, ALLOWED if path == ("secrets",) else believed if key in OPTIONAL else REFUSED
    if not (key in ("retiring", "newest") or node is None):
        yield "null", NULL, believed if key == "epoch" else REFUSED
    if isinstance(node, dict):
        if key != "connectors":
            yield "more", {**node, "zz": "x"}, REFUSED
        yield "list", [], REFUSED
        yield "text", "x", REFUSED
        pairs = [f"{canonical(name)}:{canonical(value)}" for name, value in sorted(node.items())]
        if pairs:
            yield "doubled", Raw("{" + ",".join([pairs[0], *pairs]) + "}"), REFUSED
        if len(pairs) > 1:
            yield "reordered", Raw("{" + ",".join(reversed(pairs)) + "}"), REFUSED
    elif isinstance(node, list):
        yield "object", {}, REFUSED
        yield "numbers", [1], REFUSED
        # The last verified state is optional: without it, the whole file is verified.
        yield "empty", [], REFUSED if key == "peaks" or key == "members" and kind == "anchor" else believed
        if node:
            yield "fewer", node[:-1], REFUSED if key == "peaks" else believed
            yield "twice", node + node[:1], REFUSED if key == "peaks" else believed
            yield "reversed", node[::-1], REFUSED if key == "peaks" and len(node) > 1 else believed
    elif isinstance(node, bool):
        yield "other", not node, believed
        yield "number", 1, REFUSED
    elif isinstance(node, int):
        for what, value in ("more", node + 1), ("less", node - 1), ("huge", 2 ** 63 - 1), ("zero", 0):
            yield what, value, REFUSED if key in ("size", "schema") else believed
        for what, text in (("negative", "-1"), ("leading", f"0{node}"), ("real", f"{node}.0"), ("too-large", str(2 ** 63)),
                           ("text", f'"{node}"')):
            yield what, Raw(text), REFUSED
    elif isinstance(node, str):
        yield from of_text(key, node, believed)


def of_text(key, node, believed):
    yield "number", 7, REFUSED
    yield "list", [node], REFUSED
    if key == "seen":
        yield "earlier", "2001-01-01T00:00:00Z", ALLOWED
        yield "later", "2199-01-01T00:00:00Z", ALLOWED
        yield "no-time", "today", REFUSED
    elif len(node) in (32, 64) and all(letter in "0123456789abcdef" for letter in node):
        other = ("0" if node[0] != "0" else "1") + node[1:]
        yield "other", other, REFUSED if key in ("vault", "root") else believed
        yield "upper", node.upper() if node.upper() != node else node + "A", REFUSED
        yield "short", node[:-2], REFUSED
        yield "long", node + "00", REFUSED
        yield "empty", "", REFUSED
    elif key == "role":
        yield "other", "writer" if node != "writer" else "admin", believed
        yield "unknown", "root", REFUSED
    else:
        yield "other", node + "x", believed


def of_files(vault):
    """Yields other modes of the file, and other kinds of files in its place."""
    for mode in 0o666, 0o622, 0o660, 0o620, 0o606:
        yield made("anchor", f"mode-{mode:o}", vault, lambda path, mode=mode: os.chmod(path, mode))
        yield made("anchor", f"folder-mode-{mode | 0o711:o}", vault,
                   lambda path, mode=mode: os.chmod(os.path.dirname(path), mode | 0o711))
    yield made("anchor", "gone", vault, os.unlink, ALLOWED)
    yield made("anchor", "folder-gone", vault, lambda path: shutil.rmtree(os.path.dirname(path)), ALLOWED)
    yield made("verified", "gone", vault, os.unlink, ALLOWED)
    for kind in "anchor", "verified":
        yield made(kind, "is-a-link", vault, link)
        yield made(kind, "is-a-pipe", vault, pipe)
        yield made(kind, "is-a-folder", vault, folder)
        yield made(kind, "is-a-socket", vault, lambda path: (os.unlink(path), os.mknod(path, 0o140600)))
