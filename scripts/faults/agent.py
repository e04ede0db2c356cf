"""Faults in the agent while it handles a command.

strace is attached to the unlocked agent, and counts the calls of each thread from then on.
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
"""Operations that an agent can perform."""

LOCKED = {"VAULT_KEY_FILE": None}
"""Without a key file, a command uses the agent."""


class Agent:
    """The agent of a sandbox: unlocked, or running and locked for the command `unlock`."""

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
        """Attaches strace with these arguments, and returns it once it follows every thread."""
        words = ["strace", "-f", "-y", "-e", "signal=none", "-o", self.box.root + ".trace", *words, "-p", str(self.pid)]
        tracer = subprocess.Popen(words, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        line = tracer.stderr.readline()
        if b"attached" not in line:
            raise RuntimeError(f"cannot attach strace to the agent: {line!r}")
        return tracer

    @property
    def is_there(self):
        try:
            with open(f"/proc/{self.pid}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
        except OSError:
            return False

    def end(self):
        """Stops the agent."""
        for sent in signal.SIGTERM, signal.SIGKILL:
            if self.is_there:
                os.kill(self.pid, sent)
                wait(lambda: not self.is_there)
        if self.process:
            self.process.wait()


def wait(condition, seconds=5):
    """Waits until a condition is true, at most this many seconds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)


def leave(tracer):
    """Detaches strace."""
    if tracer.poll() is None:
        tracer.send_signal(signal.SIGTERM)
    try:
        tracer.communicate(timeout=1)
    except subprocess.TimeoutExpired:
        # strace waits for a process that it has killed itself.
        tracer.kill()
        tracer.communicate()


def count(trial, box):
    """Counts each call of this operation in the agent's thread that makes it most often."""
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
    """Runs the operation through the agent."""
    env = {} if trial.operation.name == "unlock" else {**trial.operation.env, **LOCKED}
    return box.run(*trial.argv, env=env, stdout=trial.operation.to)


def points(trial):
    """Yields every fault at a call of the agent."""
    for point in inject.points(trial):
        # `write` may be a write to a socket, which never returns 0.
        if point.error not in ("HALF", "LIMIT") and (point.call, point.error) != ("write", "ZERO"):
            yield Point(point.case, "agent." + point.call, point.error, point.number)


def fault(trial, box, point):
    """Runs the operation while a call of the agent fails. The agent stops after the checks."""
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
    """Verifies that the agent still works, unless the fault ended it, and stops it."""
    try:
        if point.error == "KILL" or trial.operation.name in ("unlock", "slot-change-key-file", "exec"):
            return []
        if not agent.is_there:
            return [("the agent has exited", "")]
        result = box.run("secret", "list", "B", env=LOCKED)
        status = box.run("status", env=LOCKED)
        return [("the agent no longer works", repr(run)) for run in (result, status) if run.code != 0]
    finally:
        agent.end()
