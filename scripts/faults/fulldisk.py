"""A disk with a few free blocks of 4 KiB, and a read-only one. Mounting the tmpfs needs root."""

import os
import subprocess

import messages
from point import Faulted, Point
from sandbox import Sandbox

CALLS = ("tmpfs",)
BLOCK = 4096
STEPS = 48
"""Numbers of free blocks to try, starting from 0; a command needs 10 to 40."""

SIZE = 8 << 20


class FullDisk:
    """A small file system with a sandbox in it."""

    disks = {}

    @classmethod
    def of(cls, box):
        """Returns the file system for a sandbox, created at its first use."""
        if box.root not in cls.disks:
            cls.disks[box.root] = cls(box)
        return cls.disks[box.root]

    def __init__(self, box):
        self.root = box.root + ".disk"
        os.makedirs(self.root, exist_ok=True)
        mount("-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", self.root)
        self.box = Sandbox(os.path.join(self.root, "box"))

    def fill(self, blocks):
        """Leaves this many free blocks."""
        self.empty()
        free = os.statvfs(self.root)
        size = (free.f_bavail - blocks) * BLOCK
        with open(os.path.join(self.root, "filler"), "wb") as file:
            if size > 0:
                os.posix_fallocate(file.fileno(), 0, size)

    def empty(self):
        """Frees the space again."""
        filler = os.path.join(self.root, "filler")
        if os.path.exists(filler):
            os.unlink(filler)

    def remount(self, how):
        mount("-o", f"remount,{how}", self.root)


def mount(*words):
    subprocess.run(["mount", *words], check=True, capture_output=True)


def problem():
    """Returns why this fault cannot be injected here; None if it can."""
    return None if os.geteuid() == 0 else "skipping full disks: mounting a tmpfs needs root"


def unmount(folder):
    """Unmounts every file system below a folder."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.ismount(path):
            subprocess.run(["umount", "-l", path], capture_output=True)


def points(trial):
    if problem() is None:
        for blocks in range(STEPS):
            yield Point(trial.case, "tmpfs", "FREE", blocks)
        if trial.state != "held":
            yield Point(trial.case, "tmpfs", "READONLY", 0)


def fault(trial, box, point):
    """Runs the operation on the full disk, then a command that only reads, which has to work."""
    disk = FullDisk.of(box)
    box = disk.box
    disk.remount("rw")
    disk.empty()
    trial.start(box)
    holder = trial.hold(box)
    if point.error == "READONLY":
        disk.remount("ro")
        result = trial.run(box, holder, stdout=None)
        found = look(trial, box)
        disk.remount("rw")
        if trial.operation.to:
            box.write(trial.operation.to, result.out)
        return Faulted(box, result, "the file system is read-only", found)
    disk.fill(point.number)
    result = trial.run(box, holder)
    disk.fill(0)
    found = look(trial, box)
    disk.empty()
    return Faulted(box, result, f"{point.number} blocks of {BLOCK} bytes are free", found)


def look(trial, box):
    """Runs a command that only reads on a disk without space, and returns its violations."""
    if not trial.before or trial.scene.name == "old" or trial.operation.kind == "accept":
        return []
    result = box.run("connection", "list")
    found = [(f"reading on a full disk: {fault}", result.err) for fault in messages.faults(result, trial.secrets)]
    return found + ([] if result.code == 0 else [(f"reading on a full disk: exit {result.code}", result.err)])
