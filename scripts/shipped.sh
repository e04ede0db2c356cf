#!/usr/bin/env bash
# Checks what is promised of the programs that ship: scripts/shipped.sh VAULT [VAULT-AGENT]
# One file each, no library beside it, and addresses that still differ from run to run. vault has no event loop and no
# HTTP in it: linking them costs every command its start.
set -euo pipefail
program=$1 agent=${2:-}

fail() {
    printf 'shipped: error: %s\n' "$1" >&2
    exit 1
}

[ "$(uname -s)" = Linux ] || exit 0

static() { # FILE
    local headers
    headers=$(readelf --wide --program-headers --dynamic "$1")
    grep -q 'Elf file type is DYN' <<<"$headers" || fail "$1 is not position independent"
    ! grep -q '(NEEDED)' <<<"$headers" || fail "$1 needs shared libraries: $(grep '(NEEDED)' <<<"$headers")"
    ! grep -q 'INTERP' <<<"$headers" || fail "$1 needs a dynamic loader"
    ! grep -q 'GNU_STACK .*RWE' <<<"$headers" || fail "$1 has an executable stack"
}

static "$program"
! grep -q NIOPosix "$program" || fail "$program has an event loop linked in"

# Alone in an empty folder, with no environment.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$program" "$folder/vault"
version=$(cd "$folder" && env -i ./vault --version)
printf 'shipped: vault %s, %d MiB, static, position independent\n' "$version" "$(($(stat -c %s "$program") >> 20))"
[ -n "$agent" ] || exit 0
static "$agent"
cp "$agent" "$folder/vault-agent"
(cd "$folder" && env -i ./vault-agent --help >/dev/null) || fail "$agent does not run alone"
printf 'shipped: vault-agent, %d MiB, static, position independent\n' "$(($(stat -c %s "$agent") >> 20))"
