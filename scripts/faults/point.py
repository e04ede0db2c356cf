"""A fault, and the result of a run with it."""

import collections

Point = collections.namedtuple("Point", "case call error number")
"""A fault. `case` is NAME@STATE of an operation."""

Faulted = collections.namedtuple("Faulted", "box result call found after", defaults=([], list))
"""A run with a fault: the sandbox, its result, the failed call (None if none failed), violations during the run, and a function
to call after the checks, which returns more violations."""


def spelled(point):
    return f"{point.case}:{point.call}:{point.error}:{point.number}"


def parsed(text):
    case, call, error, number = text.rsplit(":", 3)
    return Point(case, call, error, int(number))
