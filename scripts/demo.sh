#!/usr/bin/env bash
# Runs the main commands in a temporary vault, and shows each with its output: scripts/demo.sh VAULT
#
# Every secret is random. Nothing outside the temporary folder, which has the XDG folders too, is read or written. With
# DEMO_SECRETS=FILE, writes the secrets to that file, one a line, so that a check can search for them.
set -euo pipefail

program=$(realpath "$1")
folder=$(mktemp -d "${TMPDIR:-/tmp}/vault-demo.XXXXXX")
trap 'rm -rf "$folder"' EXIT
for name in $(compgen -e | grep '^VAULT_' || true); do unset "$name"; done
export XDG_DATA_HOME=$folder/data XDG_STATE_HOME=$folder/state XDG_CONFIG_HOME=$folder/config
export XDG_CACHE_HOME=$folder/cache XDG_RUNTIME_DIR=$folder/run
mkdir -m 700 "$XDG_DATA_HOME" "$XDG_STATE_HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_RUNTIME_DIR" "$folder/bin"
ln -s "$program" "$folder/bin/vault"
PATH=$folder/bin:$PATH
cd "$folder"

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

say() { printf '\n# %s\n' "$*"; }

# Shows a command, then runs it with stderr on stdout.
run() {
    printf '%s$ %s%s\n' "$bold" "$1" "$plain"
    eval "$1" 2>&1
}

# The same for a command that must fail with a given status.
run_failing() {
    local status=0
    run "$2" || status=$?
    printf '%s$ echo $?%s\n%d\n' "$bold" "$plain" "$status"
    [ "$status" -eq "$1" ] || { printf 'demo: error: expected exit status %d\n' "$1"; exit 1; }
}

random() { head -c 48 /dev/urandom | base64 | tr -d '\n+/' | cut -c 1-40; }

APP_KEY=$(random) API_KEY=$(random) PUSH_KEY=$(random) PUSH_API_KEY=$(random) CLIENT_SECRET=$(random)
[ -z "${DEMO_SECRETS:-}" ] || printf '%s\n' "$APP_KEY" "$API_KEY" "$PUSH_KEY" "$PUSH_API_KEY" "$CLIENT_SECRET" >"$DEMO_SECRETS"

say 'A vault, unlocked by a key file'
run 'export VAULT_FILE=$PWD/v/vault.db VAULT_KEY_FILE=$PWD/ana.key'
run 'vault init --member ana --key-file "$VAULT_KEY_FILE" --no-recovery'

say 'Connections: settings are plain text; a secret comes from a pipe, a file or a hidden prompt, never from an argument'
run 'printf %s "$APP_KEY" | vault connection create celonis --name "Celonis prod" \
    --set api-type=intelligence --set domain=https://team.us-1.celonis.cloud/ \
    --set auth-type=custom --secret app-key=stdin'
run 'printf %s "$API_KEY" | vault connection create celonis --name "Celonis reports" \
    --set api-type=intelligence --set domain=team.us-1.celonis.cloud \
    --set auth-type=token --secret api-key=stdin'
run 'printf %s "$CLIENT_SECRET" | vault client create celonis --name "Celonis app" \
    --set client-id=9f2c6a --set valid-domain-names=team.us-1.celonis.cloud --secret client-secret=stdin'
run 'vault connection create celonis --name "Celonis signals" \
    --set api-type=intelligence --set domain=team.us-1.celonis.cloud --set auth-type=oauth2 \
    --set oauth-client="Celonis app" --set valid-domain-names=team.us-1.celonis.cloud \
    --set scopes=intelligence.knowledge-models:read'
pool='https://team.us-1.celonis.cloud/integration/ui/pools/4b1f0c9e-5d0a-4c36-9b63-2f4f5a3c8d11'
run 'printf %s "$PUSH_KEY" | vault connection create celonis --name "Celonis push" \
    --set api-type=data-push --set domain=team.us-1.celonis.cloud \
    --set pool-id='"$pool"' \
    --set auth-type=custom --secret app-key=stdin'
run 'printf %s "$PUSH_API_KEY" | vault connection create celonis --name "Celonis push nightly" \
    --set api-type=data-push --set domain=team.us-1.celonis.cloud \
    --set pool-id='"$pool"' \
    --set auth-type=token --secret api-key=stdin'
run 'vault connection list'
run 'vault connection show "Celonis prod"'

say 'An edit needs every secret again, because secrets are sealed to the settings they were entered with'
run_failing 64 'vault connection edit "Celonis prod" --set domain=team.eu-1.celonis.cloud --no-input'
run 'printf %s "$APP_KEY" | vault connection edit "Celonis prod" --set domain=team.eu-1.celonis.cloud --secret app-key=stdin'

say 'Use without reveal: the command has the key, which is masked in its output'
run "vault exec 'Celonis prod' -- sh -c 'echo \"\$CELONIS_URL, with a key of \${#CELONIS_API_TOKEN} characters\"'"
run "vault exec 'Celonis prod' -- sh -c 'echo \"the key is \$CELONIS_API_TOKEN\"'"

say 'A new master key: all secrets are resealed without being entered again'
run 'vault key rotate'
run 'vault key status'

say 'Who did what: a signed log that anyone can verify'
run 'vault audit log --limit 6'
run 'vault audit verify'

say 'A row is changed outside the vault'
run "sqlite3 \"\$VAULT_FILE\" \"UPDATE owners SET settings = replace(settings, 'team.us-1', 'evil.us-1') WHERE name = 'Celonis push'\""
run_failing 13 'vault audit verify'
run_failing 13 "vault exec 'Celonis push' -- printenv CELONIS_URL"

say 'Done. The demo vault is removed. Create your own with: vault init'
