"""Every mutant of every vault."""

import anchoring
import cells
import files
import signed
from vaults import Builder

SEED = 12
ROTATING = {"epochs": None, "grants": None, "digest_lists": None, "secrets": ["epoch", "version", "sealed", "listed"]}
"""What a rotation that was stopped has in another state than a vault at rest."""


def planned(folder):
    """The vaults by name, and the mutants."""
    builder = Builder(folder, SEED)
    vaults = {name: builder.vault(name) for name in ("team", "rotating", "solo", "other")}
    vaults["older"] = builder.vaults["older"]
    found = []
    for name in cells.KEYS:
        found += cells.mutants(cells.Table(name, vaults["team"], vaults["older"], vaults["other"]))
    for name, columns in ROTATING.items():
        found += cells.mutants(cells.Table(name, vaults["rotating"], vaults["older"], vaults["other"]), columns)
    found += files.mutants(vaults)
    found += anchoring.mutants(vaults)
    found += signed.mutants(vaults)
    return vaults, found
