"""Every operation that writes, and the states of a vault in which it runs."""

from dataclasses import dataclass, field

import agent
from scenes import CELONIS


@dataclass(frozen=True)
class Operation:
    """A command and its expected effects.

    `sets` maps secrets to the file with their new value; `LATER` stands for a value that the scene knows, None for a removed
    secret. `product` is a file that the command creates, `proves` a command that succeeds if that file is complete. `key` is
    the key file, and `code` the recovery code, that unlock afterwards. `to` is the file for the command's output.
    """

    name: str
    argv: tuple
    scenes: tuple = ("plain",)
    env: dict = field(default_factory=dict)
    sets: dict = field(default_factory=dict)
    key: str = None
    code: str = None
    product: str = None
    proves: tuple = ()
    to: str = None
    kind: str = "change"
    exits: tuple = (0,)

    def __str__(self):
        return self.name


WRITER = {"VAULT_KEY_FILE": "wri.key", "VAULT_MEMBER": "wri"}
CY = {"VAULT_KEY_FILE": "cy.key", "VAULT_MEMBER": "cy"}
LATER = "later"
"""A value that the scene knows, and no file has."""

A_NEW = {("A", "app-key"): "new"}
MANY = ("plain", "log", "deposits", "rotating", "many", "killed")
"""The states for operations that run in all of them."""


def op(name, line, *more, **options):
    """Creates an operation from a command line; `more` are arguments that may contain spaces."""
    return Operation(name, (*line.split(), *more), **options)


OPERATIONS = [
    op("init", "init --no-recovery", scenes=("empty",), kind="init", product="v/vault.db"),
    op("init-recovery", "init --recovery-to ana.code", scenes=("empty",), kind="init", product="v/vault.db"),
    op("connection-create", "connection create celonis --name N --set domain=n.us-1.celonis.cloud",
       *CELONIS, "--secret", "app-key=file:new", "--tag", "env=test", scenes=MANY, sets={("N", "app-key"): "new"}),
    op("connection-edit", "connection edit A --set domain=b.us-1.celonis.cloud --secret app-key=file:new --no-input",
       scenes=MANY + ("pending",), sets=A_NEW),
    op("connection-annotate", "connection annotate A --note", "seen " * 80, "--tag", "env=prod", scenes=MANY + ("held",)),
    op("connection-rename", "connection edit B --set name=B2 --secret token=file:new --no-input",
       sets={("B", "token"): None, ("B2", "token"): "new"}),
    op("connection-clone", "connection clone A --name N --secret app-key=file:new", sets={("N", "app-key"): "new"}),
    op("connection-remove", "connection remove A", scenes=MANY, sets={("A", "app-key"): None}),
    op("client-create", "client create celonis --name L --set client-id=def --secret client-secret=file:new",
       "--set", "valid-domain-names=b.us-1.celonis.cloud", sets={("L", "client-secret"): "new"}),
    op("client-edit", "client edit K --set client-id=def --secret client-secret=file:new",
       scenes=("plain", "log"), sets={("K", "client-secret"): "new"}),
    op("client-remove", "client remove K", sets={("K", "client-secret"): None}),
    op("connector-add", "connector add own.yaml", scenes=("plain", "log")),
    op("connector-remove", "connector remove weather", scenes=("connector",)),
    op("secret-set", "secret set A app-key --from file:new", scenes=MANY + ("held", "pending", "overlap"), sets=A_NEW),
    op("secret-verify", "secret verify C password --from file:new", exits=(0, 3)),
    op("secret-destroy", "secret destroy A app-key --version 1", scenes=("overlap",)),
    op("secret-rollback", "secret rollback A app-key", scenes=("overlap",), sets={("A", "app-key"): LATER}),
    op("deposit", "secret set A app-key --from file:new", scenes=("plain", "log", "rotating"), env=WRITER,
       sets=A_NEW),
    op("seal-deposits", "connection annotate B --note sealed", scenes=("deposits",)),
    op("rotate-start", "rotate start A --secret app-key=file:new",
       scenes=("plain", "log", "deposits", "rotating")),
    op("rotate-finish", "rotate finish A --untested --overlap 7d", scenes=("pending",),
       sets={("A", "app-key"): "pending"}),
    op("rotate-finish-at-once", "rotate finish A --untested --overlap 0", scenes=("pending",),
       sets={("A", "app-key"): "pending"}),
    op("rotate-abort", "rotate abort A", scenes=("pending",)),
    op("key-rotate", "key rotate", scenes=("plain", "log", "deposits", "many"), kind="steps"),
    op("key-resume", "key rotate --resume", scenes=("rotating",), kind="steps"),
    op("slot-change-key-file", "slot change key-file --path two.key", scenes=MANY, key="two.key"),
    op("slot-change-recovery", "slot change recovery --to two.code", scenes=("plain", "log"), code="two.code"),
    op("slot-add-key-file", "slot add key-file --path two.key", scenes=("plain", "log"), product="two.key",
       proves=("audit", "verify", "--secrets", "--key-file", "two.key")),
    op("slot-add-recovery", "slot add recovery --to two.code", code="two.code"),
    op("slot-remove", "slot remove SLOT", scenes=("two-keys",)),
    op("member-request", "member request --out cy.request", env=CY, kind="file", product="cy.request",
       proves=("member", "add", "cy", "--role", "user", "--request", "cy.request")),
    op("member-add", "member add cy --role user --request cy.request", scenes=("request",), product="cy.key",
       proves=("audit", "verify", "--secrets", "--member", "cy", "--key-file", "cy.key")),
    op("member-add-key-file", "member add cy --role admin --key-file cy.key", scenes=("plain", "log"), product="cy.key",
       proves=("audit", "verify", "--secrets", "--member", "cy", "--key-file", "cy.key")),
    op("member-role", "member role wri user", scenes=("plain", "deposits")),
    op("member-role-down", "member role bo writer", kind="steps"),
    op("member-remove", "member remove bo", scenes=("plain", "log", "many"), kind="steps"),
    op("audit-accept", "audit accept", scenes=("rolled-back",), kind="accept"),
    op("audit-verify", "audit verify --secrets", scenes=("plain", "log"), kind="look"),
    op("audit-checkpoint", "audit checkpoint", kind="look", to="today.checkpoint",
       proves=("audit", "verify", "--checkpoint", "today.checkpoint")),
    op("audit-cosign", "audit cosign", kind="look", to="today.cosigned",
       proves=("audit", "verify", "--checkpoint", "today.cosigned")),
    op("backup-create", "backup create out.db", scenes=("plain", "log", "held", "many", "killed"), kind="file",
       product="out.db", proves=("backup", "verify", "out.db")),
    op("backup-restore", "backup restore newer.db --vault r/vault.db", scenes=("backup",), kind="place",
       product="r/vault.db", sets=A_NEW),
    op("backup-restore-replace", "backup restore newer.db --replace", scenes=("backup",), kind="restore", sets=A_NEW),
    op("backup-restore-accept", "backup restore older.db --replace --accept", scenes=("older",), kind="accept"),
    op("import", "import vault all.bundle", scenes=("bundle",), sets={("Y0", "token"): LATER}),
    op("export-bundle", "export bundle A B --to KEY", to="out.bundle", kind="result"),
    op("exec", "exec A B -- true", scenes=("plain", "log", "held", "rotating", "deposits"), kind="use"),
    op("unlock", "unlock --for 8h", scenes=("deposits",), kind="look"),
    op("migrate", "connection list", scenes=("old",), kind="look"),
    op("migrate-set", "secret set", "Push custom", "app-key", "--from", "file:new", scenes=("old",),
       sets={("Push custom", "app-key"): "new"}),
]


def cases(names=None):
    """Returns pairs of operation and state; with `names` (NAME or NAME@STATE, separated by commas) only those."""
    found = [(operation, state) for operation in OPERATIONS for state in operation.scenes if operation.name != "unlock"]
    found += [(operation, "agent") for operation in OPERATIONS if operation.name in agent.OPERATIONS]
    if names:
        wanted = names.split(",")
        found = [pair for pair in found if pair[0].name in wanted or f"{pair[0].name}@{pair[1]}" in wanted]
    return found
