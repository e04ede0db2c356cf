#!/usr/bin/env bash
# Checks the release programs: scripts/shipped.sh VAULT [VAULT-AGENT]
# Each is a static, position-independent executable. vault contains no event loop and no HTTP, which would slow down the
# start of every command.
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
    grep -q 'Elf file type is DYN' <<<"$headers" || fail "$1 is not position-independent"
    ! grep -q '(NEEDED)' <<<"$headers" || fail "$1 needs shared libraries: $(grep '(NEEDED)' <<<"$headers")"
    ! grep -q 'INTERP' <<<"$headers" || fail "$1 needs a dynamic loader"
    ! grep -q 'GNU_STACK .*RWE' <<<"$headers" || fail "$1 has an executable stack"
}

static "$program"
! grep -q NIOPosix "$program" || fail "$program has an event loop linked in"

# Run in an empty folder with an empty environment.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$program" "$folder/vault"
version=$(cd "$folder" && env -i ./vault --version)
printf 'shipped: vault %s, %d MiB, static, position-independent\n' "$version" "$(($(stat -c %s "$program") >> 20))"
[ -n "$agent" ] || exit 0
static "$agent"
cp "$agent" "$folder/vault-agent"
(cd "$folder" && env -i ./vault-agent --help >/dev/null) || fail "$agent does not run in an empty folder"
printf 'shipped: vault-agent, %d MiB, static, position-independent\n' "$(($(stat -c %s "$agent") >> 20))"
