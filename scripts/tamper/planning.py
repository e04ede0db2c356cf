"""Every mutant of every vault."""

import anchoring
import cells
import files
import forged
import signed
from vaults import Builder

SEED = 12
"""The values of secrets do not depend on the options, so that a name means the same mutant in each run of one program."""
ROTATING = {"epochs": None, "grants": None, "digest_lists": None, "secrets": ["epoch", "version", "sealed", "listed"]}
"""What a rotation that was stopped has in another state than a vault at rest."""


def planned(folder):
    """The vaults by name, and the mutants."""
    builder = Builder(folder, SEED)
    vaults = {name: builder.vault(name) for name in ("team", "rotating", "solo", "other")}
    vaults["older"] = builder.vaults["older"]
    if vaults["rotating"] is None:
        print("tamper: without strace no rotation is stopped halfway, and the vault 'rotating' is left out")
        del vaults["rotating"]
    found = []
    for name in cells.KEYS:
        found += cells.mutants(table(name, vaults, "team"))
    for name, columns in ROTATING.items():
        if "rotating" in vaults:
            found += cells.mutants(table(name, vaults, "rotating"), columns)
    for source in files, forged, anchoring, signed:
        found += source.mutants(vaults)
    return vaults, [mutant for mutant in found if mutant.vault in vaults]


def table(name, vaults, vault):
    return cells.Table(name, vaults[vault], vaults["older"], vaults["other"])
