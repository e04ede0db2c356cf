"""A power loss after every call of a command: what was not synchronized is gone, all of it or a part.

The calls of one run are replayed onto the files as they were before it. A file's bytes are durable as of its last fsync, a
name as of the last fsync of its folder. The rest is written in any order, or never.
"""

import os
import random

import calls
from point import Faulted, Point
from sandbox import Result

CALLS = ("power",)
IMAGES = ("synced", "names", "data", "mixed", "torn")
"""What is on the disk: only what was synchronized; with all names; with all bytes; with some of both; with half of the
last write."""


class File:
    """The bytes of a file as they are, as they are for sure on the disk, and the changes in between."""

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
    """Files by name, as they are and as they are on the disk."""

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
        """Does what one call did; whether the disk may be another one after it."""
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
        """The files as they could be found: name → bytes, None for a folder."""
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
    """The changes of a file's bytes that reached the disk."""
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
    """Runs the operation once, and keeps its calls."""
    trial.start(box)
    trace = box.root + ".trace"
    trial.run(box, wrapper=calls.wrapper(trace))
    # What is printed goes elsewhere than to this disk.
    found = [event for event in calls.events(trace, box.root) if event.path != trial.operation.to]
    os.unlink(trace)
    return found


def points(trial):
    """Every image that differs from the others, at every moment."""
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
    """Whether the command had said that it was done: what it prints comes last, or its end does."""
    return any(event.call == "say" for event in trial.events[:number]) or number == len(trial.events)


def fault(trial, box, point):
    """Puts the files as they are found after the loss of power into the sandbox."""
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
