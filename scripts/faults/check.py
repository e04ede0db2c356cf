"""The invariants after a fault.

The report of the command matches the vault. The next commands work. Every acknowledged secret opens to its last acknowledged
value, and a key opens the vault. The vault verifies. Files are private, and `vault doctor` reports each remaining partial file.
"""

import os
import re
import stat

import inject
import messages
from ledger import entries
from scenes import VARIABLES
from trial import read

PARTIAL = re.compile(r"\.(new|part|part-journal|aside)$|\.\d+\.\w+$")
PRELIMINARY = ("secret.seal", "secret.cover", "slot.recover", "access.refused")
"""Entries that a command may append before its own transaction."""
REPEATED = ("init", "place", "accept", "restore")
"""Kinds of operations to repeat at once: nothing else works before, or other entries would interfere."""


class Check:
    """The checks after a run with a fault."""

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
        """Runs every check. Returns the violations as a list of (kind, detail)."""
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

    # The report of the command.

    def reached(self):
        """Returns the state of the operation by the ledger.

        `old` (before it), `new` (after it) or `partial`; `none` if the operation appends no entries; `other` for anything else.
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
        """The message of the command matches the ledger."""
        # Warnings are about earlier transactions of the command.
        said = "\n".join(line for line in self.result.err.splitlines() if "vault: warning:" not in line)
        result, state = self.result, self.state
        if state == "other":
            self.add("the ledger has other entries", f"{self.log[-4:]}")
        if state == "partial" and self.kind != "steps":
            self.add("a change was made in part", f"{self.log[-4:]}")
        if result.was_killed or result.code < 0 or state == "none":
            return
        if self.is_done:
            if state != "new":
                self.add("exit 0, but the change was not made", said)
        elif self.is_unknown or self.is_output_lost:
            pass
        elif messages.NOTHING.search(said):
            if state in ("new", "partial"):
                self.add("'nothing was changed', but it was", said)
        elif messages.DONE.search(said):
            if state == "old" and self.kind != "steps":
                self.add("'it is done', but it is not", said)
        elif state == "new" and self.kind != "use":
            self.add("an error, but the change was made", said)

    def files_of_an_error(self):
        """A command that made no change removes the files that it created for it."""
        if self.is_done or self.is_unknown or self.state not in ("old", "none") or "unlink" in self.call:
            return
        for name in self.made:
            if name.endswith((".key", ".code", ".db", ".request")) and not name.startswith(("v/", "r/")):
                if self.kind != "init" or name.endswith(".code"):
                    self.add("an error, but the created file stays", f"{name}: {self.result.err}")

    # The next commands, without a fault.

    def run(self, *argv, env=None, shows=False):
        """Runs a command, and checks its messages."""
        result = self.box.run(*argv, env={"VAULT_FILE": self.trial.database, **(env or {})})
        self.ran.append(result)
        for fault in messages.faults(result, self.trial.secrets, shows):
            self.add(f"next command: {fault}", repr(result))
        return result

    def next_commands(self, parity):
        """Compares every secret and verifies the vault, in either order depending on `parity`."""
        if not os.path.exists(self.box.path(self.trial.database)):
            self.add("the vault is missing")
            return
        self.key = self.find_key()
        steps = [self.verify, self.secrets]
        for step in reversed(steps) if parity % 2 else steps:
            step()
        if self.operation.code and not self.has_code():
            self.add("no recovery code opens the vault")

    def find_key(self):
        """Returns the key file that should open the vault now, the new or the old one."""
        new = self.operation.key
        if not new:
            return "ana.key"
        probe = os.path.exists(self.box.path(new)) and self.run("audit", "verify", "--secrets", "--key-file", new)
        if probe and probe.code == 0:
            if self.state == "old":
                self.add("the new key file opens the vault, but the change was not made")
            return new
        if self.state == "new":
            self.add("the new key file does not open the vault", repr(probe or self.result))
        return "ana.key"

    def verify(self):
        result = self.run("audit", "verify", "--secrets", env={"VAULT_KEY_FILE": self.key})
        if result.code == 12:
            self.add("no key opens the vault", repr(result))
        elif result.code != 0:
            self.add(f"audit verify: exit {result.code}", repr(result))

    def secrets(self):
        """Every acknowledged secret has the old or the new value, according to the ledger."""
        is_new = self.state == "new" or self.kind in REPEATED
        values = self.trial.after_values if is_new else self.trial.scene.values
        shown = {pair: name for pair, name in VARIABLES.items() if pair in values}
        if shown:
            self.show(shown, values)
        # `exec` does not print these: compare those that the operation changes.
        for (owner, field), value in values.items():
            if (owner, field) not in shown and ((owner, field) in self.operation.sets or not shown):
                self.compare(owner, field, value)

    def show(self, shown, values):
        only = [word for name in shown.values() for word in ("--only", name)]
        result = self.run("exec", *[owner for owner, _ in shown], *only, "--no-masking", "--", "/usr/bin/env",
                          env={"VAULT_KEY_FILE": self.key}, shows=True)
        if result.code != 0:
            self.add(f"exec: exit {result.code}", repr(result))
            return
        lines = set(result.out.splitlines())
        for pair, name in shown.items():
            if f"{name}={values[pair]}" not in lines:
                self.add("a secret has a wrong value", f"{pair[1]} of {pair[0]}, after {self.log[-3:]}")

    def compare(self, owner, field, value):
        self.box.write("value", value)
        result = self.run("secret", "verify", owner, field, "--from", "file:value", env={"VAULT_KEY_FILE": self.key})
        os.unlink(self.box.path("value"))
        if result.code != 0:
            self.add(f"secret verify: exit {result.code}", repr(result))

    def has_code(self):
        """Whether the new or the old recovery code opens the vault."""
        codes = [name for name in (self.operation.code, "ana.code") if os.path.exists(self.box.path(name))]
        return any(self.run("audit", "verify", "--secrets", "--recovery-from", f"file:{name}",
                            env={"VAULT_KEY_FILE": None}).code == 0 for name in codes)

    def again(self):
        """If the change was not made, the same command works without the fault."""
        result = self.box.run(*self.trial.argv, env=self.operation.env, stdout=self.operation.to)
        for name in self.made:
            # The code file of a killed command is not overwritten; a user would choose another name.
            if name.endswith((".code", ".request")) and result.code == 15 and name in result.err:
                os.unlink(self.box.path(name))
                result = self.box.run(*self.trial.argv, env=self.operation.env, stdout=self.operation.to)
        self.ran.append(result)
        for fault in messages.faults(result, self.trial.secrets, shows=self.kind == "use"):
            self.add(f"the same command again: {fault}", repr(result))
        if result.code not in self.operation.exits:
            self.add("the same command fails again", repr(result))

    # Output and files.

    def printed(self):
        """The output of a command that succeeded is complete."""
        if len(read(self.box, self.operation.to).splitlines()) != self.trial.output:
            self.add("exit 0, but the output is incomplete")
        elif self.operation.proves and self.run(*self.operation.proves).code != 0:
            self.add("exit 0, but the output does not verify")

    def product(self):
        """The file that a command creates exists if it succeeded, and is complete if it exists."""
        is_there = os.path.exists(self.box.path(self.operation.product))
        if self.is_done and not is_there:
            self.add("exit 0, but the file does not exist", self.operation.product)
        if is_there and self.operation.proves and (self.is_done or self.kind == "file"):
            proof = self.run(*self.operation.proves)
            if proof.code != 0:
                self.add("the created file is incomplete", repr(proof))

    def files(self):
        """Modes, hard links, and leftovers of files that were being written."""
        now, before = self.box.files(), self.trial.files_before
        for name, status in now.items():
            mode, is_folder = stat.S_IMODE(status.st_mode), stat.S_ISDIR(status.st_mode)
            if name not in before and name != self.operation.to and mode != (0o700 if is_folder else 0o600):
                self.add("a file is not private", f"{name} has mode {mode:o}")
            if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
                self.add("a file has another hard link", name)
        for name in (before & self.trial.files_after) - set(now):
            if not PARTIAL.search(name) and not name.endswith(("-wal", "-shm")):
                self.add("a file is missing", name)
        left = [name for name in now if self.is_leftover(name, before | self.trial.files_after)]
        doctor = self.box.run("doctor", env={"VAULT_FILE": self.trial.database}).out if left else ""
        for name in left:
            if os.path.basename(name) not in doctor:
                self.add("left behind", re.sub(r"\d{3,}|[0-9a-f]{64}", "N", name))

    @staticmethod
    def is_leftover(name, known):
        """Whether a file is a leftover: none of the vault, of the anchors or of the agent."""
        if PARTIAL.search(name):
            return True
        is_ours = name.endswith(("-wal", "-shm")) or name.startswith(("state", "run"))
        return name not in known and not is_ours


def own(log, before):
    """Returns the entries of the operation's own transaction."""
    return [entry for entry in log[len(before):] if entry.action not in PRELIMINARY]
