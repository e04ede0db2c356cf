#!/usr/bin/env bash
# Runs the demo and checks its output: scripts/demo-check.sh VAULT
# It must contain the lines below and no secret, and no file may be left.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/home" "$folder/tmp"

HOME=$folder/home TMPDIR=$folder/tmp DEMO_SECRETS=$folder/secrets scripts/demo.sh "$1" >"$folder/output" 2>&1 || {
    cat "$folder/output"
    echo 'demo: error: scripts/demo.sh failed' >&2
    exit 1
}
cat "$folder/output"

wrong=0
complain() {
    wrong=$((wrong + 1))
    printf 'demo: error: %s\n' "$1" >&2
}
while IFS= read -r line; do
    grep -qF -- "$line" "$folder/output" || complain "missing in the output: $line"
done <<'LINES'
v/vault.db; ana is its admin
connection 'Celonis prod' created, app-key sealed
connection 'Celonis reports' created, api-key sealed
OAuth 2.0 client 'Celonis app' created, client-secret sealed
connection 'Celonis signals' created
connection 'Celonis push' created, app-key sealed
connection 'Celonis push nightly' created, api-key sealed
vault: error: editing 'Celonis prod' needs app-key again
connection 'Celonis prod' edited
https://team.eu-1.celonis.cloud, with a key of 40 characters
the key is *****
master key rotated: epoch 1 → 2, 5 secrets
verified:
vault: error: the settings of 'Celonis push' were changed outside the vault
LINES

[ "$(wc -l <"$folder/secrets")" -eq 5 ] || complain 'expected five secrets'
while IFS= read -r secret; do
    for form in "$secret" "$(printf %s "$secret" | base64 -w 0)" "$(printf %s "$secret" | rev)"; do
        ! grep -qF -- "$form" "$folder/output" || complain 'a secret is in the output'
    done
done <"$folder/secrets"
[ -z "$(ls -A "$folder/home")" ] || complain "files in the home folder: $(ls -A "$folder/home")"
[ -z "$(ls -A "$folder/tmp")" ] || complain "files in the temporary folder: $(ls -A "$folder/tmp")"
[ "$wrong" -eq 0 ]
