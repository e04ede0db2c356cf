"""Faults inside the agent, while it does what a command asks of it.

The agent is unlocked first, then strace follows it; a call's number is counted in each of its threads, from there on.
"""

import os
import re
import signal
import subprocess
import time

import inject
from point import Faulted, Point

CALLS = tuple("agent." + call for call in (*inject.FAULTS, "disk"))

OPERATIONS = (
    "connection-create", "connection-edit", "connection-annotate", "connection-remove", "client-edit", "secret-set",
    "secret-verify", "rotate-start", "rotate-finish", "rotate-abort", "key-rotate", "slot-change-key-file",
    "slot-change-recovery", "member-add-key-file", "member-remove", "import", "export-bundle", "exec", "unlock")
"""What an agent does for a command."""

LOCKED = {"VAULT_KEY_FILE": None}
"""Without a key file named, a command asks the agent."""


class Agent:
    """The agent of a sandbox: unlocked, or for the command `unlock` running and locked."""

    def __init__(self, box, is_locked=False):
        self.box, self.process = box, None
        if is_locked:
            self.process = subprocess.Popen(
                [box.program, "agent"], cwd=box.root, env=box.environment(LOCKED), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            self.pid = self.process.pid
            wait(lambda: any(name.endswith(".sock") for name in box.files()))
        else:
            self.pid = int(re.search(r'"pid":(\d+)', box.must("unlock", "--json"))[1])

    def follow(self, words):
        """Attaches strace with these words; gives it once it follows every thread."""
        words = ["strace", "-f", "-y", "-e", "signal=none", "-o", self.box.root + ".trace", *words, "-p", str(self.pid)]
        tracer = subprocess.Popen(words, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        line = tracer.stderr.readline()
        if b"attached" not in line:
            raise RuntimeError(f"strace does not follow the agent: {line!r}")
        return tracer

    @property
    def is_there(self):
        try:
            with open(f"/proc/{self.pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
        except OSError:
            return False

    def end(self):
        """Ends the agent, and with it what it left open."""
        for sent in signal.SIGTERM, signal.SIGKILL:
            if self.is_there:
                os.kill(self.pid, sent)
                wait(lambda: not self.is_there)
        if self.process:
            self.process.wait()


def wait(condition, seconds=5):
    """Waits until something is so, and no longer than this."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)


def leave(tracer):
    """Takes strace off the agent."""
    if tracer.poll() is None:
        tracer.send_signal(signal.SIGTERM)
    try:
        tracer.communicate(timeout=1)
    except subprocess.TimeoutExpired:
        # It waits for what it has killed itself.
        tracer.kill()
        tracer.communicate()


def count(trial, box):
    """How often the busiest thread of the agent makes each call for this operation."""
    trial.start(box)
    agent = Agent(box, trial.operation.name == "unlock")
    try:
        tracer = agent.follow(inject.tracing(inject.FAULTS))
        result = ask(trial, box)
        leave(tracer)
    finally:
        agent.end()
    if result.code not in trial.operation.exits:
        raise RuntimeError(f"{trial.case} fails without a fault: {result!r}")
    return inject.busiest(box.root + ".trace")


def ask(trial, box):
    """Runs the operation by way of the agent."""
    env = {} if trial.operation.name == "unlock" else {**trial.operation.env, **LOCKED}
    return box.run(*trial.argv, env=env, stdout=trial.operation.to)


def points(trial):
    """Every fault at one call of the agent."""
    for point in inject.points(trial):
        # A `write` may be one to a socket, of which no kernel takes nothing without an error.
        if point.error not in ("HALF", "LIMIT") and (point.call, point.error) != ("write", "ZERO"):
            yield Point(point.case, "agent." + point.call, point.error, point.number)


def fault(trial, box, point):
    """Runs the operation while one call of the agent fails. The agent ends after the checks."""
    trial.start(box)
    agent = Agent(box, trial.operation.name == "unlock")
    try:
        call = point.call.removeprefix("agent.")
        tracer = agent.follow(inject.injection(call, point.error, point.number))
        result = ask(trial, box)
        leave(tracer)
    except BaseException:
        agent.end()
        raise
    if point.error == "KILL":
        failed = None if agent.is_there else "the agent was killed"
    else:
        failed = inject.injected(box.root + ".trace")
    return Faulted(box, result, failed, after=lambda: end(agent, box, trial, point))


def end(agent, box, trial, point):
    """Asks the agent once more, where it should still be there, and ends it."""
    try:
        if point.error == "KILL" or trial.operation.name in ("unlock", "slot-change-key-file", "exec"):
            return []
        if not agent.is_there:
            return [("the agent ended", "")]
        result = box.run("secret", "list", "B", env=LOCKED)
        status = box.run("status", env=LOCKED)
        return [("the agent does not work any more", repr(run)) for run in (result, status) if run.code != 0]
    finally:
        agent.end()
