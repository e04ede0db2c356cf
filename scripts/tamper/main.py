"""`make tamper`: changes a vault file in every place, as an attacker who can write it and as each of its members.

    main.py PROGRAM [--mutant NAME] [--only TEXT] [--mutants N] [--seconds N] [--seed N] [--workers N] [--report FILE]

Exits with 1 if a mutant was accepted, opened a secret wrongly, or was refused with a bad message.
"""

import faulthandler
import os
import random
import shutil
import signal
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# The sandbox and the rules for messages are shared with the fault harness.
sys.path.append(os.path.join(HERE, "..", "faults"))

import allowed
import crypto
import planning
import sandbox
import summary
from attempt import Attempt
from ledger import MEMORY
from sandbox import Sandbox
from sweep import outcomes, parser

DOCUMENT = os.path.join(HERE, "..", "..", "docs", "format.md")
LIMIT = 10
"""Seconds after which a command counts as hanging."""


def arguments():
    made = parser("Changes a vault file, and checks that each change is refused.")
    made.add_argument("--mutant", help="only this one, with all commands and their output")
    made.add_argument("--only", help="only mutants with this text in their name or kind")
    made.add_argument("--mutants", type=int, help="only this many, chosen by the seed")
    return made.parse_args()


class Work:
    """Shared by the worker processes."""

    mutants, vaults, folder, box = [], {}, "", None

    @classmethod
    def begin(cls, numbers):
        cls.box = Sandbox(os.path.join(cls.folder, f"w{numbers.get()}"))

    @classmethod
    def one(cls, place):
        mutant = cls.mutants[place]
        attempt = Attempt(mutant, cls.vaults[mutant.vault], cls.box)
        try:
            attempt.run()
        except Exception as error:
            attempt.found.append(("the harness failed", f"{type(error).__name__}: {str(error)[:300]}"))
        return mutant.name, mutant.group, attempt.verdict, attempt.found


def main():
    options = arguments()
    faulthandler.register(signal.SIGUSR1)
    if problem := crypto.problem():
        print(f"tamper: skipped: {problem}")
        return 0
    with open(DOCUMENT) as file:
        if absent := allowed.missing(file.read()):
            print(f"tamper: error: docs/format.md lacks the sentence: {absent[0]}", file=sys.stderr)
            return 1
    sandbox.LIMIT = LIMIT
    Sandbox.program = os.path.abspath(options.program)
    Work.folder = tempfile.mkdtemp(prefix="vault-tamper-", dir=MEMORY)
    try:
        return tried(options)
    finally:
        shutil.rmtree(Work.folder, ignore_errors=True)


def tried(options):
    start = time.monotonic()
    # The seed does not affect the vaults, so that the names of mutants are stable.
    Work.vaults, Work.mutants = planning.planned(Work.folder)
    if options.mutant:
        return show(options.mutant)
    places = [at for at, mutant in enumerate(Work.mutants)
              if not options.only or options.only in mutant.name or options.only in mutant.group]
    print(f"tamper: {len(places)} mutants of {len(Work.vaults)} vaults planned, prepared in "
          f"{time.monotonic() - start:.0f} s", flush=True)
    random.Random(options.seed).shuffle(places)
    places = places[:options.mutants]
    return summary.printed(sweep(options, places, start), len(places), start, options.report)


def show(name):
    """Runs one mutant, and prints all commands and their output."""
    found = [mutant for mutant in Work.mutants if mutant.name == name]
    if not found:
        print(f"tamper: error: no mutant '{name}'\ntamper: next: use a name that make tamper prints",
              file=sys.stderr)
        return 64
    attempt = Attempt(found[0], Work.vaults[found[0].vault], Sandbox(os.path.join(Work.folder, "one"))).run()
    print(f"{name}: {found[0].right}, {'known' if found[0].anchored else 'new'} to {found[0].who}: {attempt.verdict}")
    for run in attempt.ran:
        # The output of exec has secrets.
        print(f"$ {run!r}" + ("" if "exec" in run.argv else f"\n{run.out}".rstrip()))
    for kind, _ in attempt.found:
        print(f"VIOLATION {kind}")
    return 1 if attempt.found else 0


def sweep(options, places, start):
    """Runs the mutants, and prints the progress."""
    hanging = lambda: [("?", "harness", "hangs", [("the harness hangs", "")])]
    said = start
    for done, outcome in enumerate(outcomes(Work, places, options, start, hanging), 1):
        yield outcome
        if time.monotonic() - said > 20:
            said = time.monotonic()
            print(f"tamper: {done} of {len(places)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
