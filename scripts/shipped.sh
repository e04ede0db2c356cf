#!/usr/bin/env bash
# Checks what is promised of the program that ships: scripts/shipped.sh VAULT
# One file, no library beside it, and addresses that still differ from run to run.
set -euo pipefail
program=$1

fail() {
    printf 'shipped: error: %s\n' "$1" >&2
    exit 1
}

[ "$(uname -s)" = Linux ] || exit 0
headers=$(readelf --wide --program-headers --dynamic "$program")
grep -q 'Elf file type is DYN' <<<"$headers" || fail "$program is not position independent"
! grep -q '(NEEDED)' <<<"$headers" || fail "$program needs shared libraries: $(grep '(NEEDED)' <<<"$headers")"
! grep -q 'INTERP' <<<"$headers" || fail "$program needs a dynamic loader"
! grep -q 'GNU_STACK .*RWE' <<<"$headers" || fail "$program has an executable stack"

# Alone in an empty folder, with no environment.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$program" "$folder/vault"
version=$(cd "$folder" && env -i ./vault --version)
printf 'shipped: vault %s, %d MiB, static, position independent\n' "$version" "$(($(stat -c %s "$program") >> 20))"
