"""Faults at a single system call of a command, injected by strace: an error, a short result, or a kill."""

import collections
import os
import re
import resource
import subprocess

import short_write
from point import Faulted, Point

OPEN = ("open", "openat")
WRITES = ("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "renameat", "renameat2", "link", "linkat",
          "unlink", "unlinkat") + OPEN
"""The calls that change or sync files."""

FAULTS = {call: ("KILL", "ENOSPC", "EDQUOT", "EIO", "EINTR") for call in WRITES}
FAULTS |= {call: FAULTS[call] + ("ZERO", "HALF") for call in ("write", "pwrite64")}
FAULTS |= {call: ("KILL", "ENOSPC", "EDQUOT", "EIO") for call in ("mkdir", "mkdirat")}
FAULTS |= {call: ("EIO", "EINTR") for call in ("read", "pread64")}
FAULTS |= {"fcntl": ("EINTR", "ENOLCK"), "flock": ("EINTR", "ENOLCK"), "fchmod": ("EIO", "EPERM")}
"""The faults of each call. ZERO writes nothing and returns 0; HALF writes half of the bytes, and returns their number."""

AGAIN = {call: ("KILL", "EIO", "EINTR") if "sync" in call else ("KILL", "EIO") for call in WRITES}
AGAIN |= {call: ("KILL", "ENOSPC", "EIO", "ZERO") for call in ("write", "pwrite64")}
"""The faults in the other states of an operation than its first one."""

DISK = (
    "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link",
    "linkat", "open", "openat")
DISK_FAULTS = ("ENOSPC+", "EIO+", "EROFS+")
"""All calls of `DISK` fail from one of them on: the disk stays full, broken or read-only."""

MESSAGE = re.compile(r"\bwrite\(2\b")
"""A write to stderr, as strace shows it."""

LARGEST, STEP = 192 * 1024, 4096 - 512
"""File size limits in bytes: a write across the limit is short, and the next one fails."""

CALLS = (*FAULTS, "disk", "size")


def counts(trial, box):
    """Counts the calls of an operation without a fault."""
    trial.start(box)
    trace = box.root + ".trace"
    trial.run(box, wrapper=["strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", "signal=none", *tracing(FAULTS)])
    return busiest(trace)


def tracing(names):
    """Returns the strace arguments to trace these calls, ignoring those that this architecture lacks."""
    return ["-e", "trace=" + ",".join("?" + name for name in names)]


def busiest(trace):
    """Counts each call in the thread that makes it most often: strace's `when` counts for each thread."""
    found, most = collections.Counter(), collections.Counter()
    with open(trace, errors="replace") as lines:
        for line in lines:
            if match := re.match(r"(\d+) +(\w+)\(", line):
                found[match[1], match[2]] += 1
                most[match[2]] = max(most[match[2]], found[match[1], match[2]])
    return most


def points(trial):
    """Yields every fault at a single call, and every file size limit.

    All of them for the first state of an operation. The other states skip calls that only read or lock, and faults that differ
    only in the message.
    """
    is_first = trial.state == trial.operation.scenes[0]
    for call, count in sorted(trial.calls.items()):
        is_whole = is_first or trial.state == "agent" and call in WRITES
        for error in FAULTS[call] if is_whole else AGAIN.get(call, ()):
            for number in range(1, count + 1):
                yield Point(trial.case, call, error, number)
    for error in DISK_FAULTS if is_first else DISK_FAULTS[:1]:
        for number in range(1, sum(trial.calls[call] for call in DISK) + 1):
            yield Point(trial.case, "disk", error, number)
    for size in range(0, LARGEST, STEP):
        yield Point(trial.case, "size", "LIMIT", size)


def fault(trial, box, point):
    """Runs the operation with a fault."""
    trial.start(box)
    if point.call == "size":
        result = trial.run(box, before=limit(point.number))
        return Faulted(box, result, f"files are limited to {point.number} bytes")
    if point.error == "HALF":
        return short_write.fault(trial, box, point)
    trace = box.root + ".trace"
    result = trial.run(box, wrapper=wrapper(point, trace, follows=trial.operation.kind != "use"))
    if point.error == "KILL":
        return Faulted(box, result, "killed" if result.was_killed else None)
    return Faulted(box, result, injected(trace))


def injection(call, error, number):
    """Returns the strace arguments that make a call fail."""
    call = ",".join("?" + name for name in DISK) if call == "disk" else call
    what = {"KILL": "signal=KILL", "ZERO": "retval=0"}.get(error, "error=" + error.rstrip("+"))
    when = f"{number}+" if error.endswith("+") else number
    return ["-e", f"trace={call}", "-e", f"inject={call}:{what}:when={when}"]


def wrapper(point, trace, follows=True):
    """Returns the strace command line that makes a call of a command fail."""
    words = ["strace", "-qq", "-y", "-o", trace, "-e", "signal=none"]
    # With a seccomp filter strace is faster, but cannot send signals.
    if follows and point.error != "KILL":
        words += ["-f", "--seccomp-bpf"]
    return words + injection(point.call, point.error, point.number)


IMPOSSIBLE = re.compile(r"F_UNLCK|LOCK_UN|\[eventfd\]|write\(([3-9]|\d\d+)<pipe:")


def injected(trace):
    """Returns the first failed call, and the first failed write of a message; None if none failed.

    Ignores calls that never fail like this: releases of a lock, after which strace would keep the lock; and writes to an
    eventfd, or to a pipe within the program, which need no disk.
    """
    with open(trace, errors="replace") as lines:
        failed = [line.strip() for line in lines if "(INJECTED)" in line]
    if failed and IMPOSSIBLE.search(failed[0]):
        return None
    return "; ".join(failed[:1] + [line for line in failed[1:] if MESSAGE.search(line)][:1]) or None


def limit(size):
    """Returns a function for the child process that limits the size of its files."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def problem():
    """Returns why faults cannot be injected here; None if they can."""
    try:
        words = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, "true"]
        done = subprocess.run(words, capture_output=True, timeout=10)
    except FileNotFoundError:
        return "strace is not installed (Debian: apt-get install strace)"
    except subprocess.TimeoutExpired:
        return "strace does not respond"
    return None if done.returncode == 0 else f"ptrace is not allowed here: {done.stderr.decode().strip()[:200]}"
