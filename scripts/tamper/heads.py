"""Invalid heads over a valid transaction: name, entries, signer, a function that makes the note, and the right verdict."""

import base64

from mutant import LEDGER, VALID
from signing import canonical, note, root, text_of_head


def found(facts):
    entry = facts.entry("ana", "access.refused", facts.owners["A"], {"what": "x", "why": "y"})
    data = canonical(entry).encode()
    for name, note_of, right in notes(facts):
        yield name, [data], "ana", note_of, right
    if "bo" in facts.members:
        other = {**entry, "seq": entry["seq"] + 1, "actor": facts.members["bo"].actor}
        yield "two-actors", [data, canonical(other).encode()], "ana", None, LEDGER
        yield "two-actors-other-signer", [data, canonical(other).encode()], "bo", None, LEDGER
        renamed = {**entry, "actor": {**entry["actor"], "name": "bo"}}
        yield "actor-other-name", [canonical(renamed).encode()], "ana", None, LEDGER
        yield "actor-other-name-and-signer", [canonical(renamed).encode()], "bo", None, LEDGER
    gap = {**entry, "seq": entry["seq"] + 1}
    yield "gap", [canonical(gap).encode()], "ana", None, LEDGER
    yield "same-seq-twice", [data, data], "ana", None, LEDGER


def notes(facts):
    """Yields functions that make the note of a head."""
    def text(change):
        """Changes the text before it is signed."""
        def made(vault, size, top, signer):
            other = change(text_of_head(vault, size, top), vault, size, top)
            return other + "\n" + signer.line(other)
        return made

    def whole(change):
        """Changes the note after it was signed."""
        return lambda vault, size, top, signer: change(note(vault, size, top, signer), signer)

    b64 = lambda data: base64.b64encode(data).decode()
    lines = lambda made, count: made + "".join(f"— w{at} {b64(bytes(68))}\n" for at in range(count))
    yield "size-larger", text(lambda t, v, s, r: text_of_head(v, s + 1, r)), LEDGER
    yield "size-smaller", text(lambda t, v, s, r: text_of_head(v, s - 1, r)), LEDGER
    yield "size-zero", text(lambda t, v, s, r: text_of_head(v, 0, r)), LEDGER
    yield "size-leading-zero", text(lambda t, v, s, r: text_of_head(v, f"0{s}", r)), LEDGER
    yield "size-plus", text(lambda t, v, s, r: text_of_head(v, f"+{s}", r)), LEDGER
    yield "size-space", text(lambda t, v, s, r: text_of_head(v, f"{s} ", r)), LEDGER
    yield "size-too-large", text(lambda t, v, s, r: text_of_head(v, 2 ** 63, r)), LEDGER
    yield "size-empty", text(lambda t, v, s, r: text_of_head(v, "", r)), LEDGER
    yield "root-other", text(lambda t, v, s, r: text_of_head(v, s, bytes(32))), LEDGER
    yield "root-of-none", text(lambda t, v, s, r: text_of_head(v, s, root([]))), LEDGER
    yield "root-short", text(lambda t, v, s, r: text_of_head(v, s, r[:31])), LEDGER
    yield "root-long", text(lambda t, v, s, r: text_of_head(v, s, r + b"\0")), LEDGER
    yield "root-no-padding", text(lambda t, v, s, r: t[:-2] + "\n"), LEDGER
    yield "root-url-alphabet", text(lambda t, v, s, r: text_of_head(v, s, b"\xff" * 32).replace("/" * 3, "_" * 3)), LEDGER
    yield "root-space", text(lambda t, v, s, r: t[:-1] + " \n"), LEDGER
    yield "origin-other", text(lambda t, v, s, r: text_of_head(bytes(32), s, r)), LEDGER
    yield "origin-upper", text(lambda t, v, s, r: f"vault/{v.hex().upper()}{t[70:]}"), LEDGER
    yield "origin-name", text(lambda t, v, s, r: "x" + t), LEDGER
    yield "origin-no-prefix", text(lambda t, v, s, r: t[6:]), LEDGER
    yield "origin-behind", text(lambda t, v, s, r: t.replace("\n", "/x\n", 1)), LEDGER
    yield "line-more", text(lambda t, v, s, r: t + "more\n"), LEDGER
    yield "line-empty", text(lambda t, v, s, r: "\n" + t), LEDGER
    yield "line-fewer", text(lambda t, v, s, r: "\n".join(t.split("\n")[:2]) + "\n"), LEDGER
    yield "carriage-return", text(lambda t, v, s, r: t.replace("\n", "\r\n")), LEDGER
    yield "tab", text(lambda t, v, s, r: t.replace("\n", "\t\n", 1)), LEDGER
    yield "no-signature", whole(lambda n, k: n[:n.index("\n\n") + 2]), LEDGER
    yield "no-empty-line", whole(lambda n, k: n.replace("\n\n", "\n")), LEDGER
    yield "no-newline", whole(lambda n, k: n[:-1]), LEDGER
    yield "newline-more", whole(lambda n, k: n + "\n"), LEDGER
    yield "text-behind", whole(lambda n, k: n + "x\n"), LEDGER
    yield "nul-behind", whole(lambda n, k: n + "\0"), LEDGER
    yield "hyphen", whole(lambda n, k: n.replace("—", "-")), LEDGER
    yield "two-spaces", whole(lambda n, k: n.replace("— ", "—  ")), LEDGER
    yield "no-name", whole(lambda n, k: n.replace("— ana", "— ")), LEDGER
    yield "plus-in-name", whole(lambda n, k: n.replace("— ana", "— a+a")), LEDGER
    yield "other-name", whole(lambda n, k: n.replace("— ana", "— an")), LEDGER
    yield "capital-name", whole(lambda n, k: n.replace("— ana", "— Ana")), LEDGER
    yield "signature-flipped", whole(signature(lambda d: d[:4] + bytes([d[4] ^ 1]) + d[5:])), LEDGER
    yield "signature-flipped-last", whole(signature(lambda d: d[:-1] + bytes([d[-1] ^ 128]))), LEDGER
    yield "signature-s-plus-l", whole(signature(malleable)), LEDGER
    yield "signature-zero", whole(signature(lambda d: d[:4] + bytes(64))), LEDGER
    yield "signature-identity", whole(signature(lambda d: d[:4] + b"\1" + bytes(63))), LEDGER
    yield "signature-short", whole(signature(lambda d: d[:-1])), LEDGER
    yield "signature-long", whole(signature(lambda d: d + b"\0")), LEDGER
    yield "key-id-other", whole(signature(lambda d: bytes(4) + d[4:])), LEDGER
    yield "five-bytes-less", whole(lambda n, k: n + "— x AAAA\n"), LEDGER
    yield "base64-not-the-one", whole(lambda n, k: n + "— x AAAAAAB=\n"), LEDGER
    yield "base64-none", whole(lambda n, k: n + "— x !!!!!!!!\n"), LEDGER
    yield "lines-17", whole(lambda n, k: lines(n, 16)), LEDGER
    yield "too-long", whole(lambda n, k: n + f"— {'w' * 66000} {b64(bytes(68))}\n"), LEDGER
    yield "of-the-head-before", lambda v, s, r, k: note(v, s - 1, r, k), LEDGER
    for name in facts.members:
        if name != "ana":
            yield f"by-{name}", whole(lambda n, k, m=name: note_by(n, facts.members[m])), LEDGER
            yield f"by-{name}-named-ana", whole(lambda n, k, m=name: named(n, facts.members[m], "ana")), LEDGER
    # Valid notes.
    yield "right", note, VALID
    yield "lines-16", whole(lambda n, k: lines(n, 15)), VALID
    yield "line-of-another", whole(lambda n, k: lines(n, 1)), VALID
    yield "line-first-of-another", whole(lambda n, k: n.replace("\n\n", f"\n\n— w {b64(bytes(68))}\n")), VALID
    wrong = signature(lambda data: data[:4] + bytes(64))
    yield "line-of-ana-that-does-not-hold", whole(lambda n, k: n + wrong(n, k).split("\n\n")[1]), VALID


def signature(change):
    """Changes the bytes of the only signature."""
    def made(whole, signer):
        head, _, data = whole.rstrip("\n").rpartition(" ")
        return f"{head} {base64.b64encode(change(base64.b64decode(data))).decode()}\n"
    return made


def malleable(data):
    """Adds the order of the group to S."""
    order = 2 ** 252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(data[36:], "little") + order
    return data[:36] + (scalar % 2 ** 256).to_bytes(32, "little")


def note_by(whole, member):
    text = whole[:whole.index("\n\n") + 1]
    return text + "\n" + member.line(text)


def named(whole, member, name):
    """Returns a note signed by a member with the name and the key ID of another one."""
    made = note_by(whole, member)
    identifier = base64.b64decode(whole.rstrip("\n").rpartition(" ")[2])[:4]
    return signature(lambda data: identifier + data[4:])(made.replace(f"— {member.name} ", f"— {name} "), None)
