"""A power loss after every call of a command, which loses unsynced changes, all or some of them.

The recorded calls of a run are replayed on the files from before it. The bytes of a file are durable since its last fsync, a
name since the last fsync of its folder. Other changes reach the disk in any order, or never.
"""

import os
import random

import calls
from point import Faulted, Point
from sandbox import Result

CALLS = ("power",)
IMAGES = ("synced", "names", "data", "mixed", "torn")
"""The state of the disk: synced changes only; with all names; with all bytes; with some of both; with half of the last
write."""


class File:
    """A file: its durable bytes, and the changes since then."""

    def __init__(self, data=b""):
        self.durable, self.pending = data, []

    def change(self, event):
        self.pending.append((event.call, event.offset, event.data))

    def sync(self):
        self.durable, self.pending = self.content(self.pending), []

    def content(self, changes):
        data = bytearray(self.durable)
        for call, offset, written in changes:
            if call == "ftruncate":
                data[offset:] = bytes(max(0, offset - len(data)))
            else:
                data[len(data):offset] = bytes(max(0, offset - len(data)))
                data[offset:offset + len(written)] = written
        return bytes(data)


class Disk:
    """Files by name: the current and the durable names, and the changes in between."""

    def __init__(self, folder):
        self.names, self.durable, self.pending = {}, {}, {}
        for place, folders, files in os.walk(folder):
            for name in folders:
                self.names[os.path.relpath(os.path.join(place, name), folder)] = None
            for name in files:
                if not name.endswith("-shm"):
                    with open(os.path.join(place, name), "rb") as file:
                        self.names[os.path.relpath(os.path.join(place, name), folder)] = File(file.read())
        self.durable = dict(self.names)

    def apply(self, event):
        """Replays a call. Returns whether the state of the disk may have changed."""
        if event.path.endswith("-shm") or event.call == "say":
            return False
        if event.call == "create":
            if event.path in self.names:
                return False
            self.name(event.path, File())
        elif event.call == "mkdir":
            self.name(event.path, None)
        elif event.call in ("rename", "link"):
            self.name(event.target, self.names[event.path])
            if event.call == "rename":
                self.name(event.path, "gone")
        elif event.call == "unlink":
            self.name(event.path, "gone")
        elif event.call == "sync":
            self.sync(event.path)
        else:
            self.names[event.path].change(event)
        return True

    def name(self, path, what):
        self.pending.setdefault(os.path.dirname(path), []).append((path, what))
        put(self.names, path, what)

    def sync(self, path):
        file = self.names.get(path)
        if isinstance(file, File):
            file.sync()
        else:
            for change in self.pending.pop(path, []):
                put(self.durable, *change)

    def image(self, kind, seed):
        """Returns a possible state of the disk: name → bytes, None for a folder."""
        choose = random.Random(seed)
        names = dict(self.durable)
        if kind in ("names", "mixed"):
            for changes in self.pending.values():
                for change in changes[:len(changes) if kind == "names" else choose.randint(0, len(changes))]:
                    put(names, *change)
        found = {}
        for path, file in sorted(names.items()):
            folder = os.path.dirname(path)
            if not folder or found.get(folder, b"") is None:
                found[path] = file.content(kept(file.pending, kind, choose)) if file else None
        return found


def kept(pending, kind, choose):
    """Returns the changes of a file's bytes that reached the disk."""
    if kind == "data":
        return pending
    if kind == "mixed":
        return [change for change in pending if choose.random() < 0.5]
    if kind == "torn" and pending:
        call, offset, data = pending[-1]
        return [(call, offset, data[:len(data) // 2])]
    return []


def put(names, path, what):
    if isinstance(what, str):
        names.pop(path, None)
    else:
        names[path] = what


def record(trial, box):
    """Runs the operation once, and returns its calls."""
    trial.start(box)
    trace = box.root + ".trace"
    trial.run(box, wrapper=calls.wrapper(trace))
    # The output does not go to this disk.
    found = [event for event in calls.events(trace, box.root) if event.path != trial.operation.to]
    os.unlink(trace)
    return found


def points(trial):
    """Yields every distinct state of the disk after every call."""
    disk, seen = Disk(trial.scene.folder), set()
    for number, event in enumerate(trial.events, 1):
        if not disk.apply(event):
            continue
        for kind in IMAGES:
            image = disk.image(kind, number)
            key = hash(tuple(sorted(image.items())))
            if (key, said(trial, number)) not in seen:
                seen.add((key, said(trial, number)))
                yield Point(trial.case, "power", kind, number)


def said(trial, number):
    """Whether the command had reported success, by its output or by its exit."""
    return any(event.call == "say" for event in trial.events[:number]) or number == len(trial.events)


def fault(trial, box, point):
    """Restores the state of the disk after the power loss in the sandbox."""
    disk = Disk(trial.scene.folder)
    for event in trial.events[:point.number]:
        disk.apply(event)
    box.clear()
    image = disk.image(point.error, point.number)
    for path in sorted(image):
        place = box.path(path)
        if image[path] is None:
            os.mkdir(place, 0o700)
        else:
            with open(os.open(place, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                file.write(image[path])
    is_done = said(trial, point.number) and not trial.operation.to
    argv = [f"power lost after {point.number} of {len(trial.events)} calls, {point.error}:", *trial.argv]
    return Faulted(box, Result(argv, 0 if is_done else -9, "", ""), str(trial.events[point.number - 1])[:200])
