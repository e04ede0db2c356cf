"""What `make faults` prints: the points that were tried, and everything that did not agree."""

import collections
import sys
import time

from point import spelled

SHOWN = 12
"""Groups of points that are printed of each kind of disagreement; the file of the report has all of them."""


def printed(outcomes, planned, start, path=None):
    """Prints the outcomes of so many planned points, and gives the exit code.

    `path` names a file that takes every single disagreement.
    """
    tried, kinds, bad = collections.Counter(), collections.defaultdict(list), set()
    said = start
    for number, (point, ran, found) in enumerate(outcomes, 1):
        if time.monotonic() - said > 20:
            said = time.monotonic()
            print(f"faults: {number} of {planned} points, {len(bad)} did not agree", file=sys.stderr, flush=True)
        if ran is None and not found:
            continue
        tried[point.case, point.call, point.error] += 1
        for kind, detail in found:
            kinds[kind].append((point, detail))
            bad.add(point)
    counts(tried)
    for kind, places in sorted(kinds.items(), key=lambda item: -len(item[1])):
        disagreement(kind, places)
    if path:
        with open(path, "w") as file:
            for kind, places in sorted(kinds.items()):
                file.writelines(f"{kind}\t{spelled(point)}\t{detail.strip()!r}\n" for point, detail in places)
        if bad:
            print(f"\nfaults: every one of them is in {path}")
    cases = len({case for case, _, _ in tried})
    seconds = time.monotonic() - start
    print(f"\nfaults: {sum(tried.values())} points tried of {cases} operations and states ({planned} planned) in "
          f"{seconds:.0f} s: {len(bad)} did not agree")
    return 1 if bad else 0


def counts(tried):
    """A line for each operation in a state: its points by call; then the points by error."""
    for case in sorted({case for case, _, _ in tried}):
        calls = summed((call, count) for (of, call, _), count in tried.items() if of == case)
        print(f"{case:34} {sum(calls.values()):6}  {spread(calls)}")
    errors = summed((error, count) for (_, _, error), count in tried.items())
    print(f"{'by error':34} {sum(errors.values()):6}  {spread(errors)}")


def disagreement(kind, places):
    """One kind of disagreement: how often, and a command for each place in the program where it comes from."""
    print(f"\nNOT AGREED {len(places)} times: {kind}")
    groups = collections.defaultdict(list)
    for point, detail in places:
        groups[point.case, point.call, point.error].append((point, detail))
    largest = sorted(groups.values(), key=lambda group: -len(group))
    for group in largest[:SHOWN]:
        print(f"  {len(group):5} × make faults POINT='{spelled(group[0][0])}'")
    detail = largest[0][0][1].strip()
    if detail:
        print("        " + detail.replace("\n", "\n        "))


def summed(pairs):
    total = collections.Counter()
    for name, count in pairs:
        total[name] += count
    return total


def spread(counter):
    return " ".join(f"{name} {count}" for name, count in sorted(counter.items()))
