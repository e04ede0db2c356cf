"""One mutant, tried: `audit verify`, and a use of secrets."""

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
"""Exit codes that refuse. A use also finds no such connection, no such slot, and a role that may not."""
LEDGER_SAYS = re.compile(
    r"the ledger is (not|of)|was forked|back in time|entries were cut out|entry \d+ of the ledger")
FOUND = {"celonis": ["A", "E"], "two": ["B"], "sales": ["C é"], "servicenow": ["D"], "prod": ["B"], "weather": ["W"]}
"""Words to search `team` for, and what has them."""


class Attempt:
    """One mutant in a sandbox, what was run for it, and what is wrong."""

    def __init__(self, mutant, vault, box):
        self.mutant, self.vault, self.box = mutant, vault, box
        self.ran, self.found, self.verdict = [], [], "skipped"

    def add(self, kind, result):
        self.found.append((kind, repr(result)))

    def run(self):
        self.box.reset(self.vault.folder)
        # The generator has read the template, and left an empty log beside it.
        for suffix in "-wal", "-shm":
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.box.path("v/vault.db" + suffix))
        try:
            self.mutant.change(self.box)
        except Skipped:
            return self
        if not self.mutant.anchored:
            forget(self.box)
        # SQLite takes a file of one byte for an empty one, and an empty one is no vault.
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
            self.add(f"{argv[0]} ends with 1", result)
        return result

    def verify(self):
        """Whether `audit verify` says what is right."""
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
            self.add(f"audit verify ends with {result.code}", result)
        elif right == VALID and LEDGER_SAYS.search(result.err):
            self.add("audit verify refuses a ledger that is valid by docs/format.md", result)
        elif right == LEDGER and not LEDGER_SAYS.search(result.err):
            self.add("audit verify does not see that the ledger is not valid", result)
        return f"exit {result.code}"

    def search(self):
        """Whether a search finds each connection by its words."""
        for word, names in FOUND.items():
            result = self.command("connection", "list", "--search", word, "--json")
            found = sorted(json.loads(line)["name"] for line in result.out.splitlines())
            if result.code != 0 or found != names:
                self.add("audit verify accepts it, and a search does not find what it should", result)

    def use(self):
        """Opens every shown secret; after a refusal once more, of one connection alone."""
        names = [name for name in SHOWN if name in self.vault.values]
        if self.shown(names) or self.mutant.right == ALLOWED:
            return
        one = names[sum(map(ord, self.mutant.name)) % len(names)]
        self.shown([one])

    def shown(self, names):
        """Whether these open; each to its true value."""
        only = [word for name in names for word in ("--only", SHOWN[name])]
        result = self.command("exec", *names, *only, "--no-masking", "--", "/usr/bin/env", shows=True)
        if result.code == 0:
            lines = set(result.out.splitlines())
            wrong = [name for name in names if f"{SHOWN[name]}={self.vault.values[name]}" not in lines]
            if wrong:
                self.add(f"a secret opens to another value: {' '.join(wrong)}", result)
        elif self.mutant.right == ALLOWED:
            self.add("a use refuses what the format allows", result)
        elif result.code not in USE | self.empty:
            self.add(f"exec ends with {result.code}", result)
        return result.code == 0


def anchors(box):
    """The paths of the anchor and of what was verified."""
    folder = box.path("state/vault/anchors")
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))] if os.path.isdir(folder) else []


def forget(box):
    """Makes the user one who has never seen the vault."""
    for path in anchors(box):
        os.unlink(path)
