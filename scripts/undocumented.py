"""Lists the public declarations without a doc comment, from the symbol graphs that scripts/docs.sh extracts."""

import json
import sys

SELF_EVIDENT = {"swift.enum.case", "swift.associatedtype", "swift.typealias"}
"""Documented by their type: cases by their enum, and `Answer` by the operation."""


def undocumented(path):
    """Yields the place and the name of each undocumented symbol of one graph."""
    with open(path) as file:
        graph = json.load(file)
    for symbol in graph["symbols"]:
        place = symbol.get("location")
        if "docComment" in symbol or not place or symbol["kind"]["identifier"] in SELF_EVIDENT:
            continue
        yield f"{place['uri'].removeprefix('file://')}:{place['position']['line'] + 1}", ".".join(symbol["pathComponents"])


def main():
    found = sorted(item for path in sys.argv[1:] for item in undocumented(path))
    for place, name in found:
        print(f"docs: error: {place}: {name} has no doc comment", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
