#!/usr/bin/env bash
# `make bench`: measures the release and the installed peers, and writes docs/benchmarks.md.
# Benchmarks/peers.sh installs the peers. PEERS is its folder, ROUNDS and LIBRARY_ROUNDS are the numbers of rounds.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=${PEERS:-$HOME/.cache/vault-peers}
command -v python3 >/dev/null || {
    printf 'bench: error: python3 is not installed\nbench: next: install it, then make bench\n' >&2
    exit 1
}
python=python3
[ ! -x "$peers/bench/bin/python" ] || python=$peers/bench/bin/python
# Measures an installed copy, as users have it: a program starts more slowly from the pages that the linker has cached.
installed=$(mktemp -d)
trap 'rm -rf "$installed"' EXIT
scripts/install.sh .build-release/release/vault .build-release/release/vault-agent "$installed" >/dev/null
"$python" Benchmarks/measure.py --peers "$peers" --vault "$installed/bin/vault" --programs .build-release/release \
    --write docs/benchmarks.md
