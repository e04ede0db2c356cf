#!/bin/sh
# Makes a new App key with the use of the old one, for `vault connection annotate NAME --rotate-with`.
#
# An example against the stand-in of this repository: Celonis has no public API that makes keys. What another system
# needs differs in the one request; the rest is how every hook goes (docs/hooks.md).
set -eu

answer=$(curl -sS --fail -X POST -H "Authorization: Bearer $CELONIS_API_TOKEN" "$CELONIS_URL/test/new-app-key")

# printf is the shell's own: no process has the key among its arguments.
printf '%s\n' "$answer" | sed -n 's/.*"key":"\([^"]*\)".*/\1/p' >&"$VAULT_NEW_SECRET_FD"
echo "a new App key was made for: $VAULT_NEW_SECRET_FIELDS"
