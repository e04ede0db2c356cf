"""Runs a mutant: `audit verify`, and a use of secrets."""

import contextlib
import json
import os
import re

import messages
from changes import Skipped
from mutant import ALLOWED, LEDGER, REFUSED, SEARCH, VALID
from vaults import SHOWN

VERIFY = {13}
USE = {11, 12, 13, 14, 16}
"""Exit codes of a refusal. A use may also find no such connection or slot, or a role without permission."""
LEDGER_SAYS = re.compile(
    r"the ledger is (damaged|of)|was forked|differ$|back in time|entries were removed from the ledger"
    r"|entry \d+ of the ledger", re.MULTILINE)
FOUND = {"celonis": ["A", "E"], "two": ["B"], "sales": ["C é"], "servicenow": ["D"], "prod": ["B"], "weather": ["W"]}
"""Search terms, and the connections of `team` that match."""


class Attempt:
    """A mutant in a sandbox, its commands, and its violations."""

    def __init__(self, mutant, vault, box):
        self.mutant, self.vault, self.box = mutant, vault, box
        self.ran, self.found, self.verdict = [], [], "skipped"

    def add(self, kind, result):
        self.found.append((kind, repr(result)))

    def run(self):
        self.box.reset(self.vault.folder)
        # Reading the template has created an empty log.
        for suffix in "-wal", "-shm":
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.box.path("v/vault.db" + suffix))
        try:
            self.mutant.change(self.box)
        except Skipped:
            return self
        if not self.mutant.anchored:
            forget(self.box)
        # SQLite treats a file of one byte as empty, which is exit code 10, no vault.
        path = self.box.path("v/vault.db")
        self.empty = {10} if os.path.isfile(path) and os.path.getsize(path) <= 1 else set()
        self.verdict = self.verify()
        self.use()
        return self

    def command(self, *argv, shows=False):
        who = self.mutant.who
        result = self.box.run(*argv, env={"VAULT_KEY_FILE": f"{who}.key", "VAULT_MEMBER": who})
        self.ran.append(result)
        for fault in messages.faults(result, self.vault.secrets, shows):
            self.add(f"{argv[0]}: {fault}", result)
        if result.code == 1:
            self.add(f"{argv[0]}: exit 1", result)
        return result

    def verify(self):
        """Runs `audit verify`, and compares its verdict with the right one."""
        result = self.command(*self.mutant.verify)
        right = self.mutant.right
        if result.code == 0:
            if right in (REFUSED, LEDGER):
                self.add("audit verify accepts it", result)
            if right == SEARCH:
                self.search()
            return "verifies"
        if right == ALLOWED:
            self.add("audit verify refuses what the format allows", result)
        elif result.code not in VERIFY | self.empty:
            self.add(f"audit verify: exit {result.code}", result)
        elif right == VALID and LEDGER_SAYS.search(result.err):
            self.add("audit verify refuses a ledger that is valid by docs/format.md", result)
        elif right == LEDGER and not LEDGER_SAYS.search(result.err):
            self.add("audit verify does not report an invalid ledger", result)
        return f"exit {result.code}"

    def search(self):
        """Checks that a search finds each connection."""
        for word, names in FOUND.items():
            result = self.command("connection", "list", "--search", word, "--json")
            found = sorted(json.loads(line)["name"] for line in result.out.splitlines())
            if result.code != 0 or found != names:
                self.add("audit verify accepts it, but a search has wrong results", result)

    def use(self):
        """Opens every shown secret; after a refusal, those of a single connection."""
        names = [name for name in SHOWN if name in self.vault.values]
        if self.shown(names) or self.mutant.right == ALLOWED:
            return
        one = names[sum(map(ord, self.mutant.name)) % len(names)]
        self.shown([one])

    def shown(self, names):
        """Returns whether the secrets open, and checks their values."""
        only = [word for name in names for word in ("--only", SHOWN[name])]
        result = self.command("exec", *names, *only, "--no-masking", "--", "/usr/bin/env", shows=True)
        if result.code == 0:
            lines = set(result.out.splitlines())
            wrong = [name for name in names if f"{SHOWN[name]}={self.vault.values[name]}" not in lines]
            if wrong:
                self.add(f"a secret opens to a wrong value: {' '.join(wrong)}", result)
        elif self.mutant.right == ALLOWED:
            self.add("a use refuses what the format allows", result)
        elif result.code not in USE | self.empty:
            self.add(f"exec: exit {result.code}", result)
        return result.code == 0


def anchors(box):
    """Returns the paths of the anchor and of the last verified state."""
    folder = box.path("state/vault/anchors")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))] if os.path.isdir(folder) else []


def forget(box):
    """Deletes the anchors, so that the user has never seen the vault."""
    for path in anchors(box):
        os.unlink(path)
