"""One operation in one state: what it does without a fault, and one run of it with a fault."""

import os
import shutil

import inject
from operations import LATER
from scenes import entries, hold

VAULT = "v/vault.db"


class Trial:
    """An operation, the scene it begins in, and what it leaves when nothing fails."""

    def __init__(self, operation, state, builder):
        self.operation, self.state = operation, state
        self.scene = builder.scene("plain" if state == "held" else state)
        self.case = f"{operation.name}@{state}"
        self.secrets = set(self.scene.values.values())

    def prepare(self, box):
        """Runs the operation once as it is, and once counting its calls."""
        self.files_before, self.before = self.start(box)
        self.argv = self.arguments(box)
        result = self.run(box)
        if result.code not in self.operation.exits:
            raise RuntimeError(f"{self.case} fails without a fault: {result!r}")
        self.after = entries(box.path(self.database))
        self.files_after = set(box.files())
        self.output = len(read(box, self.operation.to).splitlines()) if self.operation.to else 0
        self.after_values = self.acknowledged(box)
        self.secrets |= set(self.after_values.values()) | {read(box, name) for name in ("new", "newer") if name in self.files_before}
        self.start(box)
        holder = self.hold(box)
        _, self.calls = inject.counts(box, self.argv, self.operation.env, self.operation.to)
        if holder:
            holder.close()
        return self

    @property
    def database(self):
        return "r/vault.db" if self.operation.kind == "place" else VAULT

    def start(self, box):
        box.reset(self.scene.folder)
        return set(box.files()), entries(box.path(self.database))

    def hold(self, box):
        return hold(box.path(VAULT)) if self.state == "held" else None

    def arguments(self, box):
        """The words of the command, with what only the vault itself can tell put in."""
        words = list(self.operation.argv)
        if "SLOT" in words:
            words[words.index("SLOT")] = read(box, "slot")
        if "KEY" in words:
            words[words.index("KEY")] = box.must("member", "list", "--json").split('"receive_key":"')[1][:64]
        return words

    def acknowledged(self, box):
        """The values after the operation was done."""
        values = dict(self.scene.values)
        for (owner, field), source in self.operation.sets.items():
            if source is None:
                del values[owner, field]
            elif source == LATER:
                values[owner, field] = self.scene.later[owner, field]
            else:
                values[owner, field] = read(box, source)
        return values

    def run(self, box, **options):
        """Runs the operation; in the state `held` while another program reads the vault."""
        holder = self.hold(box)
        try:
            return box.run(*self.argv, env=self.operation.env, stdout=self.operation.to, **options)
        finally:
            if holder:
                holder.close()

    def points(self):
        """Every fault at one call, and every limit of a file's size."""
        yield from inject.points(self.case, self.calls)
        if self.calls["write"] + self.calls["pwrite64"]:
            for size in range(0, 200 * 1024, 2048):
                yield inject.Point(self.case, "size", "LIMIT", size)

    def fault(self, box, point):
        """Runs the operation with a fault; its result, and the call that failed (None where none did)."""
        self.start(box)
        if point.call == "size":
            return self.run(box, before=inject.limit(point.number)), f"files limited to {point.number} bytes"
        if point.error == "HALF":
            return self.run(box), None
        trace = box.root + ".trace"
        result = self.run(box, wrapper=inject.wrapper(point, trace, follows=self.operation.kind != "use"))
        if point.error == "KILL":
            return result, "killed" if result.was_killed else None
        return result, inject.injected(trace)


def read(box, name):
    with open(box.path(name), errors="replace") as file:
        return file.read()


def without(path):
    """Removes a folder, if it is there."""
    shutil.rmtree(path, ignore_errors=True)
    if os.path.exists(path):
        os.unlink(path)
