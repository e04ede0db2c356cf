"""One fault, and what a run with it left."""

import collections

Point = collections.namedtuple("Point", "case call error number")
"""One fault: `case` is NAME@STATE of an operation."""

Faulted = collections.namedtuple("Faulted", "box result call found after", defaults=([], list))
"""A run with a fault: the sandbox, its result, the call that failed (None where none did), what was found during it, and a
function to call after the checks, which returns more findings."""


def spelled(point):
    return f"{point.case}:{point.call}:{point.error}:{point.number}"


def parsed(text):
    case, call, error, number = text.rsplit(":", 3)
    return Point(case, call, error, int(number))
