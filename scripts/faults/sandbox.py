"""A folder with a vault, in which the program runs.

The folder has everything that a command can write to: the vault, key files, anchors and the agent's socket. Paths are relative
to it, so a copy of the folder is a copy of the complete state.
"""

import os
import shutil
import signal
import subprocess

LIMIT = 60
"""Seconds after which a command counts as hanging."""


class Result:
    """The exit code (negative for a signal) and the output of a command."""

    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err

    @property
    def was_killed(self):
        return self.code in (-signal.SIGKILL, 128 + signal.SIGKILL)

    def __repr__(self):
        return f"{' '.join(self.argv)}: exit {self.code}\n{self.err.strip()}"


class Sandbox:
    """The folder, and the program that runs in it."""

    program = ""

    def __init__(self, root):
        self.root = root

    def path(self, name):
        return os.path.join(self.root, name)

    def reset(self, template):
        """Makes this folder a copy of `template` with its modes and times, or an empty one."""
        self.clear()
        if template:
            shutil.copytree(template, self.root, symlinks=True, dirs_exist_ok=True)

    def clear(self):
        os.makedirs(self.root, exist_ok=True)
        for name in os.listdir(self.root):
            path = self.path(name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)

    def environment(self, changes=None):
        """Returns the environment of a command, independent of that of this process."""
        values = {
            "HOME": self.root,
            "LLVM_PROFILE_FILE": "/dev/null",
            "PATH": os.path.dirname(self.program) + ":/usr/bin:/bin",
            "VAULT_FILE": "v/vault.db",
            "VAULT_KEY_FILE": "ana.key",
            "VAULT_MEMBER": "ana",
            "XDG_DATA_HOME": self.path("data"),
            "XDG_RUNTIME_DIR": self.path("run"),
            "XDG_STATE_HOME": self.path("state"),
        }
        for key, value in (changes or {}).items():
            if value is None:
                values.pop(key, None)
            else:
                values[key] = value
        return values

    def run(self, *argv, env=None, wrapper=(), stdout=None, before=None, tracer=None):
        """Runs `vault argv…`, optionally under a wrapper such as strace.

        `stdout` is a file of the sandbox for the output, `before` is called in the child process, and `tracer` traces it.
        """
        whole = [*wrapper, self.program, *argv]
        sink = open(self.path(stdout), "wb") if stdout else subprocess.PIPE
        process = subprocess.Popen(
            whole, cwd=self.root, env=self.environment(env), stdin=subprocess.DEVNULL, stdout=sink,
            stderr=subprocess.PIPE, preexec_fn=tracer.begin if tracer else before, start_new_session=True)
        if stdout:
            sink.close()
        if tracer:
            process.returncode = tracer.wait(process, LIMIT)
        try:
            out, err = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired as late:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return Result(whole, -signal.SIGALRM, text(late.stdout), text(late.stderr))
        return Result(whole, process.returncode, text(out), text(err))

    def must(self, *argv, **options):
        """Runs a command that has to succeed, and returns its output."""
        result = self.run(*argv, **options)
        if result.code != 0:
            raise RuntimeError(f"preparing a vault failed: {result!r}")
        return result.out

    def write(self, name, value):
        """Writes a private file."""
        with open(os.open(self.path(name), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(value)

    def files(self):
        """Returns every file and folder as name → lstat."""
        found = {}
        for folder, folders, names in os.walk(self.root):
            for name in folders + names:
                path = os.path.join(folder, name)
                try:
                    found[os.path.relpath(path, self.root)] = os.lstat(path)
                except FileNotFoundError:
                    pass
        return found


def text(data):
    return (data or b"").decode("utf-8", "replace")
