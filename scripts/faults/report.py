"""The output of `make faults`: the numbers of points, and all violations."""

import collections
import sys
import time

from point import spelled

SHOWN = 12
"""The number of groups printed for each kind of violation; the report file has all points."""


def printed(outcomes, planned, start, path=None):
    """Prints the results, and returns the exit code.

    All violations are also written to the file `path`.
    """
    tried, kinds, bad = collections.Counter(), collections.defaultdict(list), set()
    said = start
    for number, (point, ran, found) in enumerate(outcomes, 1):
        if time.monotonic() - said > 20:
            said = time.monotonic()
            print(f"faults: {number} of {planned} points, {len(bad)} with violations", file=sys.stderr, flush=True)
        if ran is None and not found:
            continue
        group = point.case, point.call, point.error
        tried[group] += 1
        for kind, detail in found:
            kinds[kind].append((group, spelled(point), detail))
            bad.add(point)
    counts(tried)
    violations(kinds, "faults POINT")
    if path:
        with open(path, "w") as file:
            for kind, places in sorted(kinds.items()):
                file.writelines(f"{kind}\t{name}\t{detail.strip()!r}\n" for _, name, detail in places)
        if bad:
            print(f"\nfaults: all violations are in {path}")
    cases = len({case for case, _, _ in tried})
    seconds = time.monotonic() - start
    print(f"\nfaults: {sum(tried.values())} points of {cases} operations and states ({planned} planned) in "
          f"{seconds:.0f} s: {len(bad)} with violations")
    return 1 if bad else 0


def counts(tried):
    """Prints the number of points for each operation and state by call, then by error."""
    for case in sorted({case for case, _, _ in tried}):
        calls = summed((call, count) for (of, call, _), count in tried.items() if of == case)
        print(f"{case:34} {sum(calls.values()):6}  {spread(calls)}")
    errors = summed((error, count) for (_, _, error), count in tried.items())
    print(f"{'by error':34} {sum(errors.values()):6}  {spread(errors)}")


def violations(kinds, command):
    """Prints each kind of violation: its count, and for each group a `make` command that reproduces it.

    `kinds` maps a kind to its violations: group, name, detail.
    """
    for kind, places in sorted(kinds.items(), key=lambda item: -len(item[1])):
        print(f"\nVIOLATION, {len(places)} times: {kind}")
        groups = collections.defaultdict(list)
        for group, name, detail in places:
            groups[group].append((name, detail))
        largest = sorted(groups.values(), key=lambda found: -len(found))
        for found in largest[:SHOWN]:
            print(f"  {len(found):5} × make {command}='{found[0][0]}'")
        if detail := largest[0][0][1].strip():
            print("        " + detail.replace("\n", "\n        "))


def summed(pairs):
    total = collections.Counter()
    for name, count in pairs:
        total[name] += count
    return total


def spread(counter):
    return " ".join(f"{name} {count}" for name, count in sorted(counter.items()))
