"""The system calls of a command that change files, read from what strace wrote."""

import collections
import os
import re

import inject

TRACED = (
    "open", "openat", "lseek", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "renameat", "renameat2",
    "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat")

Event = collections.namedtuple("Event", "call path data offset target", defaults=(b"", 0, None))
"""One call: `path` is relative to the sandbox, `target` the second path of `rename` and `link`."""

UNFINISHED = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)(?:<(.*)>)?")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
DESCRIPTOR = re.compile(r"^(\d+|AT_FDCWD)(?:<((?:\\x[0-9a-f]{2})*|[^>]*)>)?")


def wrapper(trace):
    """The words in front of a command whose calls are to be recorded, bytes and all."""
    whole_text = ["-y", "-xx", "-s", "16777216"]
    return ["strace", "-f", "-qq", *whole_text, "-o", trace, "-e", "signal=none", *inject.tracing(TRACED)]


def events(trace, root):
    """The calls that changed a file below `root`, or brought it to the disk, and `say` for what was printed."""
    places = {}
    with open(trace, errors="replace") as lines:
        for line in whole(lines):
            match = LINE.match(line)
            if match and int(match[3]) >= 0:
                yield from event(match[1], match[2], int(match[3]), places, root)


def whole(lines):
    """The lines of several threads, each call in one line, in the order of their ends."""
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
    """One line as events; `places` holds how far each descriptor has been written."""
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
    """A call on an open file."""
    found = DESCRIPTOR.match(arguments)
    number, path = int(found[1]), plain(found[2] or "")
    # Pipes and sockets have names too, which are no paths.
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
    """Text as strace writes it with -xx; each byte one character."""
    if text.startswith("\\x"):
        return bytes.fromhex(text.replace("\\x", "")).decode("latin-1")
    return text


def relative(path, root):
    """A path below the sandbox, without it; None for one elsewhere, or of a file that has no name any more."""
    if path.endswith(" (deleted)"):
        return None
    whole = os.path.normpath(path if path.startswith("/") else os.path.join(root, path))
    if whole == root:
        return ""
    return os.path.relpath(whole, root) if whole.startswith(root + "/") else None
