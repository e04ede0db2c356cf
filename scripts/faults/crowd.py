"""`make crowd`: many processes use one vault concurrently, with backups in a loop, and none may report damage.

    crowd.py PROGRAM [--processes N] [--seconds N] [--agent]

Every command must exit with 0, or with 18 (busy) if it waited for half a minute. No message may be raw (messages.py), and at
the end the vault must verify with every secret. Exits with 1 otherwise.
"""

import argparse
import collections
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import messages
from sandbox import Result

NAMES = [f"C{number}" for number in range(10)]
VALUE = "a-value-of-the-crowd"


class Crowd:
    """A vault in a temporary folder, and the commands that run on it."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.end = 0.0
        self.counts, self.wrong = collections.Counter(), []
        self.lock = threading.Lock()
        self.environment = {
            "HOME": folder, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": folder,
            "VAULT_FILE": os.path.join(folder, "v", "vault.db"),
            "VAULT_KEY_FILE": os.path.join(folder, "ana.key"),
        }

    def run(self, *words, given=None):
        done = subprocess.run([self.program, *words], input=given, capture_output=True, text=True,
                              errors="replace", env=self.environment, cwd=self.folder)
        return Result(words, done.returncode, done.stdout, done.stderr)

    def must(self, *words, given=None):
        result = self.run(*words, given=given)
        if result.code != 0:
            sys.exit(f"crowd: error: {' '.join(words)} exited with {result.code}: {result.err}")

    def prepare(self, with_agent):
        self.must("init", "--member", "ana", "--no-recovery")
        for name in NAMES:
            self.must("connection", "create", "celonis", "--name", name, "--set", "api-type=intelligence",
                      "--set", "domain=team.us-1.celonis.cloud", "--set", "auth-type=custom",
                      "--secret", "app-key=stdin", given=VALUE)
        if with_agent:
            self.must("unlock", "--for", "1h")
            # With a key file, commands do not use the agent.
            del self.environment["VAULT_KEY_FILE"]

    def note(self, words, result):
        found = list(messages.faults(result, [VALUE], shows=True))
        if result.code not in (0, 18):
            found.append(f"exit {result.code}")
        with self.lock:
            self.counts[("exec" if words[0] == "exec" else " ".join(words[:2]), result.code)] += 1
            self.wrong += [f"{' '.join(words)}: {what}: {result.err.strip()}" for what in found]

    def work(self, seed):
        """Runs random commands one after another until the time is up."""
        choice = random.Random(seed)
        while time.monotonic() < self.end:
            name = choice.choice(NAMES)
            words, given = choice.choice([
                (("connection", "annotate", name, "--note", f"{seed} {time.monotonic_ns()}"), None),
                (("connection", "list"), None), (("connection", "show", name), None),
                (("connection", "history", name), None), (("audit", "log", "--limit", "3"), None),
                (("secret", "set", name, "app-key", "--from", "stdin"), VALUE),
                (("exec", name, "--", "true"), None), (("audit", "verify", "--new"), None),
            ])
            self.note(words, self.run(*words, given=given))

    def back_up(self):
        number = 0
        while time.monotonic() < self.end:
            number += 1
            path = os.path.join(self.folder, f"copy{number}.db")
            self.note(("backup", "create"), self.run("backup", "create", path))
            if os.path.exists(path):
                os.unlink(path)

    def run_all(self, processes, seconds):
        self.end = time.monotonic() + seconds
        threads = [threading.Thread(target=self.work, args=(seed,)) for seed in range(processes)]
        threads.append(threading.Thread(target=self.back_up))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main():
    parser = argparse.ArgumentParser(description="Many processes on one vault.")
    parser.add_argument("program")
    parser.add_argument("--processes", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--agent", action="store_true", help="through an unlocked agent")
    given = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="vault-crowd-")
    crowd = Crowd(os.path.abspath(given.program), folder)
    try:
        crowd.prepare(given.agent)
        crowd.run_all(given.processes, given.seconds)
        crowd.environment["VAULT_KEY_FILE"] = os.path.join(folder, "ana.key")
        crowd.must("audit", "verify", "--secrets")
    finally:
        crowd.run("lock")
        shutil.rmtree(folder, ignore_errors=True)
    for (what, code), count in sorted(crowd.counts.items()):
        print(f"{count:8} {what}: exit {code}")
    for line in crowd.wrong[:50]:
        print(f"wrong: {line}")
    print(f"{sum(crowd.counts.values())} commands of {given.processes} processes in {given.seconds:.0f} s "
          f"{'through an agent' if given.agent else 'without an agent'}, {len(crowd.wrong)} wrong")
    sys.exit(1 if crowd.wrong else 0)


if __name__ == "__main__":
    main()
