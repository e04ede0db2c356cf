"""Entries that contradict the ledger before them (docs/format.md, section 9): well formed and correctly signed."""

import json

from crypto import pae, sha
from malformed import put
from valid_entries import TIME, entries, fresh, secret

UNKNOWN = fresh(0x77)


def found(facts):
    """Yields a name, the entries of a transaction, the signer, and rows of digest lists."""
    by_action = {action: made for action, made in entries(facts)}
    for name, action, path, value in single(facts, by_action):
        yield f"{action}:{name}", [put(by_action[action][0], path, value)], "ana", []
    for name, made in states(facts):
        yield name, [made], "ana", []
    yield from transactions(facts, by_action)
    yield from listed(facts)
    if "bo" in facts.members:
        for who in "bo", "wri", "aud":
            for action in "slot.add", "slot.remove", "slot.recover":
                entry = by_action[action][0]
                yield f"{action}:of-ana-by-{who}", [{**entry, "actor": facts.members[who].actor}], who, []


def single(facts, by_action):
    """Yields changes of a single value in a valid entry: name, action, path, value."""
    seq = len(facts.ledger.entries)
    for kind, value in ("seq-more", seq + 1), ("seq-less", seq - 1), ("seq-zero", 0):
        yield kind, "access.refused", ["seq"], value
    yield "actor-unknown", "access.refused", ["actor", "id"], UNKNOWN
    yield "actor-other-name", "access.refused", ["actor", "name"], "anb"
    for action, made in by_action.items():
        thing = made[0]["object"]
        if thing["kind"] in ("connection", "client") and not action.endswith(("create", "refused")):
            yield "owner-unknown", action, ["object", "id"], UNKNOWN
            other = "client" if thing["kind"] == "connection" else "connection"
            yield "owner-of-other-kind", action, ["object", "kind"], other
            # A proxy may end after its connection was removed.
            if facts.removed and action != "connection.proxy":
                yield "owner-removed", action, ["object", "id"], facts.removed
        if action.endswith(".create"):
            yield "owner-there", action, ["object", "id"], facts.owners["A"]["id"]
            if facts.removed:
                yield "owner-removed", action, ["object", "id"], facts.removed
        if thing["kind"] == "member":
            yield "member-other-name", action, ["object", "name"], "zz"
            if action != "member.add":
                yield "member-unknown", action, ["object", "id"], UNKNOWN
        if thing["kind"] == "key":
            yield "key-other-name", action, ["object", "name"], "epoch 77"
        for kind in "vault", "member", "key", "connector", "connection", "client":
            if kind != thing["kind"] and action != "access.refused":
                yield f"object-kind-{kind}", action, ["object", "kind"], kind
        for other in by_action:
            # Some actions have the same keys.
            is_alike = made[0]["change"].keys() <= by_action[other][0]["change"].keys()
            if other.split(".")[0] != action.split(".")[0] and len(other) % 5 == len(action) % 5 and not is_alike:
                yield f"as-{other}", action, ["action"], other
    ana = facts.members["ana"]
    for path, value in ((["change", "member", "id"], ana.id.hex()), (["change", "member", "name"], "ana"),
                        (["object", "id"], UNKNOWN)):
        yield f"member-there-{'.'.join(path)}", "member.add", path, value
    yield "slot-there", "slot.add", ["change", "slot"], facts.slots["ana"].lower()
    yield "slot-unknown", "slot.remove", ["change", "slot"], UNKNOWN
    yield "slot-unknown", "slot.recover", ["change", "slot"], UNKNOWN
    for number in (facts.epoch, facts.epoch + 2, 2 ** 62):
        yield f"epoch-{number - facts.epoch}", "key.rotate", ["change", "epoch"], number
    yield "not-there", "connector.remove", ["object", "name"], "rain"


def states(facts):
    """Yields entries with states that do not follow from the previous ones: name, entry."""
    a, b, w = (facts.owners[name] for name in ("A", "B", "W"))

    def annotate(owner, each):
        state = facts.state(owner["name"])
        each(state)
        return facts.entry("ana", "connection.annotate", owner, {"state": state})

    def first(change):
        return lambda state: state["secrets"][0].update(change)

    def without(*keys):
        return lambda state: [state["secrets"][0].pop(key, None) for key in keys]

    def added(item):
        return lambda state: state["secrets"].append(item)

    yield "state:other-digest", annotate(w, first({"sealed": fresh(20, 32)}))
    yield "state:other-epoch", annotate(w, first({"epoch": facts.epoch + 1}))
    yield "state:older-epoch", annotate(w, first({"epoch": 1}))
    yield "state:no-digest", annotate(w, without("sealed"))
    yield "state:no-epoch", annotate(w, without("epoch"))
    yield "state:neither", annotate(w, without("epoch", "sealed"))
    yield "state:as-deposit", annotate(w, lambda state: first({"deposit": state["secrets"][0].pop("sealed")})(state))
    yield "state:both", annotate(w, first({"deposit": fresh(20, 32)}))
    yield "state:keep-until-of-current", annotate(w, first({"keep_until": TIME}))
    yield "state:previous-without-keep-until", annotate(w, first({"label": "previous"}))
    yield "state:new-version", annotate(w, added({**secret(facts.epoch, "token", 2), "label": "pending"}))
    yield "state:two-current", annotate(w, added(secret(facts.epoch, "token", 2)))
    yield "state:doubled", annotate(w, lambda state: state["secrets"].append(dict(state["secrets"][0])))
    yield "state:unsorted", annotate(b, lambda state: state["secrets"].reverse())
    yield "state:other-version", annotate(w, first({"version": 2}))
    yield "state:other-field", annotate(w, first({"field": "tokens"}))
    for action, version, epoch in (("secret.set", 1, facts.epoch), ("secret.set", 2, 1), ("secret.set", 2, facts.epoch + 1),
                                   ("rotation.start", 1, facts.epoch)):
        state = facts.state("W")
        state["secrets"] = [secret(epoch, "token", version)]
        change = {"field": "token"} if action == "secret.set" else {"fields": ["token"]}
        yield f"state:{action}-version-{version}-epoch-{epoch}", facts.entry("ana", action, w, {**change, "state": state})
    state = facts.state("W")
    state["secrets"] = [{"field": "token", "label": "current", "version": 2}]
    yield "state:not-covered", facts.entry("ana", "secret.set", w, {"field": "token", "state": state})
    for name in "B", "A":
        # A destroyed version comes back, with a lower number than the existing ones.
        state = facts.state(name)
        old = secret(facts.epoch, state["secrets"][0]["field"], 1)
        state["secrets"].insert(0, {**old, "label": "previous", "keep_until": TIME})
        yield f"state:old-version-of-{name}", facts.entry("ana", "rotation.start", facts.owners[name], {
            "fields": [state["secrets"][0]["field"]], "state": state})
    for thing in (w, a):
        state = facts.state(thing["name"])
        state["secrets"][0]["sealed"] = fresh(21, 32)
        field = state["secrets"][0]["field"]
        sealed = facts.entry("ana", "secret.seal", thing, {"fields": [field], "state": state})
        yield f"state:seal-of-a-seal-{thing['name']}", sealed
    for name, state in facts.states.items():
        if any("deposit" in item for item in state["secrets"]):
            for kind, change in (("annotate", "connection.annotate"), ("set", "secret.set")):
                other = facts.state(name)
                item = next(item for item in other["secrets"] if "deposit" in item)
                item["sealed"] = item.pop("deposit")
                more = {"field": item["field"]} if kind == "set" else {}
                entry = facts.entry("ana", change, facts.owners[name], {**more, "state": other})
                yield f"state:deposit-sealed-by-{kind}", entry
            other = facts.state(name)
            item = next(item for item in other["secrets"] if "deposit" in item)
            item.update(sealed=fresh(22, 32), epoch=1)
            del item["deposit"]
            yield "state:deposit-sealed-in-old-epoch", facts.entry("ana", "secret.seal", facts.owners[name], {
                "fields": [item["field"]], "state": other})


def transactions(facts, by_action):
    """Yields transactions of entries that are invalid only together."""
    def both(one, two):
        return [one, {**two, "seq": one["seq"] + 1}]

    for action in ("member.add", "slot.add", "slot.remove", "key.rotate", "connection.create", "client.create",
                   "connection.remove", "connector.remove"):
        made = by_action[action][0]
        yield f"{action}:twice", both(made, made), "ana", []
    yield "used-after-removal", both(by_action["connection.remove"][0], by_action["connection.exec"][0]), "ana", []
    gone = facts.member("ana")
    yield "last-admin-removed", [facts.entry("ana", "member.remove", gone, {})], "ana", []
    for role in "user", "writer", "auditor":
        yield f"last-admin-now-{role}", [facts.entry("ana", "member.role", gone, {"role": role})], "ana", []
    if "bo" in facts.members:
        acted = facts.entry("bo", "access.refused", facts.owners["A"], {"what": "x", "why": "y"})
        yield "removed-and-acts", both(by_action["member.remove"][0], acted), "bo", []
    temporary = facts.entry("ana", "slot.add", gone, {"kind": "passphrase", "slot": fresh(30), "temporary": True})
    yield "acts-with-temporary-slot", both(temporary, by_action["connection.exec"][0]), "ana", []
    key = {"kind": "key", "name": f"epoch {facts.epoch}"}
    retired = facts.entry("ana", "key.retire", key, {"epoch": facts.epoch, "secrets": 0})
    yield "retire-nothing", [retired], "ana", []
    older = {"kind": "key", "name": f"epoch {facts.epoch - 1}"}
    left = facts.entry("ana", "key.retire", older, {"epoch": facts.epoch - 1, "secrets": 0})
    yield "retire-with-secrets-left", [left], "ana", []
    rotated = by_action["key.rotate"][0]
    yield "rotate-and-retire", both(rotated, retired), "ana", []
    yield "created-again", [{**json.loads(facts.ledger.entries[0]), "seq": len(facts.ledger.entries)}], "ana", []


def listed(facts):
    """Yields invalid digest lists: no rotation, another digest, unknown versions, duplicates, or no list at all."""
    seq, w = len(facts.ledger.entries), facts.owners["W"]
    item = pae(bytes.fromhex(w["id"]), "token", 1, facts.epoch, sha(b"x"))
    lists = {
        "whole": pae(item), "empty": pae(), "doubled": pae(item, item), "no-list": b"", "cut": pae(item)[:-1],
        "longer": pae(item) + b"\0",
        "unknown-owner": pae(pae(bytes(16), "token", 1, facts.epoch, sha(b"x"))),
        "unknown-version": pae(pae(bytes.fromhex(w["id"]), "token", 9, facts.epoch, sha(b"x"))),
        "unknown-field": pae(pae(bytes.fromhex(w["id"]), "tokens", 1, facts.epoch, sha(b"x"))),
        "older-epoch": pae(pae(bytes.fromhex(w["id"]), "token", 1, facts.epoch - 1, sha(b"x"))),
        "later-epoch": pae(pae(bytes.fromhex(w["id"]), "token", 1, facts.epoch + 1, sha(b"x"))),
        "short-digest": pae(pae(bytes.fromhex(w["id"]), "token", 1, facts.epoch, b"x")),
    }
    is_rotating = facts.is_rotating
    key = {"kind": "key", "name": f"epoch {facts.epoch}"}
    for action, thing in ("key.reseal", key), ("secret.cover", {"kind": "vault", "name": "vault"}):
        more = {"epoch": facts.epoch} if action == "key.reseal" else {}
        for name, data in lists.items():
            # During a rotation, a list with a version of the old epoch is valid.
            if name == "whole" and action == "key.reseal" and is_rotating:
                continue
            if name == "empty" and action == "secret.cover":
                continue
            made = facts.entry("ana", action, thing, {**more, "list": sha(data).hex(), "secrets": 0 if name == "empty" else 1})
            yield f"{action}:{name}", [made], "ana", [(seq, data)]
        made = facts.entry("ana", action, thing, {**more, "list": sha(lists["whole"]).hex(), "secrets": 1})
        yield f"{action}:other-list", [made], "ana", [(seq, lists["unknown-field"])]
        yield f"{action}:missing-list", [made], "ana", []
        made = facts.entry("ana", action, thing, {**more, "list": sha(lists["whole"]).hex(), "secrets": 2})
        yield f"{action}:other-count", [made], "ana", [(seq, lists["whole"])]


def past(facts, seq, entry):
    """Yields old entries with other values, which replay or the rows refute: name, entry."""
    change = entry["change"]
    for key in "settings_digest", "tags_digest":
        # A removed owner has no row to compare.
        if key in change.get("state", {}) and is_newest(facts, seq, entry) and not entry["action"].endswith("remove"):
            yield f"other-{key}", put(entry, ["change", "state", key], fresh(40, 32))
    for at, item in enumerate(change.get("state", {}).get("secrets", [])):
        for key, value in (("sealed", fresh(41, 32)), ("version", item["version"] + 7), ("epoch", item.get("epoch", 0) + 5)):
            # A digest that a later list has replaced is not compared.
            if key in item and (key != "sealed" or seq > facts.newest_list):
                yield f"other-{key}-{at}", put(entry, ["change", "state", "secrets", at, key], value)
    for key in "slot", "commitment", "deposit_key", "digest", "list":
        if key in change:
            size = 16 if key == "slot" else 32
            is_gone = key in ("commitment", "deposit_key") and change["epoch"] != facts.epoch
            if not is_gone:
                yield f"other-{key}", put(entry, ["change", key], fresh(42, size))
    if entry["object"]["kind"] in ("connection", "client"):
        yield "other-owner", put(entry, ["object", "id"], UNKNOWN)
    if seq:
        yield "other-actor", put(entry, ["actor", "id"], UNKNOWN)
        yield "other-seq", put(entry, ["seq"], seq + 1)
        yield "first-seq", put(entry, ["seq"], 0)


def is_newest(facts, seq, entry):
    return not any(json.loads(text)["object"].get("id") == entry["object"]["id"] and b'"state"' in text
                   for text in facts.ledger.entries[seq + 1:])
