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
exec "$python" Benchmarks/measure.py --peers "$peers" --programs .build-release/release --write docs/benchmarks.md
