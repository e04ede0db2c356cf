"""Vaults in the states that operations start from.

The program builds each scene once, in a template folder; a point runs on a copy. A scene knows the values of secrets that were
acknowledged while it was built.
"""

import os
import random
import shutil
import string

from ledger import entries, hold

CONNECTOR = """format: 1
connector: weather
title: Weather
summary: The weather service.
hosts: ["*.example.com"]
host: "{domain}"
fields:
  - key: domain
    label: Domain
    help: The host of the service.
    normalise: host
  - key: token
    label: Token
    help: The token.
    secret: yes
    how-to-get: |
      Ask the operator.
authenticate:
  - bearer: "{token}"
variables:
  - name: WEATHER_TOKEN
    value: "{token}"
"""

CELONIS = ["--set", "api-type=intelligence", "--set", "auth-type=custom"]

VARIABLES = {
    ("A", "app-key"): "CELONIS_API_TOKEN",
    ("B", "token"): "HTTP_API_TOKEN",
    ("C", "password"): "PGPASSWORD",
    ("D", "password"): "SERVICENOW_PASSWORD",
}
"""Secrets that `exec` shows, so that one command compares all of them."""


class Scene:
    """A template folder, and its acknowledged values: (owner, field) → value.

    `later` has the values that an operation sets from another source than a file.
    """

    def __init__(self, name, folder, values, later):
        self.name, self.folder, self.values, self.later = name, folder, values, later


class Builder:
    """Builds scenes below a folder."""

    def __init__(self, sandbox, folder, seed, fixtures):
        self.box, self.folder, self.fixtures = sandbox, folder, fixtures
        self.random = random.Random(seed)
        self.scenes = {}

    def scene(self, name):
        """Returns a scene, built at its first use."""
        if name not in self.scenes:
            self.later = {}
            values = getattr(self, name.replace("-", "_"))()
            place = os.path.join(self.folder, name)
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(self.box.root, place, symlinks=True)
            self.finish()
            self.scenes[name] = Scene(name, place, values, self.later)
        return self.scenes[name]

    holder = None

    def finish(self):
        if self.holder:
            self.holder.close()
            self.holder = None

    def value(self):
        return "".join(self.random.choices(string.ascii_letters + string.digits, k=24))

    def new(self, name):
        """Writes a file with a random secret, and returns the secret."""
        value = self.value()
        self.box.write(name, value)
        return value

    def begin(self, name):
        """Copies another scene into the sandbox, and returns its values."""
        scene = self.scene(name)
        self.box.reset(scene.folder)
        return dict(scene.values)

    # The scenes.

    def empty(self):
        """An empty folder."""
        self.box.clear()
        return {}

    def plain(self):
        """Four connections, an OAuth 2.0 client, a user, a writer, a recovery code, and input files of operations."""
        box = self.box
        box.clear()
        box.must("init", "--recovery-to", "ana.code")
        values = {}
        for owner, field, name in [("A", "app-key", "a"), ("B", "token", "b"), ("C", "password", "c"),
                                   ("D", "password", "d"), ("K", "client-secret", "k")]:
            values[owner, field] = self.new(name)
        box.must("connection", "create", "celonis", "--name", "A", *CELONIS,
                 "--set", "domain=a.us-1.celonis.cloud", "--secret", "app-key=file:a")
        box.must("connection", "create", "http", "--name", "B", "--set", "domain=api.example.com",
                 "--set", "auth-type=bearer", "--secret", "token=file:b", "--tag", "env=prod", "--note", "the second")
        box.must("connection", "create", "postgresql", "--name", "C", "--set", "host=db.example.com",
                 "--set", "database=sales", "--set", "user=loader", "--secret", "password=file:c")
        box.must("connection", "create", "servicenow", "--name", "D", "--set", "subdomain=dev12345",
                 "--set", "auth-type=basic", "--set", "username=svc", "--secret", "password=file:d")
        box.must("client", "create", "celonis", "--name", "K", "--set", "client-id=abc",
                 "--set", "valid-domain-names=a.us-1.celonis.cloud", "--secret", "client-secret=file:k")
        box.must("member", "add", "bo", "--role", "user", "--key-file", "bo.key")
        box.must("member", "add", "wri", "--role", "writer", "--key-file", "wri.key")
        for name in "a", "b", "c", "d", "k":
            os.unlink(box.path(name))
        self.new("new")
        self.new("newer")
        box.write("own.yaml", CONNECTOR)
        return values

    def log(self):
        """Like `plain`, with a write-ahead log that could not be checkpointed because of a reader."""
        values = self.begin("plain")
        self.holder = hold(self.box.path("v/vault.db"))
        self.box.must("connection", "annotate", "A", "--note", "in the log")
        values["B", "token"] = self.new("b")
        self.box.must("secret", "set", "B", "token", "--from", "file:b")
        os.unlink(self.box.path("b"))
        return values

    def deposits(self):
        """Two deposits of a writer, which the next member who unlocks seals."""
        values = self.begin("plain")
        for owner, field in [("A", "app-key"), ("D", "password")]:
            values[owner, field] = self.new("deposit")
            self.box.must("secret", "set", owner, field, "--from", "file:deposit",
                          env={"VAULT_KEY_FILE": "wri.key", "VAULT_MEMBER": "wri"})
        os.unlink(self.box.path("deposit"))
        return values

    def many(self):
        """Many connections, so that a transaction changes many pages and an import exceeds the page cache."""
        values = self.begin("plain")
        self.new("m")
        for number in range(120):
            self.box.must(
                "connection", "create", "http", "--name", f"M{number}", "--set", f"domain=m{number}.example.com",
                "--set", "auth-type=bearer", "--secret", "token=file:m", "--note", "n" * 300)
        os.unlink(self.box.path("m"))
        return values

    def rotating(self):
        """A rotation of the master key that was killed halfway: a new epoch, and secrets of the old one."""
        values = self.begin("plain")
        for number in range(1, 60):
            self.box.reset(self.scene("plain").folder)
            self.box.run("key", "rotate", wrapper=killing("pwrite64", number))
            actions = [entry.action for entry in entries(self.box.path("v/vault.db"))]
            # `init` appends the first key.rotate.
            if actions.count("key.rotate") == 2 and "key.retire" not in actions:
                return values
        raise RuntimeError("no kill left a rotation of the master key halfway")

    def pending(self):
        """A started rotation of A's key."""
        values = self.begin("plain")
        self.new("pending")
        self.box.must("rotate", "start", "A", "--secret", "app-key=file:pending")
        return values

    def overlap(self):
        """A finished rotation of A's key, with the old one kept for a while."""
        values = self.begin("pending")
        self.later = {("A", "app-key"): values["A", "app-key"]}
        with open(self.box.path("pending")) as file:
            values["A", "app-key"] = file.read()
        self.box.must("rotate", "finish", "A", "--untested", "--overlap", "7d")
        return values

    def connector(self):
        """A connector file was added."""
        values = self.begin("plain")
        self.box.must("connector", "add", "own.yaml")
        return values

    def request(self):
        """A member request."""
        values = self.begin("plain")
        cy = {"VAULT_MEMBER": "cy", "VAULT_KEY_FILE": "cy.key"}
        self.box.must("member", "request", "--out", "cy.request", env=cy)
        return values

    def two_keys(self):
        """ana has two key files; the id of the second slot is in the file `slot`."""
        values = self.begin("plain")
        out = self.box.must("slot", "add", "key-file", "--path", "second.key", "--json")
        self.box.write("slot", out.split('"slot":"')[1].split('"')[0])
        return values

    def bundle(self):
        """A bundle of another vault, sealed to ana, with 40 connections."""
        values = self.begin("plain")
        there = {"VAULT_FILE": "w/vault.db", "VAULT_KEY_FILE": "di.key", "VAULT_MEMBER": "di"}
        self.box.must("init", "--no-recovery", env=there)
        value = self.new("y")
        for number in range(40):
            self.box.must("connection", "create", "http", "--name", f"Y{number}", "--set", "domain=y.example.com",
                          "--set", "auth-type=bearer", "--secret", "token=file:y", "--note", "n" * 200, env=there)
        key = self.box.must("member", "list", "--json").splitlines()[0].split('"receive_key":"')[1][:64]
        self.box.must("export", "bundle", "--to", key, env=there, stdout="all.bundle")
        shutil.rmtree(self.box.path("w"))
        os.unlink(self.box.path("y"))
        self.later = {("Y0", "token"): value}
        return values

    def backup(self):
        """A vault next to a backup with two more changes, which the user has not seen."""
        values = self.begin("plain")
        before = self.box.root + ".before"
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(self.box.root, before)
        self.box.must("connection", "annotate", "A", "--note", "n" * 2000)
        self.box.must("secret", "set", "A", "app-key", "--from", "file:new")
        self.box.must("backup", "create", "newer.db")
        shutil.move(self.box.path("newer.db"), before)
        self.box.reset(before)
        shutil.rmtree(before)
        return values

    def older(self):
        """A vault next to a backup without the last change that the user has seen."""
        values = self.begin("plain")
        self.box.must("backup", "create", "older.db")
        self.box.must("connection", "annotate", "A", "--note", "after the backup")
        return values

    def rolled_back(self):
        """A vault that was replaced by an older copy."""
        values = self.begin("older")
        shutil.copyfile(self.box.path("older.db"), self.box.path("v/vault.db"))
        for name in "v/vault.db-wal", "v/vault.db-shm":
            if os.path.exists(self.box.path(name)):
                os.unlink(self.box.path(name))
        return values

    def killed(self):
        """Partial files of a killed `slot change`, `backup create` and `audit verify`."""
        values = self.begin("plain")
        names = "?link,?linkat,?rename,?renameat,?renameat2"
        for argv in "slot change key-file --path two.key", "backup create out.db", "audit verify":
            result = self.box.run(*argv.split(), wrapper=killing(names, 1))
            if not result.was_killed:
                raise RuntimeError(f"does not rename a file: {result!r}")
        return values

    def old(self):
        """A vault of version 1, as `Tests/Fixtures` keeps it."""
        box = self.box
        box.clear()
        os.mkdir(box.path("v"), 0o700)
        for source, target in [("vault-v1.db", "v/vault.db"), ("vault-v1.key", "ana.key")]:
            shutil.copyfile(os.path.join(self.fixtures, source), box.path(target))
            os.chmod(box.path(target), 0o600)
        self.new("new")
        return {
            ("Intelligence custom", "app-key"): "fixture app key, edited",
            ("Push custom", "app-key"): "fixture push app key, set again",
            ("Team client", "client-secret"): "fixture client secret",
            ("Tickets", "token"): "fixture ticket token",
        }


def killing(call, number):
    """Returns the strace command line that kills a command before its `number`th call of this name."""
    inject = f"inject={call}:signal=KILL:when={number}"
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject]
