"""Other values for a cell."""

import json
import unicodedata

LARGEST = 2 ** 63 - 1


RARE = {"title", "lower", "space-first", "newline", "nul-inside", "mark", "kelvin", "dotless", "cut-half", "twice", "slash",
        "reversed", "one-byte", "longer-64", "cut-first", "wrapped", "ten", "half", "smallest", "of-row-2",
        "stale-1", "foreign-1"}
"""Kinds that are tried in every third row only."""


def variants(value, others, stale, foreign, is_rare=True):
    """Yields a name and another value of the same storage class. `others` are the values of other rows."""
    if isinstance(value, bytes):
        found = blobs(value)
    elif isinstance(value, int):
        found = numbers(value)
    elif isinstance(value, str):
        found = texts(value)
    else:
        found = [("set", "x"), ("set-empty", ""), ("set-number", 1), ("set-time", "2026-11-23T22:13:33Z"),
                 ("set-blob", bytes(145))]
    found += [(f"of-row-{at}", other) for at, other in enumerate(others[:3])]
    found += [(f"stale-{at}", other) for at, other in enumerate(stale[:2])]
    found += [(f"foreign-{at}", other) for at, other in enumerate(foreign[:2])]
    seen = {key(value)}
    for name, other in found:
        if other is not None and key(other) not in seen and (is_rare or name not in RARE):
            seen.add(key(other))
            yield name, other


def key(value):
    return type(value), value


def blobs(value):
    size = len(value)
    found = [(f"flip-{at}", flipped(value, at)) for at in sorted({0, 1, 33, 65, size // 2, size - 1})
             if 0 <= at < size]
    return found + [
        ("cut-1", value[:-1]), ("cut-half", value[:size // 2]), ("cut-first", value[1:]), ("longer", value + b"\0"),
        ("longer-64", value + bytes(64)), ("empty", b""), ("zero", bytes(size)), ("reversed", value[::-1]),
        ("twice", value + value), ("one-byte", value[:1])]


def flipped(value, at, bit=0):
    return value[:at] + bytes([value[at] ^ 1 << bit]) + value[at + 1:]


def numbers(value):
    return [("more", value + 1), ("less", value - 1), ("zero", 0), ("negative", -value or -1), ("huge", LARGEST),
            ("smallest", -LARGEST - 1), ("wrapped", value + 2 ** 32), ("ten", value * 10), ("half", value // 2)]


def texts(value):
    found = [(f"character-{at}", value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1:])
             for at in sorted({0, len(value) // 3, len(value) // 2, len(value) - 1}) if 0 <= at < len(value)]
    found += [
        ("upper", value.upper()), ("lower", value.lower()), ("title", value.title()),
        ("decomposed", unicodedata.normalize("NFD", value)), ("composed", unicodedata.normalize("NFC", value)),
        ("space", value + " "), ("space-first", " " + value), ("newline", value + "\n"), ("nul", value + "\0"),
        ("nul-inside", value[:1] + "\0" + value[1:]), ("invisible", value + "\u200b"), ("mark", "\ufeff" + value),
        ("kelvin", value.replace("K", "\u212a").replace("k", "\u212a")), ("dotless", value.replace("i", "\u0131")),
        ("empty", ""), ("cut-1", value[:-1]), ("cut-half", value[:len(value) // 2]), ("twice", value + value),
        ("slash", value.replace("/", "\\/"))]
    return found + documents(value)


def documents(value):
    """Returns other JSON texts of the same or nearly the same value."""
    try:
        document = json.loads(value)
    except ValueError:
        return []
    if not isinstance(document, dict) or not document:
        return []
    text = lambda changed, **options: json.dumps(changed, ensure_ascii=False, **options)
    first = next(iter(document))
    found = [
        ("indented", text(document, indent=1)), ("reordered", text(dict(reversed(document.items())), separators=(",", ":"))),
        ("doubled-key", value[:-1] + f',"{first}":{text(document[first])}}}'), ("more-key", value[:-1] + ',"zz":"x"}'),
        ("escaped", value.replace(first, f"\\u{ord(first[0]):04x}{first[1:]}", 1)),
        ("fewer", text({key: document[key] for key in document if key != first}, separators=(",", ":"))),
        ("number", text({**document, first: 1}, separators=(",", ":"))),
        ("list", text({**document, first: [document[first]]}, separators=(",", ":"))),
        ("null", text({**document, first: None}, separators=(",", ":"))), ("array", f"[{value}]"),
        ("nested", text({**document, first: {"a": "b"}}, separators=(",", ":"))),
        ("behind", value + "{}")]
    return found


def other_class(value):
    """Returns similar values of storage classes that a strict column does not accept."""
    if isinstance(value, bytes):
        return [("as-text", value.hex()), ("as-number", 7), ("as-null", None)]
    if isinstance(value, int):
        return [("as-text", f"{value}x"), ("as-blob", str(value).encode()), ("as-real", value + 0.5), ("as-null", None)]
    if isinstance(value, str):
        return [("as-blob", value.encode()), ("as-number", 7), ("as-null", None)]
    return [("as-blob", b"x"), ("as-real", 1.5)]
