"""Parses the system calls that change files from the output of strace."""

import collections
import os
import re

import inject

TRACED = (
    "open", "openat", "lseek", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "renameat", "renameat2",
    "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat")

Event = collections.namedtuple("Event", "call path data offset target", defaults=(b"", 0, None))
"""A call. `path` is relative to the sandbox, `target` is the second path of `rename` and `link`."""

UNFINISHED = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)(?:<(.*)>)?")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
DESCRIPTOR = re.compile(r"^(\d+|AT_FDCWD)(?:<((?:\\x[0-9a-f]{2})*|[^>]*)>)?")


def wrapper(trace):
    """Returns the strace command line that records the calls of a command with all bytes."""
    whole_text = ["-y", "-xx", "-s", "16777216"]
    return ["strace", "-f", "-qq", *whole_text, "-o", trace, "-e", "signal=none", *inject.tracing(TRACED)]


def events(trace, root):
    """Yields the calls that changed or synced files below `root`, and `say` for output on stdout."""
    places = {}
    with open(trace, errors="replace") as lines:
        for line in whole(lines):
            match = LINE.match(line)
            if match and int(match[3]) >= 0:
                yield from event(match[1], match[2], int(match[3]), places, root)


def whole(lines):
    """Joins interrupted lines of several threads, so that each call is on one line, in order of completion."""
    begun = {}
    for line in lines:
        line = line.rstrip("\n")
        if start := UNFINISHED.match(line):
            begun[start[1]] = f"{start[1]} {start[2]}"
        elif end := RESUMED.match(line):
            yield begun.pop(end[1], "") + end[2]
        else:
            yield line


def event(call, arguments, result, places, root):
    """Converts a line to events. `places` maps descriptors to their file offsets."""
    strings = [plain(text) for text in STRING.findall(arguments)]
    if call in ("open", "openat"):
        places[result] = 0
        path = relative(strings[0], root)
        if path and "O_CREAT" in arguments:
            yield Event("create", path)
        if path and "O_TRUNC" in arguments:
            yield Event("ftruncate", path)
        return
    if call.startswith(("rename", "link")):
        source, target = (relative(text, root) for text in strings[:2])
        if source and target:
            yield Event("rename" if call.startswith("rename") else "link", source, target=target)
        return
    if call.startswith(("unlink", "mkdir")):
        if path := relative(strings[0], root):
            yield Event("unlink" if call.startswith("unlink") else "mkdir", path)
        return
    yield from descriptor_event(call, arguments, result, places, root, strings)


def descriptor_event(call, arguments, result, places, root, strings):
    """Converts a call on a descriptor to events."""
    found = DESCRIPTOR.match(arguments)
    number, path = int(found[1]), plain(found[2] or "")
    # The names of pipes and sockets are not paths.
    path = relative(path, root) if path.startswith("/") else None
    last = arguments.rsplit(", ", 1)[-1]
    if call == "lseek":
        places[number] = result
    elif call == "write":
        offset = places.get(number, 0)
        places[number] = offset + result
        if path:
            yield Event("write", path, strings[0].encode("latin-1")[:result], offset)
        elif number == 1:
            yield Event("say", "")
    elif path and call == "pwrite64":
        yield Event("write", path, strings[0].encode("latin-1")[:result], int(last))
    elif path and call == "ftruncate":
        yield Event("ftruncate", path, offset=int(last))
    elif path is not None and call in ("fsync", "fdatasync"):
        yield Event("sync", path)


def plain(text):
    """Decodes text in the format of strace -xx, one character for each byte."""
    if text.startswith("\\x"):
        return bytes.fromhex(text.replace("\\x", "")).decode("latin-1")
    return text


def relative(path, root):
    """Returns a path relative to the sandbox; None for a path outside it or of a deleted file."""
    if path.endswith(" (deleted)"):
        return None
    whole = os.path.normpath(path if path.startswith("/") else os.path.join(root, path))
    if whole == root:
        return ""
    return os.path.relpath(whole, root) if whole.startswith(root + "/") else None
