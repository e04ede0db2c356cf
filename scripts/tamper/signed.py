"""Mutants that a member signs: entries appended to the ledger and rewritten old entries, with valid tiles and heads. Only a
complete implementation of the format detects these."""

import json

import contradictions
import heads
import malformed
import valid_entries
from changes import database
from mutant import LEDGER, REFUSED, VALID, Mutant
from signing import canonical

WHOLE = ("connection.annotate", "connection.exec")
"""The actions with entries that are changed in every place. Other entries are changed in what is specific to their action."""
STRANGERS = ("bo", "wri", "aud", "cy")


def appended(facts, name, texts, who, right=LEDGER, anchored=None, lists=(), note_of=None):
    """Returns a mutant with a transaction appended."""
    def change(box):
        with database(box.path("v/vault.db")) as file:
            # Read again for each run, because the ledger in memory grows.
            ledger = type(facts.ledger)(file)
            file.executemany("INSERT INTO digest_lists VALUES (?, ?)", lists)
            ledger.append(file, texts, facts.members[who], *([note_of] if note_of else []))
    group = "signed " + name.split(":")[0].replace("/", " ")
    anchored = sum(map(ord, name)) % 2 == 0 if anchored is None else anchored
    return Mutant(f"{facts.vault.name}/{name}", group, facts.vault.name, change, right, anchored)


def text(entry):
    return canonical(entry).encode()


def mutants(vaults):
    team = valid_entries.Facts(vaults["team"], vaults["older"])
    solo = valid_entries.Facts(vaults["solo"])
    rotating = [valid_entries.Facts(vaults["rotating"], vaults["older"])] if "rotating" in vaults else []
    yield from valid(team)
    yield from malformed_entries(solo, valid_entries.Facts(vaults["team"]))
    yield from by_role(team)
    for facts in [team, solo, *rotating]:
        for name, entries, who, lists in contradictions.found(facts):
            # An interrupted rotation affects master keys and secrets only.
            if facts.is_rotating and not name.startswith(("key.", "secret.", "state:", "retire", "rotat")):
                continue
            yield appended(facts, f"contradiction:{name}", [text(entry) for entry in entries], who, lists=lists)
    for facts in team, solo:
        for name, texts, who, note_of, right in heads.found(facts):
            yield appended(facts, f"head:{name}", texts, who, right, anchored=True, note_of=note_of)
            yield appended(facts, f"head:{name}-unseen", texts, who, right, anchored=False, note_of=note_of)
    yield from rewritten(solo)


def valid(facts):
    """Yields valid entries, which prove that the other mutants fail for the right reason. Rows may contradict them."""
    for who in "ana", "bo", "wri", "aud":
        for action, entries in valid_entries.entries(facts, who):
            if valid_entries.may(who, action):
                yield appended(facts, f"right:{who}:{action}", [text(entry) for entry in entries], who, VALID)


def malformed_entries(solo, team):
    """Yields malformed entries of each action, signed by an admin."""
    for action, entries in valid_entries.entries(solo):
        for name, data in malformed.mutations(entries[0], action in WHOLE):
            yield appended(solo, f"broken:{action}:{name}", [data], "ana")
    for action, entries in valid_entries.entries(team):
        if action in ("member.role", "member.remove", "connection.exec", "secret.set"):
            for name, data in malformed.mutations(entries[0], False):
                yield appended(team, f"broken:{action}:{name}", [data], "ana")


def by_role(facts):
    """Yields each action by members without permission, and some malformed entries by members with permission."""
    for who in STRANGERS:
        for action, entries in valid_entries.entries(facts, who):
            texts = [text(entry) for entry in entries]
            if not valid_entries.may(who, action):
                yield appended(facts, f"role:{who}:{action}", texts, who)
                # With an admin as actor and another signer; and the other way around.
                stolen = [text({**entry, "actor": facts.members["ana"].actor}) for entry in entries]
                yield appended(facts, f"role:{who}-as-ana:{action}", stolen, who)
                yield appended(facts, f"role:ana-as-{who}:{action}", texts, "ana")
            else:
                for number, (name, data) in enumerate(malformed.mutations(entries[0], action == "access.refused")):
                    if number % 9 == len(action) % 9:
                        yield appended(facts, f"broken-by-{who}:{action}:{name}", [data], who)


def rewritten(facts):
    """Yields malformed and changed old entries, with all later heads signed again by the member who signed them."""
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
        for number, (name, data) in enumerate(malformed.mutations(entry, seq == 0)):
            if data != old and (is_new or number % 20 == seq % 20):
                yield Mutant(f"solo/rewritten:{seq}:{entry['action']}:{name}", "signed rewritten", "solo", replaced(seq, data),
                             LEDGER, False)
        for name, other in contradictions.past(facts, seq, entry):
            yield Mutant(f"solo/rewritten:{seq}:{entry['action']}:{name}", "signed rewritten", "solo",
                         replaced(seq, text(other)), REFUSED, False)
