"""Faults at one system call of a command: what strace can make it return, or that it never returns."""

import collections
import os
import re
import resource
import subprocess

import short
from point import Faulted, Point

OPEN = ("open", "openat")
WRITES = ("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "renameat", "renameat2", "link", "linkat",
          "unlink", "unlinkat") + OPEN
"""The calls that change a file, or tell when it is durable."""

FAULTS = {call: ("KILL", "ENOSPC", "EDQUOT", "EIO", "EINTR") for call in WRITES}
FAULTS |= {call: FAULTS[call] + ("ZERO", "HALF") for call in ("write", "pwrite64")}
FAULTS |= {call: ("KILL", "ENOSPC", "EDQUOT", "EIO") for call in ("mkdir", "mkdirat")}
FAULTS |= {call: ("EIO", "EINTR") for call in ("read", "pread64")}
FAULTS |= {"fcntl": ("EINTR", "ENOLCK"), "flock": ("EINTR", "ENOLCK"), "fchmod": ("EIO", "EPERM")}
"""The faults of each call. ZERO writes nothing and returns 0; HALF writes half of it, and returns that."""

AGAIN = {call: ("KILL", "EIO", "EINTR") if "sync" in call else ("KILL", "EIO") for call in WRITES}
AGAIN |= {call: ("KILL", "ENOSPC", "EIO", "ZERO") for call in ("write", "pwrite64")}
"""The faults in the states of an operation that are not its first one."""

DISK = (
    "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link",
    "linkat", "open", "openat")
DISK_FAULTS = ("ENOSPC+", "EIO+", "EROFS+")
"""Every call of `DISK` fails from one of them on: the disk is full, broken or read-only, and stays so."""

MESSAGE = re.compile(r"\bwrite\(2\b")
"""A write to stderr, as strace shows it."""

LARGEST, STEP = 192 * 1024, 4096 - 512
"""Limits of the size of files, in bytes: a write across one is a short write, and the next one fails."""

CALLS = (*FAULTS, "disk", "size")


def counts(trial, box):
    """Runs an operation without a fault, and counts its calls."""
    trial.start(box)
    trace = box.root + ".trace"
    trial.run(box, wrapper=["strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", "signal=none", *tracing(FAULTS)])
    return busiest(trace)


def tracing(names):
    """The words for strace to trace these calls, whether this processor has each of them or not."""
    return ["-e", "trace=" + ",".join("?" + name for name in names)]


def busiest(trace):
    """How often each call is made, by the thread that makes it most: strace's `when` counts for each thread."""
    found, most = collections.Counter(), collections.Counter()
    with open(trace, errors="replace") as lines:
        for line in lines:
            if match := re.match(r"(\d+) +(\w+)\(", line):
                found[match[1], match[2]] += 1
                most[match[2]] = max(most[match[2]], found[match[1], match[2]])
    return most


def points(trial):
    """Every fault at one call, and every limit of a file's size.

    The first state of an operation gets all of them. In the others calls that only read or lock are left out, and what
    differs by the words of a message only.
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
    """Runs the operation with one fault."""
    trial.start(box)
    if point.call == "size":
        result = trial.run(box, before=limit(point.number))
        return Faulted(box, result, f"files are limited to {point.number} bytes")
    if point.error == "HALF":
        return short.fault(trial, box, point)
    trace = box.root + ".trace"
    result = trial.run(box, wrapper=wrapper(point, trace, follows=trial.operation.kind != "use"))
    if point.error == "KILL":
        return Faulted(box, result, "killed" if result.was_killed else None)
    return Faulted(box, result, injected(trace))


def injection(call, error, number):
    """The words for strace that make one call fail."""
    call = ",".join("?" + name for name in DISK) if call == "disk" else call
    what = {"KILL": "signal=KILL", "ZERO": "retval=0"}.get(error, "error=" + error.rstrip("+"))
    when = f"{number}+" if error.endswith("+") else number
    return ["-e", f"trace={call}", "-e", f"inject={call}:{what}:when={when}"]


def wrapper(point, trace, follows=True):
    """The words in front of a command that make one of its calls fail."""
    words = ["strace", "-qq", "-y", "-o", trace, "-e", "signal=none"]
    # A filter makes strace stop for the traced calls only, but then it sends no signals.
    if follows and point.error != "KILL":
        words += ["-f", "--seccomp-bpf"]
    return words + injection(point.call, point.error, point.number)


def injected(trace):
    """The line of the call that failed first, and the first write of a message that did; None where none failed.

    Giving a lock back never fails, and strace would keep the lock.
    """
    with open(trace, errors="replace") as lines:
        failed = [line.strip() for line in lines if "(INJECTED)" in line]
    if failed and ("F_UNLCK" in failed[0] or "LOCK_UN" in failed[0]):
        return None
    return "; ".join(failed[:1] + [line for line in failed[1:] if MESSAGE.search(line)][:1]) or None


def limit(size):
    """What a child calls so that its files cannot grow beyond `size` bytes: a write across it is a short one."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def problem():
    """Why faults cannot be injected here; None where they can."""
    try:
        words = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, "true"]
        done = subprocess.run(words, capture_output=True, timeout=10)
    except FileNotFoundError:
        return "strace is not installed (Debian: apt-get install strace)"
    except subprocess.TimeoutExpired:
        return "strace hangs"
    return None if done.returncode == 0 else f"ptrace is not allowed here: {done.stderr.decode().strip()[:200]}"
