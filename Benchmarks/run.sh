#!/usr/bin/env bash
# `make bench`: measures the release beside the peers that are installed, and writes docs/benchmarks.md.
# Installs nothing; Benchmarks/peers.sh does. PEERS names the folder that it used, ROUNDS and LIBRARY_ROUNDS how often.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=${PEERS:-$HOME/.cache/vault-peers}
command -v python3 >/dev/null || {
    printf 'bench: error: there is no python3, which takes the times\nbench: next: install it, then make bench\n' >&2
    exit 1
}
python=python3
[ ! -x "$peers/bench/bin/python" ] || python=$peers/bench/bin/python
# What is measured is what a user has: as the linker leaves it in the cache of files, a program starts slower.
installed=$(mktemp -d)
trap 'rm -rf "$installed"' EXIT
scripts/install.sh .build-release/release/vault .build-release/release/vault-agent "$installed" >/dev/null
"$python" Benchmarks/measure.py --peers "$peers" --vault "$installed/bin/vault" --programs .build-release/release \
    --write docs/benchmarks.md
