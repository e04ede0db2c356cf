"""Every mutant of every vault."""

import anchor_mutants
import cells
import files
import forged
import signed
from vaults import Builder

SEED = 12
"""Fixed, so that a name means the same mutant in each run."""
ROTATING = {"epochs": None, "grants": None, "digest_lists": None, "secrets": ["epoch", "version", "sealed", "listed"]}
"""The tables and columns that an interrupted rotation affects."""


def planned(folder):
    """Returns the vaults by name, and all mutants."""
    builder = Builder(folder, SEED)
    vaults = {name: builder.vault(name) for name in ("team", "rotating", "solo", "other")}
    vaults["older"] = builder.vaults["older"]
    if vaults["rotating"] is None:
        print("tamper: skipping the vault 'rotating': interrupting a rotation needs strace")
        del vaults["rotating"]
    found = []
    for name in cells.KEYS:
        found += cells.mutants(table(name, vaults, "team"))
    for name, columns in ROTATING.items():
        if "rotating" in vaults:
            found += cells.mutants(table(name, vaults, "rotating"), columns)
    for source in files, forged, anchor_mutants, signed:
        found += source.mutants(vaults)
    return vaults, [mutant for mutant in found if mutant.vault in vaults]


def table(name, vaults, vault):
    return cells.Table(name, vaults[vault], vaults["older"], vaults["other"])
