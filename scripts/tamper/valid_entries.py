"""A valid entry of every action of docs/format.md, section 7, for a given vault. Mutants change one thing in it."""

import json
import os

from crypto import pieces
from identity import identity
from signing import Ledger

TIME = "2026-11-23T22:13:33Z"
VIA = {"host": "h", "program": "cli", "user": "u"}
ROLES = {
    "ana": None, "cy": (),
    "wri": ("connection.create", "connection.edit", "client.create", "client.edit", "secret.set", "slot.add", "slot.remove",
            "slot.recover", "access.refused"),
    "aud": ("slot.add", "slot.remove", "slot.recover", "access.refused"),
}
"""The actions that the role of each member allows; None for all, empty for a removed member."""
ADMINS = ("vault.create", "connection.export", "connection.allow", "audit.accept")


def may(name, action):
    if name == "bo":
        return action not in ADMINS and not action.startswith(("member.", "key.", "connector."))
    return ROLES[name] is None or action in ROLES[name]


def fresh(number, size=16):
    """Returns an ID, key or digest that no file has."""
    return bytes([0xEE] * (size - 1) + [number]).hex()


class Facts:
    """The parts of a vault's ledger that valid entries depend on."""

    def __init__(self, vault, older=None):
        self.vault = vault
        with vault.open() as file:
            self.ledger = Ledger(file)
            self.members = {name: identity(file, self.ledger.vault, name, os.path.join(vault.folder, f"{name}.key"))
                            for (name,) in file.execute("SELECT name FROM members").fetchall()
                            if os.path.exists(os.path.join(vault.folder, f"{name}.key"))}
            self.slots = dict(file.execute("SELECT m.name, hex(s.id) FROM slots s JOIN members m ON m.id = s.member"))
            self.epoch = file.execute("SELECT max(epoch) FROM epochs").fetchone()[0]
            lists = dict(file.execute("SELECT seq, list FROM digest_lists"))
            self.newest_list = max(lists, default=0)
            self.is_rotating = file.execute("SELECT count(*) FROM epochs").fetchone()[0] == 2
        if older:
            with older.open() as file:
                key = os.path.join(older.folder, "cy.key")
                self.members["cy"] = identity(file, self.ledger.vault, "cy", key)
        self.owners, self.states, self.removed = {}, {}, None
        for text in self.ledger.entries:
            entry = json.loads(text)
            if entry["action"].endswith(".remove") and "state" in entry["change"]:
                self.removed = entry["object"]["id"]
            elif "state" in entry["change"]:
                self.owners[entry["object"]["name"]] = entry["object"]
                self.states[entry["object"]["name"]] = entry["change"]["state"]
            elif entry["seq"] in lists:
                self.take(lists[entry["seq"]])

    def take(self, digest_list):
        """Applies a digest list: its digests are newer than those of the states before it (section 9)."""
        names = {owner["id"]: name for name, owner in self.owners.items()}
        for item in map(pieces, pieces(digest_list)):
            owner, field, version, epoch, digest = item
            for secret in self.states[names[owner.hex()]]["secrets"]:
                if secret["field"].encode() == field and secret["version"] == int.from_bytes(version, "little"):
                    secret.pop("deposit", None)
                    secret.update(epoch=int.from_bytes(epoch, "little"), sealed=digest.hex())

    def entry(self, who, action, thing, change, **more):
        member = self.members[who]
        return {"action": action, "actor": member.actor, "change": change, "object": thing, "operation": fresh(1),
                "seq": len(self.ledger.entries), "time": TIME, "via": VIA, **more}

    def member(self, name):
        return {"id": self.members[name].id.hex(), "kind": "member", "name": name}

    def state(self, name):
        """A copy of the owner's state, to be changed."""
        return json.loads(json.dumps(self.states[name]))


def entries(facts, who="ana"):
    """Yields pairs of an action and the entries of a transaction that is valid if `who` is an admin."""
    made = lambda action, thing, change, **more: [facts.entry(who, action, thing, change, **more)]
    vault, epoch = {"kind": "vault", "name": "vault"}, facts.epoch
    key = lambda number: {"kind": "key", "name": f"epoch {number}"}
    a, b, w, k = (facts.owners[name] for name in ("A", "B", "W", "K"))
    of = lambda owner: {"state": facts.state(owner["name"])}
    new = {"id": fresh(2), "name": "new", "receive_key": fresh(3, 32), "sign_key": fresh(4, 32)}
    begun = {"commitment": fresh(5, 32), "deposit_key": fresh(6, 32), "epoch": epoch + 1}
    slot = facts.slots[who].lower() if who in facts.slots else fresh(9)
    yield "member.add", made("member.add", {"id": new["id"], "kind": "member", "name": "new"}, {"member": new, "role": "user"})
    if "bo" in facts.members:
        yield "member.role", made("member.role", facts.member("bo"), {"role": "writer"})
        yield "member.remove", made("member.remove", facts.member("bo"), {})
    yield "slot.add", made("slot.add", facts.member(who), {"kind": "key-file", "slot": fresh(7)})
    yield "slot.remove", made("slot.remove", facts.member(who), {"slot": slot})
    yield "slot.recover", made("slot.recover", facts.member(who), {"slot": slot})
    yield "key.rotate", made("key.rotate", key(epoch + 1), begun)
    rain = {"kind": "connector", "name": "rain"}
    yield "connector.add", made("connector.add", rain, {"digest": fresh(8, 32), "title": "Rain"})
    yield "connector.remove", made("connector.remove", {"kind": "connector", "name": "weather"}, {})
    for kind in "connection", "client":
        yield f"{kind}.create", made(f"{kind}.create", {"id": fresh(10), "kind": kind, "name": "New"}, {
            "connector": "http", "settings": {"domain": {"new": "x"}, "hosts": {"new": ["x", "y"]}}, "note": "n",
            "tags": {"env": "x"}, "expires": {"token": TIME},
            "from": {"exporter": "x", "sign_key": fresh(11, 32), "vault": fresh(12, 32)},
            "state": {"secrets": [secret(epoch, "token")], "settings_digest": fresh(13, 32), "tags_digest": fresh(14, 32)}})
    yield "connection.edit", made("connection.edit", {**a, "name": "A2"}, {
        "name": {"new": "A2", "old": "A"}, "settings": {"domain": {"new": "x", "old": "y"}}, "expires": {"app-key": TIME},
        "destroyed": [{"field": "app-key", "label": "pending", "version": 2}],
        "state": {"secrets": [secret(epoch, "app-key", 3)], "settings_digest": fresh(13, 32)}})
    yield "client.edit", made("client.edit", k, of(k))
    yield "connection.annotate", made("connection.annotate", b, {
        **of(b), "note": {"new": "x", "old": "y"}, "tags": {"env": {"new": "x", "old": "prod"}},
        "rotate_every": {"token": {"new": "90d"}}})
    for owner in a, k:
        yield f"{owner['kind']}.remove", made(f"{owner['kind']}.remove", owner, {
            "connector": "celonis", "settings": {"domain": {"old": "x"}},
            "state": {"secrets": [], "settings_digest": facts.state(owner["name"])["settings_digest"]}})
    state = facts.state("W")
    state["secrets"] = [secret(epoch, "token", 2)]
    yield "secret.set", made("secret.set", w, {"field": "token", "state": state, "expires": TIME})
    yield "secret.verify", made("secret.verify", w, {"field": "token"})
    yield "secret.rollback", made("secret.rollback", b, {"fields": ["token"], **of(b)})
    yield "secret.destroy", made("secret.destroy", b, {
        "destroyed": [{"field": "token", "label": "previous", "version": 2}], "why": "over", **of(b)})
    yield "rotation.start", made("rotation.start", w, {
        "fields": ["token"], "program": "/bin/x", "expires": {"token": TIME},
        "state": {**facts.state("W"), "secrets": [
            *facts.state("W")["secrets"], {**secret(epoch, "token", 2), "label": "pending"}]}})
    yield "rotation.test", made("rotation.test", a, {
        "outcome": "failed", "tried": [{"connection": "A", "failure": "x"}], **of(a)})
    for action in "rotation.finish", "rotation.abort":
        yield action, made(action, a, {"fields": ["app-key"], **({"untested": True} if "finish" in action else {}), **of(a)})
    yield "connection.exec", made("connection.exec", a, {"program": "x", "variables": ["X"]}, reason="why")
    yield "connection.export", made("connection.export", k, {"fields": ["client-secret"], "to": fresh(15, 32)})
    yield "connection.allow", made("connection.allow", a, {
        "allow": ["exec", "proxy"], "paths": ["GET /**"], "rotate_with": "/bin/x", **of(a)})
    uses = {"versions": {"app-key": 1}, "label": "pending"}
    yield "connection.test", made("connection.test", a, dict(uses))
    yield "connection.tested", made("connection.tested", a, {"result": "failed", "status": 500, "why": "x", **uses})
    yield "connection.request", made("connection.request", a, {"method": "GET", "path": "/", **uses})
    yield "connection.proxy", made("connection.proxy", a, {"failed": 0, "refused": 0, "requests": 1, **uses})
    yield "connection.token", made("connection.token", a, dict(uses))
    yield "client.mint", made("client.mint", k, {"connection": "E", "host": "x", "version": 1})
    yield "audit.accept", made("audit.accept", vault, {"seen_at": TIME, "seen_root": fresh(16, 32), "seen_size": 9})
    yield "access.refused", made("access.refused", a, {"what": "x", "why": "y"})


def secret(epoch, field, version=1):
    return {"epoch": epoch, "field": field, "label": "current", "rotate_by": TIME, "rotate_every": "90d",
            "sealed": fresh(17, 32), "version": version}
