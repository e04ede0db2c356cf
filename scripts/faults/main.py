"""`make faults`: runs every operation that writes with a fault at every system call.

    main.py PROGRAM [--operation NAME[@STATE],…] [--point POINT] [--points N] [--seconds N] [--seed N] [--workers N]

Exits with 1 if an invariant was violated, and prints the command that reproduces it.
"""

import faulthandler
import os
import random
import shutil
import signal
import sys
import tempfile
import time

import check
import fulldisk
import inject
import operations
import report
from ledger import MEMORY
from point import parsed, spelled
from sandbox import Sandbox
from scenes import Builder
from sweep import outcomes, parser
from trial import Trial

FIXTURES = os.path.join(os.path.dirname(__file__), "..", "..", "Tests", "Fixtures")


def arguments():
    made = parser("Injects faults into every operation that writes.")
    made.add_argument("--operation", help="only these (NAME or NAME@STATE, separated by commas)")
    made.add_argument("--call", help="only faults of these calls, separated by commas")
    made.add_argument("--point", help="only this point, with all commands and their output")
    made.add_argument("--points", type=int, help="only this many, chosen by the seed")
    return made.parse_args()


class Work:
    """Shared by the worker processes: the trials, prepared before they start."""

    trials = {}
    folder = ""
    box = None

    @classmethod
    def begin(cls, numbers):
        cls.box = Sandbox(os.path.join(cls.folder, f"w{numbers.get()}"))

    @classmethod
    def one(cls, point):
        trial = cls.trials[point.case]
        with open(cls.box.root + ".point", "w") as file:
            file.write(spelled(point))
        ran, found, done = None, [], None
        try:
            done = trial.fault(cls.box, point)
            if done.call is None:
                done.after()
                return point, None, []
            checks = check.Check(trial, done.box, done.result, done.call)
            ran = done.call, done.result, checks.ran
            found = done.found + checks.all(parity=hash_of(point))
        except Exception as error:
            found.append(("the harness failed", f"{type(error).__name__}: {str(error)[:300]}"))
        if done:
            found += done.after()
        return point, ran, found


def hash_of(point):
    return sum(map(ord, spelled(point)))


def main():
    options = arguments()
    faulthandler.register(signal.SIGUSR1)
    if problem := inject.problem():
        print(f"faults: skipped: {problem}")
        return 0
    if problem := fulldisk.problem():
        print(f"faults: {problem}")
    Sandbox.program = os.path.abspath(options.program)
    Work.folder = tempfile.mkdtemp(prefix="vault-faults-", dir=MEMORY)
    try:
        return tried(options)
    finally:
        fulldisk.unmount(Work.folder)
        shutil.rmtree(Work.folder, ignore_errors=True)


def tried(options):
    start = time.monotonic()
    if options.point:
        options.operation = parsed(options.point).case
    cases = operations.cases(options.operation)
    if not cases:
        print(f"faults: error: no operation '{options.operation}'\nfaults: next: use one of "
              + " ".join(operation.name for operation in operations.OPERATIONS), file=sys.stderr)
        return 64
    build, scenes, plan = (os.path.join(Work.folder, name) for name in ("build", "scenes", "plan"))
    builder = Builder(Sandbox(build), scenes, options.seed, FIXTURES)
    box = Sandbox(plan)
    for operation, state in cases:
        trial = Trial(operation, state, builder).prepare(box)
        Work.trials[trial.case] = trial
    if options.point:
        return show(parsed(options.point), box)
    calls = options.call.split(",") if options.call else None
    points = [point for trial in Work.trials.values() for point in trial.points() if not calls or point.call in calls]
    print(f"faults: {len(cases)} operations and states, {len(points)} points planned, prepared in "
          f"{time.monotonic() - start:.0f} s", flush=True)
    random.Random(options.seed).shuffle(points)
    points = points[:options.points]
    done = outcomes(Work, points, options, start, stalled)
    return report.printed(done, len(points), start, options.report)


def show(point, box):
    """Runs one point, and prints all commands and their output."""
    Work.box = box
    _, ran, found = Work.one(point)
    if ran is None and not found:
        print("the fault was not injected: the command makes fewer calls")
        return 0
    call, result, later = ran or ("", "", [])
    for run in [result, *later]:
        print(f"$ {run!r}")
    print(f"call: {call}")
    for kind, detail in found:
        print(f"VIOLATION {kind}\n    {detail}")
    return 1 if found else 0


def stalled():
    """Yields the points that the processes were at when the results stopped."""
    for name in os.listdir(Work.folder):
        if name.endswith(".point"):
            with open(os.path.join(Work.folder, name)) as file:
                yield parsed(file.read()), None, [("the harness hangs", "")]


if __name__ == "__main__":
    sys.exit(main())
