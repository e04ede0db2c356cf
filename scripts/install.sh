#!/usr/bin/env bash
# Installs the program and its completions: scripts/install.sh VAULT PREFIX
set -euo pipefail
program=$1 prefix=$2
mkdir -p "$prefix/bin"
# Beside, then renamed: a running program is never written over.
cp "$program" "$prefix/bin/.vault.new"
chmod 755 "$prefix/bin/.vault.new"
mv -f "$prefix/bin/.vault.new" "$prefix/bin/vault"

completion() { # SHELL FILE
    mkdir -p "$(dirname "$prefix/share/$2")"
    "$program" completion "$1" >"$prefix/share/$2"
    chmod 644 "$prefix/share/$2"
}
completion bash bash-completion/completions/vault
completion zsh zsh/site-functions/_vault
completion fish fish/vendor_completions.d/vault.fish
printf 'installed %s and its completions\n' "$prefix/bin/vault"
