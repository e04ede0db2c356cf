"""The output of `make tamper`: the number of mutants by kind and verdict, and all violations."""

import collections
import time

from report import violations


def printed(attempts, planned, start, path=None):
    """Prints the attempts (name, group, verdict, found), writes all violations to `path`, and returns the exit code."""
    groups, kinds, bad = collections.defaultdict(collections.Counter), collections.defaultdict(list), set()
    report = open(path, "w", buffering=1) if path else None
    for name, group, verdict, found in attempts:
        groups[group][verdict] += 1
        for kind, detail in found:
            kinds[kind].append((group, name, detail))
            bad.add(name)
            if report:
                report.write(f"{kind}\t{name}\t{detail.strip()!r}\n")
    total = collections.Counter()
    for group, verdicts in sorted(groups.items()):
        total.update(verdicts)
        print(f"{group:34} {sum(verdicts.values()):6}  {spread(verdicts)}")
    violations(kinds, "tamper MUTANT")
    if path and bad:
        print(f"\ntamper: all violations are in {path}")
    tried = sum(total.values()) - total["skipped"]
    print(f"\ntamper: {tried} mutants tried ({planned} planned, {total['skipped']} skipped: SQLite refuses them) in "
          f"{time.monotonic() - start:.0f} s: {len(bad)} with violations")
    print(f"tamper: audit verify: {spread(total)}")
    return 1 if bad else 0


def spread(counter):
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()))
