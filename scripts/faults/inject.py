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

DISK = "write,pwrite64,fsync,fdatasync,ftruncate,mkdir,rename,link,openat"
DISK_FAULTS = ("ENOSPC+", "EDQUOT+", "EIO+", "EROFS+")
"""Every call of `DISK` fails from one of them on: the disk is full, broken or read-only, and stays so."""

MESSAGE = re.compile(r"\bwrite\(2\b")
"""A write to stderr, as strace shows it."""

LARGEST, STEP = 200 * 1024, 2048
"""Limits of the size of files, in bytes: a write across one is a short write, and the next one fails."""

CALLS = (*FAULTS, "disk", "size")


def counts(box, argv, env, stdout):
    """Runs a command without a fault, and counts its calls by name; of one process, as strace's `when` does."""
    trace = box.root + ".trace"
    names = ",".join(FAULTS)
    result = box.run(*argv, env=env, stdout=stdout, wrapper=[
        "strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", "signal=none", "-e", f"trace={names}"])
    found, first = collections.Counter(), None
    with open(trace, errors="replace") as lines:
        for line in lines:
            match = re.match(r"(\d+) +(\w+)\(", line)
            first = first or match and match[1]
            if match and match[1] == first:
                found[match[2]] += 1
    return result, found


def points(trial):
    """Every fault at one call, and every limit of a file's size."""
    for call, count in sorted(trial.calls.items()):
        for error in FAULTS[call]:
            for number in range(1, count + 1):
                yield Point(trial.case, call, error, number)
    for error in DISK_FAULTS:
        for number in range(1, sum(trial.calls[call] for call in DISK.split(",")) + 1):
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


def wrapper(point, trace, follows=True):
    """The words in front of a command that make one of its calls fail."""
    call = DISK if point.call == "disk" else point.call
    what = {"KILL": "signal=KILL", "ZERO": "retval=0"}.get(point.error, "error=" + point.error.rstrip("+"))
    when = f"{point.number}+" if point.error.endswith("+") else point.number
    words = ["strace", "-qq", "-y", "-o", trace, "-e", "signal=none"]
    # A filter makes strace stop for the traced calls only, but then it sends no signals.
    if follows and point.error != "KILL":
        words += ["-f", "--seccomp-bpf"]
    return words + ["-e", f"trace={call}", "-e", f"inject={call}:{what}:when={when}"]


def injected(trace):
    """The line of the call that failed first, and the first write of a message that did; None where none failed."""
    with open(trace, errors="replace") as lines:
        failed = [line.strip() for line in lines if "(INJECTED)" in line]
    return "; ".join(failed[:1] + [line for line in failed[1:] if MESSAGE.search(line)][:1]) or None


def limit(size):
    """What a child calls so that its files cannot grow beyond `size` bytes: a write across it is a short one."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def problem():
    """Why faults cannot be injected here; None where they can."""
    try:
        done = subprocess.run(["strace", "-f", "--seccomp-bpf", "-qq", "-o", os.devnull, "true"], capture_output=True, timeout=10)
    except FileNotFoundError:
        return "strace is not installed (Debian: apt-get install strace)"
    except subprocess.TimeoutExpired:
        return "strace hangs"
    return None if done.returncode == 0 else f"ptrace is not allowed here: {done.stderr.decode().strip()[:200]}"
