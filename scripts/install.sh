#!/usr/bin/env bash
# Installs the two programs and the completions: scripts/install.sh VAULT VAULT-AGENT PREFIX
# vault starts the agent, so that is installed outside PATH.
set -euo pipefail
program=$1 agent=$2 prefix=$3

place() { # FILE FOLDER NAME. Copies, then renames, because a running program cannot be overwritten.
    mkdir -p "$2"
    cp "$1" "$2/.$3.new"
    chmod 755 "$2/.$3.new"
    mv -f "$2/.$3.new" "$2/$3"
}
place "$agent" "$prefix/libexec/vault" vault-agent
place "$program" "$prefix/bin" vault

completion() { # SHELL FILE
    mkdir -p "$(dirname "$prefix/share/$2")"
    "$program" completion "$1" >"$prefix/share/$2"
    chmod 644 "$prefix/share/$2"
}
completion bash bash-completion/completions/vault
completion zsh zsh/site-functions/_vault
completion fish fish/vendor_completions.d/vault.fish
printf 'installed %s, %s and the completions\n' "$prefix/bin/vault" "$prefix/libexec/vault/vault-agent"
