"""What has to be true after a fault.

What was reported agrees with the vault. The next commands work. Every secret that was ever acknowledged opens to its last
acknowledged value, and a key opens the vault. All of it verifies. Files are private, and no partial file stays unnamed.
"""

import os
import re
import stat

import inject
import messages
from ledger import entries
from scenes import VARIABLES
from trial import read

HALF_MADE = re.compile(r"\.(new|part|part-journal|aside)$|\.\d+\.\w+$")
PREAMBLE = ("secret.seal", "secret.cover", "slot.recover", "access.refused")
"""Entries that a command makes on the way to its own transaction."""
REPEATED = ("init", "place", "accept", "restore")
"""Kinds of operations that are to be repeated before anything else works, or before other entries get in their way."""


class Check:
    """The checks after one faulted run."""

    def __init__(self, trial, box, result, call):
        self.trial, self.box, self.result, self.call = trial, box, result, call or ""
        self.operation, self.kind = trial.operation, trial.operation.kind
        self.is_output_lost = inject.MESSAGE.search(self.call) is not None
        self.is_done = result.code in self.operation.exits
        self.is_unknown = result.code < 0 or result.was_killed or messages.UNKNOWN.search(result.err) is not None
        self.found, self.ran = [], []
        self.log = entries(box.path(trial.database))
        self.state = self.reached()
        self.made = [name for name in trial.files_after - trial.files_before if os.path.isfile(box.path(name))]

    def add(self, kind, detail=""):
        self.found.append((kind, detail))

    def all(self, parity=0):
        """Runs every check; the list of (kind, detail) of what is not as it should be."""
        if not self.result.was_killed and not self.is_output_lost:
            faults = messages.faults(self.result, self.trial.secrets, shows=self.kind == "use")
            self.found += [(fault, self.result.err) for fault in faults]
        if self.result.code == 13:
            self.add("a false alarm: exit 13", self.result.err)
        self.reports()
        self.files_of_an_error()
        if self.kind in REPEATED and self.state != "new":
            self.again()
        self.next_commands(parity)
        if self.operation.to and self.result.code == 0:
            self.printed()
        if self.operation.product:
            self.product()
        if self.state == "old" and self.kind not in REPEATED:
            self.again()
        self.files()
        return self.found

    # What was reported.

    def reached(self):
        """How far the operation came, as the ledger says.

        `old`, `new`, or `partial` in between; `none` where the operation makes no entries of its own; `other` for anything
        else.
        """
        before, after, log = self.trial.before, self.trial.after, self.log
        if self.kind != "accept" and own(after, before) == []:
            return "none"
        if log == after or log == before:
            return "new" if log == after else "old"
        done, whole = own(log, before), own(after, before)
        if log[:len(before)] != before or done != whole[:len(done)]:
            return "other"
        return "new" if done == whole else "partial" if done else "old"

    def reports(self):
        """What the command said of the change is what the ledger says."""
        # Warnings are of what was done on the way.
        said = "\n".join(line for line in self.result.err.splitlines() if "vault: warning:" not in line)
        result, state = self.result, self.state
        if state == "other":
            self.add("the ledger has other entries", f"{self.log[-4:]}")
        if state == "partial" and self.kind != "steps":
            self.add("a change was done in part", f"{self.log[-4:]}")
        if result.was_killed or result.code < 0 or state == "none":
            return
        if self.is_done:
            if state != "new":
                self.add("exit 0, and the change is not in force", said)
        elif self.is_unknown or self.is_output_lost:
            pass
        elif messages.NOTHING.search(said):
            if state in ("new", "partial"):
                self.add("'nothing was changed', and it was", said)
        elif messages.DONE.search(said):
            if state == "old" and self.kind != "steps":
                self.add("'it is done', and it is not", said)
        elif state == "new" and self.kind != "use":
            self.add("an error, and the change is in force", said)

    def files_of_an_error(self):
        """Files that belong to a change are gone with it, where it is known not to have happened."""
        if self.is_done or self.is_unknown or self.state not in ("old", "none") or "unlink" in self.call:
            return
        for name in self.made:
            if name.endswith((".key", ".code", ".db", ".request")) and not name.startswith(("v/", "r/")):
                if self.kind != "init" or name.endswith(".code"):
                    self.add("an error, and the file that was made stays", f"{name}: {self.result.err}")

    # Commands without a fault.

    def run(self, *argv, env=None, shows=False):
        """Runs a command that has to keep the rules for messages, whatever else."""
        result = self.box.run(*argv, env={"VAULT_FILE": self.trial.database, **(env or {})})
        self.ran.append(result)
        for fault in messages.faults(result, self.trial.secrets, shows):
            self.add(f"next command: {fault}", repr(result))
        return result

    def next_commands(self, parity):
        """Compares every secret, and verifies the vault; in an order that changes from point to point."""
        if not os.path.exists(self.box.path(self.trial.database)):
            self.add("the vault is gone")
            return
        self.key = self.find_key()
        steps = [self.verify, self.secrets]
        for step in reversed(steps) if parity % 2 else steps:
            step()
        if self.operation.code and not self.has_code():
            self.add("no recovery code opens the vault")

    def find_key(self):
        """The key file that opens the vault now: the new one, or the one as of before."""
        new = self.operation.key
        if not new:
            return "ana.key"
        probe = os.path.exists(self.box.path(new)) and self.run("audit", "verify", "--secrets", "--key-file", new)
        if probe and probe.code == 0:
            if self.state == "old":
                self.add("the new key file opens the vault, and the change is not in force")
            return new
        if self.state == "new":
            self.add("the new key file does not open the vault", repr(probe or self.result))
        return "ana.key"

    def verify(self):
        result = self.run("audit", "verify", "--secrets", env={"VAULT_KEY_FILE": self.key})
        if result.code == 12:
            self.add("no key opens the vault", repr(result))
        elif result.code != 0:
            self.add(f"audit verify ends with {result.code}", repr(result))

    def secrets(self):
        """Every acknowledged secret has the value as of before or after, whichever the ledger says."""
        is_new = self.state == "new" or self.kind in REPEATED
        values = self.trial.after_values if is_new else self.trial.scene.values
        shown = {pair: name for pair, name in VARIABLES.items() if pair in values}
        if shown:
            self.show(shown, values)
        # Those that are not shown are compared one by one, where the operation touches them.
        for (owner, field), value in values.items():
            if (owner, field) not in shown and ((owner, field) in self.operation.sets or not shown):
                self.compare(owner, field, value)

    def show(self, shown, values):
        only = [word for name in shown.values() for word in ("--only", name)]
        result = self.run("exec", *[owner for owner, _ in shown], *only, "--no-masking", "--", "/usr/bin/env",
                          env={"VAULT_KEY_FILE": self.key}, shows=True)
        if result.code != 0:
            self.add(f"exec ends with {result.code}", repr(result))
            return
        lines = set(result.out.splitlines())
        for pair, name in shown.items():
            if f"{name}={values[pair]}" not in lines:
                self.add("a secret has another value", f"{pair[1]} of {pair[0]}, after {self.log[-3:]}")

    def compare(self, owner, field, value):
        self.box.write("value", value)
        result = self.run("secret", "verify", owner, field, "--from", "file:value", env={"VAULT_KEY_FILE": self.key})
        os.unlink(self.box.path("value"))
        if result.code != 0:
            self.add(f"secret verify ends with {result.code}", repr(result))

    def has_code(self):
        """Whether a recovery code opens the vault: the new one, or the one as of before."""
        codes = [name for name in (self.operation.code, "ana.code") if os.path.exists(self.box.path(name))]
        return any(self.run("audit", "verify", "--secrets", "--recovery-from", f"file:{name}",
                            env={"VAULT_KEY_FILE": None}).code == 0 for name in codes)

    def again(self):
        """The same command, without the fault, works where the change is not in force."""
        result = self.box.run(*self.trial.argv, env=self.operation.env, stdout=self.operation.to)
        for name in self.made:
            # A code that a killed command has written is not written over: the person who runs it names another file.
            if name.endswith((".code", ".request")) and result.code == 15 and name in result.err:
                os.unlink(self.box.path(name))
                result = self.box.run(*self.trial.argv, env=self.operation.env, stdout=self.operation.to)
        self.ran.append(result)
        for fault in messages.faults(result, self.trial.secrets, shows=self.kind == "use"):
            self.add(f"the same command again: {fault}", repr(result))
        if result.code not in self.operation.exits:
            self.add("the same command fails again", repr(result))

    # What it made.

    def printed(self):
        """What a command printed is whole where it ended with 0."""
        if len(read(self.box, self.operation.to).splitlines()) != self.trial.output:
            self.add("exit 0, and the output is not whole")
        elif self.operation.proves and self.run(*self.operation.proves).code != 0:
            self.add("exit 0, and the output does not verify")

    def product(self):
        """A file that a command makes is there and whole where it ended with 0, or where it is there at all."""
        is_there = os.path.exists(self.box.path(self.operation.product))
        if self.is_done and not is_there:
            self.add("exit 0, and the file is not there", self.operation.product)
        if is_there and self.operation.proves and (self.is_done or self.kind == "file"):
            proof = self.run(*self.operation.proves)
            if proof.code != 0:
                self.add("the file that was made is not whole", repr(proof))

    def files(self):
        """Modes, second names, and what is left of files that were being made."""
        now, before = self.box.files(), self.trial.files_before
        for name, status in now.items():
            mode, is_folder = stat.S_IMODE(status.st_mode), stat.S_ISDIR(status.st_mode)
            if name not in before and name != self.operation.to and mode != (0o700 if is_folder else 0o600):
                self.add("a file is not private", f"{name} has mode {mode:o}")
            if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
                self.add("a file has a second name", name)
        for name in (before & self.trial.files_after) - set(now):
            if not HALF_MADE.search(name) and not name.endswith(("-wal", "-shm")):
                self.add("a file is gone", name)
        left = [name for name in now if self.is_left(name, before | self.trial.files_after)]
        doctor = self.box.run("doctor", env={"VAULT_FILE": self.trial.database}).out if left else ""
        for name in left:
            if os.path.basename(name) not in doctor:
                self.add("left behind", re.sub(r"\d{3,}|[0-9a-f]{64}", "N", name))

    @staticmethod
    def is_left(name, known):
        """Whether a file is neither of the vault, nor of what the user has seen of it, nor of the agent."""
        if HALF_MADE.search(name):
            return True
        is_ours = name.endswith(("-wal", "-shm")) or name.startswith(("state", "run"))
        return name not in known and not is_ours


def own(log, before):
    """The entries that the operation itself made, and not on its way to it."""
    return [entry for entry in log[len(before):] if entry.action not in PREAMBLE]
