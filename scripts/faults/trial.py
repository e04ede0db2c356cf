"""An operation in a state: its behavior without a fault, and its runs with faults."""

import agent
import fulldisk
import inject
import powerloss
from ledger import entries, hold
from operations import LATER

VAULT = "v/vault.db"

SOURCES = (inject, powerloss, fulldisk, agent)
"""The kinds of faults. Each module lists its calls and points, and runs a point."""


class Trial:
    """An operation, the scene it starts from, and its effects without a fault."""

    def __init__(self, operation, state, builder):
        self.operation, self.state = operation, state
        scene = {"held": "plain", "agent": operation.scenes[0]}.get(state, state)
        self.scene = builder.scene(scene)
        self.case = f"{operation.name}@{state}"
        self.secrets = {*self.scene.values.values(), *self.scene.later.values()}

    def prepare(self, box):
        """Runs the operation once without strace, and once to count its calls."""
        self.files_before, self.before = self.start(box)
        self.argv = self.arguments(box)
        result = self.run(box)
        if result.code not in self.operation.exits:
            raise RuntimeError(f"{self.case} fails without a fault: {result!r}")
        self.after = entries(box.path(self.database))
        self.files_after = set(box.files())
        self.output = len(read(box, self.operation.to).splitlines()) if self.operation.to else 0
        self.after_values = self.acknowledged(box)
        self.secrets |= {read(box, name) for name in ("new", "newer") if name in self.files_before}
        if self.state == "agent":
            self.calls = agent.count(self, box)
            return self
        self.calls = inject.counts(self, box)
        self.events = powerloss.record(self, box)
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
        """Returns the arguments, with placeholders replaced by values from the vault."""
        words = list(self.operation.argv)
        if "SLOT" in words:
            words[words.index("SLOT")] = read(box, "slot")
        if "KEY" in words:
            words[words.index("KEY")] = box.must("member", "list", "--json").split('"receive_key":"')[1][:64]
        return words

    def acknowledged(self, box):
        """Returns the values of the secrets after the operation."""
        values = dict(self.scene.values)
        for (owner, field), source in self.operation.sets.items():
            if source is None:
                del values[owner, field]
            elif source == LATER:
                values[owner, field] = self.scene.later[owner, field]
            else:
                values[owner, field] = read(box, source)
        return values

    def run(self, box, holder=None, **options):
        """Runs the operation; in the state `held`, while another program reads the vault."""
        holder = holder or self.hold(box)
        try:
            return box.run(*self.argv, env=self.operation.env, **{"stdout": self.operation.to, **options})
        finally:
            if holder:
                holder.close()

    def points(self):
        """Yields every fault of every kind."""
        for source in [agent] if self.state == "agent" else [inject, powerloss, fulldisk]:
            yield from source.points(self)

    def fault(self, box, point):
        """Runs the operation with a fault."""
        return next(source for source in SOURCES if point.call in source.CALLS).fault(self, box, point)


def read(box, name):
    with open(box.path(name), errors="replace") as file:
        return file.read()
