"""Mutants that a member signs: entries appended to the ledger, and old entries written otherwise, with everything over them
right. Only a reader of the whole format finds these."""

import json

import breaks
import contradictions
import forms
import heads
from changes import database
from mutant import LEDGER, REFUSED, VALID, Mutant
from signing import canonical

WHOLE = ("connection.annotate", "connection.exec")
"""The actions whose entry is broken in every place. Other entries are broken only in what is specific to their action."""
STRANGERS = ("bo", "wri", "aud", "cy")


def appended(facts, name, texts, who, right=LEDGER, anchored=None, lists=(), note_of=None):
    """A mutant with a new transaction at the end."""
    def change(box):
        with database(box.path("v/vault.db")) as file:
            # Each time from the file, because the ledger in memory grows.
            ledger = type(facts.ledger)(file)
            file.executemany("INSERT INTO digest_lists VALUES (?, ?)", lists)
            ledger.append(file, texts, facts.members[who], *([note_of] if note_of else []))
    group = "signed " + name.split(":")[0].replace("/", " ")
    anchored = sum(map(ord, name)) % 2 == 0 if anchored is None else anchored
    return Mutant(f"{facts.vault.name}/{name}", group, facts.vault.name, change, right, anchored)


def text(entry):
    return canonical(entry).encode()


def mutants(vaults):
    team = forms.Facts(vaults["team"], vaults["older"])
    solo = forms.Facts(vaults["solo"])
    rotating = [forms.Facts(vaults["rotating"], vaults["older"])] if "rotating" in vaults else []
    yield from right_ones(team)
    yield from broken_ones(solo, forms.Facts(vaults["team"]))
    yield from by_role(team)
    for facts in [team, solo, *rotating]:
        for name, entries, who, lists in contradictions.found(facts):
            # A rotation that was stopped changes what is right for master keys and secrets only.
            if facts.is_rotating and not name.startswith(("key.", "secret.", "state:", "retire", "rotat")):
                continue
            yield appended(facts, f"contradiction:{name}", [text(entry) for entry in entries], who, lists=lists)
    for facts in team, solo:
        for name, texts, who, note_of, right in heads.found(facts):
            yield appended(facts, f"head:{name}", texts, who, right, anchored=True, note_of=note_of)
            yield appended(facts, f"head:{name}-unseen", texts, who, right, anchored=False, note_of=note_of)
    yield from rewritten(solo)


def right_ones(facts):
    """Entries with nothing broken: the ledger is valid, even where rows do not follow. Otherwise the other mutants would show nothing."""
    for who in "ana", "bo", "wri", "aud":
        for action, entries in forms.entries(facts, who):
            if forms.may(who, action):
                yield appended(facts, f"right:{who}:{action}", [text(entry) for entry in entries], who, VALID)


def broken_ones(solo, team):
    """Each action as an admin signs it, with each thing broken."""
    for action, entries in forms.entries(solo):
        for name, data in breaks.broken(entries[0], action in WHOLE):
            yield appended(solo, f"broken:{action}:{name}", [data], "ana")
    for action, entries in forms.entries(team):
        if action in ("member.role", "member.remove", "connection.exec", "secret.set"):
            for name, data in breaks.broken(entries[0], False):
                yield appended(team, f"broken:{action}:{name}", [data], "ana")


def by_role(facts):
    """Each action by each member whose role does not allow it, and some broken ones of what it does allow."""
    for who in STRANGERS:
        for action, entries in forms.entries(facts, who):
            texts = [text(entry) for entry in entries]
            if not forms.may(who, action):
                yield appended(facts, f"role:{who}:{action}", texts, who)
                # As if an admin had done it, under the signature of one who is none; and the other way around.
                stolen = [text({**entry, "actor": facts.members["ana"].actor}) for entry in entries]
                yield appended(facts, f"role:{who}-as-ana:{action}", stolen, who)
                yield appended(facts, f"role:ana-as-{who}:{action}", texts, "ana")
            else:
                for number, (name, data) in enumerate(breaks.broken(entries[0], action == "access.refused")):
                    if number % 9 == len(action) % 9:
                        yield appended(facts, f"broken-by-{who}:{action}:{name}", [data], who)


def rewritten(facts):
    """Each old entry with each thing broken, and all heads from there on signed again by the member who signed them."""
    def replaced(seq, data):
        def change(box):
            with database(box.path("v/vault.db")) as file:
                type(facts.ledger)(file).replace(file, seq, data, facts.members["ana"])
        return change

    seen = set()
    for seq, old in enumerate(facts.ledger.entries):
        entry = json.loads(old)
        is_new = entry["action"] not in seen
        seen.add(entry["action"])
        for number, (name, data) in enumerate(breaks.broken(entry, seq == 0)):
            if data != old and (is_new or number % 20 == seq % 20):
                yield Mutant(f"solo/rewritten:{seq}:{entry['action']}:{name}", "signed rewritten", "solo", replaced(seq, data),
                             LEDGER, False)
        for name, other in contradictions.past(facts, seq, entry):
            yield Mutant(f"solo/rewritten:{seq}:{entry['action']}:{name}", "signed rewritten", "solo",
                         replaced(seq, text(other)), REFUSED, False)
