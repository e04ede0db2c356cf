#!/usr/bin/env bash
# Writes packaging/start-order.txt: the functions that a short command runs, so that the linker puts them side by side.
# A program of 17 MB of code otherwise has them in 150 places, each of which is looked up and mapped by itself.
#   scripts/start-order.sh      needs valgrind, and a release built by `make release STRIP=`
# A name that is no longer there is passed over, so the list may grow old; it is written anew when a start was changed much.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo 'start-order: error: there is no valgrind' >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/bin" "$folder/libexec/vault" "$folder/run"
chmod 700 "$folder/run"
# Without what debuggers read, of which valgrind would read all; the names stay.
objcopy --strip-debug .build-release/release/vault "$folder/bin/vault"
cp .build-release/release/vault-agent "$folder/libexec/vault/vault-agent"
nm "$folder/bin/vault" | awk '$2 ~ /[tTwW]/ { print $1, $3 }' | sort >"$folder/names"
[ -s "$folder/names" ] || { echo 'start-order: error: the release has no names: make release STRIP=' >&2; exit 1; }

export VAULT_FILE=$folder/v/vault.db VAULT_KEY_FILE=$folder/ana.key XDG_STATE_HOME=$folder/state \
    XDG_RUNTIME_DIR=$folder/run
vault=$folder/bin/vault
"$vault" init --member ana --no-recovery >/dev/null
printf 'not-a-key' | "$vault" connection create celonis --name prod --set api-type=intelligence --set auth-type=custom \
    --set domain=team.eu-1.celonis.cloud --secret app-key=stdin >/dev/null
# More than one tile of the ledger, as a vault has it that is used.
for _ in $(seq 300); do "$vault" exec prod -- true; done

run() { valgrind --quiet --tool=callgrind --demangle=no --callgrind-out-file="$folder/$1.calls" "$vault" "${@:2}" >/dev/null; }
run keyfile exec prod -- true
run show connection show prod
"$vault" unlock >/dev/null
unset VAULT_KEY_FILE
run agent exec prod -- true
"$vault" lock >/dev/null

# fn=(12) name'2, in the order of where they stand now.
sed -nE "s/^c?fn=\([0-9]+\) ([^']+)('[0-9]+)?$/\1/p" "$folder"/*.calls | sort -u >"$folder/called"
awk 'NR == FNR { called[$1] = 1; next } $2 in called && !seen[$2]++ { print $2 }' "$folder/called" "$folder/names" \
    >packaging/start-order.txt
printf 'start-order: %s functions\n' "$(wc -l <packaging/start-order.txt)"
