"""The vaults for mutants. The program builds each once, in a template folder.

`team` has members of every role, every kind of secret and rows in every table; `rotating` is `team` with a rotation of the
master key that was killed halfway; `solo` has a single member, who signed everything; `other` is another vault, for foreign rows;
`older` is `team` before most of its changes.
"""

import os
import random
import shutil
import sqlite3
import string
import sys

from sandbox import Sandbox
from scenes import CONNECTOR, killing

SHOWN = {"A": "CELONIS_API_TOKEN", "B": "HTTP_API_TOKEN", "C é": "PGPASSWORD", "D": "SERVICENOW_PASSWORD",
         "W": "WEATHER_TOKEN"}
"""The connections that a use opens, and the variables with their secrets."""

ENTRIES = 260
"""The number of entries of `team`: enough for a full tile."""


class Vault:
    """A template folder, the true value of each shown secret, and every secret that no message may contain."""

    def __init__(self, name, folder, values, secrets):
        self.name, self.folder, self.values, self.secrets = name, folder, values, secrets

    @property
    def file(self):
        return os.path.join(self.folder, "v", "vault.db")

    def open(self):
        """Opens the file read-only."""
        return sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)


class Builder:
    """Builds vaults below a folder."""

    def __init__(self, folder, seed):
        self.folder, self.random = folder, random.Random(seed)
        self.box = Sandbox(os.path.join(folder, "build"))
        self.vaults, self.secrets = {}, set()

    def vault(self, name):
        if name not in self.vaults:
            values = getattr(self, name)()
            self.vaults[name] = None if values is None else self.saved(name, values)
        return self.vaults[name]

    def saved(self, name, values):
        place = os.path.join(self.folder, name)
        shutil.copytree(self.box.root, place, symlinks=True)
        # Checkpoints the log, so that a mutant changes a single file.
        database = sqlite3.connect(os.path.join(place, "v", "vault.db"))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return Vault(name, place, dict(values), self.secrets)

    def secret(self):
        """Writes a new secret to the file `value`, and returns it."""
        value = "".join(self.random.choices(string.ascii_letters + string.digits, k=24))
        self.secrets.add(value)
        self.box.write("value", value)
        return value

    def must(self, line, *more, who="ana"):
        env = {"VAULT_KEY_FILE": f"{who}.key", "VAULT_MEMBER": who}
        return self.box.must(*line.split(), *more, env=env)

    def team(self):
        self.begin()
        values = self.owners()
        self.must("member add cy --role user --key-file cy.key")
        self.must("connection edit B --no-input --secret token=file:value --set", "test-path=/ping")
        values["B"] = open(self.box.path("value")).read()
        # For stale rows: the same owners and members, before most changes.
        self.vaults["older"] = self.saved("older", values)
        self.must("member remove cy")
        self.rotations(values)
        self.must("connection annotate A --allow exec,request --allow-path", "GET /**")
        self.box.run("connection", "test", "B")
        self.connector(values)
        self.fill()
        values["D"] = self.secret()
        self.must("secret set D password --from file:value", who="wri")
        self.must("audit verify")
        return values

    def initialize(self):
        self.box.clear()
        self.box.write("own.yaml", CONNECTOR)
        self.must("init --recovery-to ana.code")
        self.secrets.add(open(self.box.path("ana.code")).read().strip())

    def begin(self):
        self.initialize()
        self.secret()
        self.must("slot add passphrase --from file:value")
        for name, role in ("bo", "user"), ("wri", "writer"), ("aud", "auditor"):
            self.must(f"member add {name} --role {role} --key-file {name}.key")

    def owners(self):
        """Creates owners of every connector, with settings, tags, notes, a list, and a client that a connection uses."""
        values = {"A": self.secret()}
        self.must("connection create celonis --name A --set api-type=intelligence --set auth-type=custom "
                  "--set domain=a.us-1.celonis.cloud --secret app-key=file:value --note first")
        values["B"] = self.secret()
        self.must("connection create http --name B --set domain=api.invalid --set auth-type=bearer "
                  "--secret token=file:value --tag env=prod --tag team=x --note", "Grüße, two words")
        values["C é"] = self.secret()
        self.must("connection create postgresql --set host=db.example.com --set database=sales --set user=loader "
                  "--secret password=file:value --name", "C é")
        values["D"] = self.secret()
        self.must("connection create servicenow --name D --set subdomain=dev12345 --set auth-type=basic "
                  "--set username=svc --secret password=file:value --tag env=dev")
        self.secret()
        self.must("client create celonis --name K --set client-id=abc --secret client-secret=file:value "
                  "--set valid-domain-names=a.us-1.celonis.cloud,b.us-1.celonis.cloud")
        self.must("connection create celonis --name E --set api-type=intelligence --set auth-type=oauth2 "
                  "--set domain=a.us-1.celonis.cloud --set oauth-client=K "
                  "--set valid-domain-names=a.us-1.celonis.cloud --set scopes=audit.log:read")
        return values

    def connector(self, values):
        """Adds a connector file, and a connection of it."""
        self.must("connector add own.yaml")
        values["W"] = self.secret()
        self.must("connection create weather --name W --set domain=w.example.com --secret token=file:value")

    def rotations(self, values):
        """Creates a pending version of A, a previous one of B, and a new current one of C."""
        self.secret()
        self.must("rotate start A --secret app-key=file:value")
        values["B"] = self.secret()
        self.must("rotate start B --secret token=file:value")
        self.must("rotate finish B --untested --overlap 7d")
        values["C é"] = self.secret()
        self.must("secret set --from file:value", "C é", "password")

    def fill(self):
        """Appends uses until the tree has tiles. B stays unused."""
        count = Vault("", self.box.root, {}, set()).open().execute("SELECT count(*) FROM entries").fetchone()[0]
        for number in range(count, ENTRIES):
            self.must("exec", "C é", "--", "true")
            if number % 50 == 0:
                print(f"tamper: a ledger of {number} entries", file=sys.stderr, flush=True)

    def rotating(self):
        """Returns None if a rotation cannot be killed halfway: without strace or permission to use ptrace."""
        team = self.vault("team")
        if not shutil.which("strace"):
            return None
        for number in range(1, 80):
            self.box.reset(team.folder)
            self.box.run("key", "rotate", wrapper=killing("pwrite64", number))
            database = sqlite3.connect(self.box.path("v/vault.db"))
            epochs = database.execute("SELECT count(*) FROM epochs").fetchone()[0]
            database.close()
            if epochs == 2:
                return team.values
        return None

    def solo(self):
        """A single admin, who has made every kind of change."""
        self.initialize()
        values = self.owners()
        self.rotations(values)
        self.must("key rotate")
        self.connector(values)
        self.must("connection annotate A --allow exec --note seen --rotate-every app-key=90d")
        self.must("exec A -- true")
        self.must("connection remove D")
        del values["D"]
        return values

    def other(self):
        self.begin()
        values = self.owners()
        self.must("key rotate")
        self.rotations(values)
        return values
