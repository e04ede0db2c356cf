"""Entries with one violation of the grammar of docs/format.md, section 7: pairs of a name and the bytes."""

import copy
import json

from signing import Raw, canonical

HEX = {"id", "slot", "operation", "list", "commitment", "deposit_key", "settings_digest", "tags_digest", "sealed",
       "deposit", "digest", "receive_key", "sign_key", "to", "seen_root", "vault"}
TIMES = {"time", "keep_until", "rotate_by", "tested_at", "seen_at"}
ONE_OF = {"action", "role", "kind", "label", "result", "outcome"}
KEYS = {"field", "connector"}
OPTIONAL = {
    "reason", "note", "tags", "expires", "from", "settings", "destroyed", "rotate_every", "untested", "why", "temporary",
    "allow", "paths", "rotate_with", "versions", "label", "status", "tags_digest", "keep_until", "rotate_by", "tested_at",
    "failure", "old"}
USERS = {"settings", "tags", "expires", "versions", "rotate_every"}
"""Objects with keys that users choose."""


SPELLING = {
    "escaped", "surrogate", "raw-control", "raw-tab", "short-escape", "upper-escape", "slash", "bad-escape", "leading-zero",
    "real", "plus", "exponent", "minus-zero", "too-large", "huge", "hex", "nan", "space", "comma", "deep", "more-null",
    "more-empty", "doubled-last", "of-null", "of-lists", "true", "list-of-it", "no-hex", "prefix", "odd"}
"""Kinds that are equal for every text, number or object, and are tried in a few entries only."""


def mutations(entry, is_whole=True):
    """Yields every malformed variant of an entry; unless `is_whole`, only those specific to its action."""
    if is_whole:
        yield from texts(canonical(entry), entry)
    for path, node in nodes(entry):
        is_own = path and path[0] in ("change", "object") and ("state" not in path or path[-1] == "state")
        if not is_whole and not is_own:
            continue
        name = ".".join(map(str, path)) or "entry"
        for kind, text in of_node(entry, path, node):
            if is_whole or kind not in SPELLING and not (kind.startswith("time-") and len(kind) % 3):
                yield f"{name}:{kind}", canonical(text).encode()


def nodes(value, path=()):
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from nodes(inner, (*path, key))


def put(entry, path, value):
    """Returns a copy of the entry with another value at a path; None removes the key."""
    if not path:
        return value
    whole = copy.deepcopy(entry)
    parent = parent_of(whole, path)
    if value is None:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return whole


def parent_of(entry, path):
    for key in path[:-1]:
        entry = entry[key]
    return entry


NULL = Raw("null")


def of_node(entry, path, node):
    for kind, value in alternatives(entry, path, node):
        yield kind, put(entry, path, value)


def alternatives(entry, path, node):
    key = path[-1] if path else ""
    if path and isinstance(key, str) and is_needed(entry, path):
        yield "missing", None
    yield "null", NULL
    if isinstance(node, dict):
        yield from of_object(path, node)
    elif isinstance(node, list):
        # A setting may be a text or a list of texts.
        if "settings" not in path:
            yield "text", "x"
        yield from [("object", {}), ("number", 1), ("of-numbers", [1]), ("of-null", [NULL]), ("of-lists", [[]])]
        # Only the fields of a rollback may be empty.
        if node and key in ("fields", "destroyed", "paths") and entry["action"] != "secret.rollback":
            yield "empty", []
    elif isinstance(node, bool):
        yield from [("false", False), ("number", 1), ("text", "true")]
    elif isinstance(node, int):
        yield from of_number(entry["action"], key, node)
    elif isinstance(node, str):
        yield from of_text(entry, path, key, node)


def is_needed(entry, path):
    """Whether the key at a path is required."""
    key, parent = path[-1], path[-2] if len(path) > 1 else ""
    action = entry["action"]
    if parent in USERS or parent == "versions":
        return len(parent_of(entry, path)) == 1
    if key in OPTIONAL and not (key == "label" and "secrets" in path) and not (key == "why" and action == "access.refused"):
        # Both are absent only together with their parent.
        return parent == "name" or (key == "label" and "destroyed" in path)
    if key == "new" and len(path) > 2:
        # A period may be absent, before or after: the default of the connector.
        return path[-3] != "rotate_every" and (len(parent_of(entry, path)) == 1 or path[-3] not in USERS)
    if key in ("program", "name") and path[:-1] == ("change",):
        return action == "connection.exec"
    if key in ("connection", "fields") and action in ("connection.export",):
        return False
    return not (key == "id" and action == "access.refused")


def of_object(path, node):
    key = path[-1] if path else ""
    yield from [("text", "x"), ("list", []), ("number", 1), ("true", True), ("list-of-it", [node])]
    if key in USERS and not (path and len(path) > 3):
        one = next(iter(node.values()))
        yield "no-keys", {}
        bad = [("empty", "")] if key == "tags" else [
            ("empty", ""), ("hyphen", "-x"), ("capital", "X"), ("long", "x" * 65), ("space", "a b"), ("dot", "a.b"),
            ("nul", "a\0"), ("accent", "é")]
        for kind, name in bad:
            yield f"key-{kind}", {**node, name: one}
    else:
        yield from [("more", {**node, "zz": "x"}), ("more-null", {**node, "zz": NULL}), ("more-empty", {**node, "": "x"}),
                    ("deep", {**node, "zz": Raw("[" * 40 + "]" * 40)})]
    if node:
        pairs = [f"{canonical(name)}:{canonical(value)}" for name, value in sorted(node.items())]
        yield "doubled-key", Raw("{" + ",".join([pairs[0], *pairs]) + "}")
        yield "doubled-last", Raw("{" + ",".join([*pairs, pairs[-1]]) + "}")
        yield "space", Raw("{" + ", ".join(pairs) + " }")
        yield "comma", Raw("{" + ",".join(pairs) + ",}")
        if len(pairs) > 1:
            yield "reordered", Raw("{" + ",".join(reversed(pairs)) + "}")


def of_number(action, key, node):
    yield from [("text", str(node)), ("true", True), ("list", [node]), ("negative", -1), ("leading-zero", Raw(f"0{node}")),
                ("real", Raw(f"{node}.0")), ("plus", Raw(f"+{node}")), ("exponent", Raw(f"{node}e0")), ("minus-zero", Raw("-0")),
                ("too-large", Raw(str(2 ** 63))), ("huge", Raw("9" * 40)), ("hex", Raw("0x1")), ("nan", Raw("NaN"))]
    if key in ("epoch", "version", "format", "seen_size", "app-key") or action == "key.reseal":
        yield "zero", 0


def of_text(entry, path, key, node):
    kinds = [("number", 7), ("true", True), ("object", {"a": "b"})]
    if "settings" not in path:
        kinds += [("list", [node])]
    yield from kinds
    quoted = canonical(node)
    if node:
        if node[0] not in '"\\':
            yield "escaped", Raw(f'"\\u{ord(node[0]):04x}{quoted[2:]}')
        yield "surrogate", Raw('"\\ud800' + quoted[1:])
        yield "raw-control", Raw('"\x01' + quoted[1:])
        yield "raw-tab", Raw('"\t' + quoted[1:])
        yield "short-escape", Raw('"\\n' + quoted[1:])
        yield "upper-escape", Raw('"\\u001F' + quoted[1:])
        yield "slash", Raw('"\\/' + quoted[1:])
        yield "bad-escape", Raw('"\\x41' + quoted[1:])
    parent = path[-2] if len(path) > 1 else ""
    if key in HEX and isinstance(node, str):
        yield from [("upper", node.upper()), ("short", node[:-2]), ("odd", node[:-1]), ("long", node + "00"), ("empty", ""),
                    ("no-hex", "g" + node[1:]), ("space", node + " "), ("prefix", "0x" + node[2:])]
    elif key in TIMES or parent == "expires" or (key == "expires" and isinstance(node, str)):
        yield from times()
    elif key in ONE_OF or parent == "allow":
        yield from [("empty", ""), ("capital", node.title()), ("unknown", "zz"), ("space", node + " "), ("nul", node + "\0")]
    elif key == "name" and parent in ("actor", "member") or (key == "name" and entry["object"]["kind"] == "member"):
        yield from [("empty", ""), ("capital", node.title()), ("long", "x" * 65), ("space", node + " "), ("accent", node + "é")]
    elif key in KEYS or parent == "fields":
        yield from [("empty", ""), ("capital", node.title()), ("hyphen", "-" + node), ("long", "x" * 65), ("space", node + " ")]
    elif key == "rotate_every" or (len(path) > 2 and path[-3] == "rotate_every"):
        yield from [("empty", ""), ("capital", node.upper()), ("zero", "0d"), ("leading", "09d"), ("week", "1w"), ("none", "d"),
                    ("long", "36501d"), ("hours", "876001h"), ("negative", "-1d"), ("plus", "+1d"), ("space", "90d ")]
    elif key == "new" and parent == "note":
        # A removed note is empty.
        return
    elif key == "note" or parent in ("tags", "note", "name") or (len(path) > 2 and path[-3] == "tags"):
        yield "empty", ""
    elif key == "name" and parent == "object":
        if entry["action"] != "access.refused":
            yield "empty", ""
            if entry["object"]["kind"] in ("vault", "key"):
                yield "other", "x"
    elif key == "rotate_with":
        yield from [("empty", ""), ("relative", "bin/x")]


def times():
    for kind, text in {
            "no-z": "2026-11-23T22:13:33", "small": "2026-11-23t22:13:33z", "fraction": "2026-11-23T22:13:33.0Z",
            "offset": "2026-11-23T22:13:33+00:00", "space": "2026-11-23 22:13:33Z", "month": "2026-13-01T00:00:00Z",
            "day": "2026-02-30T00:00:00Z", "leap-day": "2025-02-29T00:00:00Z", "hour": "2026-01-01T24:00:00Z",
            "minute": "2026-01-01T00:60:00Z", "leap-second": "2026-06-30T23:59:60Z", "year": "12026-01-01T00:00:00Z",
            "short": "26-01-01T00:00:00Z", "zero-month": "2026-00-01T00:00:00Z", "zero-day": "2026-01-00T00:00:00Z",
            "empty": "", "behind": "2026-11-23T22:13:33Z ", "digits": "２０２６-11-23T22:13:33Z", "sign": "+026-11-23T22:13:33Z"}.items():
        yield f"time-{kind}", text


def texts(text, entry):
    """Yields other encodings of the whole text."""
    data = text.encode()
    for kind, other in {
            "text-newline": data + b"\n", "text-space": b" " + data, "text-mark": b"\xef\xbb\xbf" + data, "text-twice": data + data,
            "text-behind": data + b"x", "text-empty": b"", "text-null": b"null", "text-list": b"[" + data + b"]",
            "text-string": json.dumps(text).encode(), "text-cut": data[:-1], "text-indented": json.dumps(entry, indent=1).encode(),
            "text-not-utf-8": data.replace(b'"program":"', b'"program":"\xff', 1),
            "text-overlong": data.replace(b'"program":"', b'"program":"\xc1\x81', 1),
            "text-cesu": data.replace(b'"program":"', b'"program":"\xed\xa0\x80', 1),
            "text-nul": data.replace(b'"program":"', b'"program":"\0', 1), "text-nul-behind": data + b"\0",
            "text-nul-first": b"\0" + data, "text-comment": data[:-1] + b"/**/}"}.items():
        if other != data:
            yield kind, other
