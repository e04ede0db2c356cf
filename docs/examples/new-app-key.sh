#!/bin/sh
# Creates a new App key by using the old one, for `vault connection annotate NAME --rotate-with`.
#
# This example works with the test server of this repository; Celonis has no public API that creates keys. For another
# system, only the request differs (docs/hooks.md).
set -eu

answer=$(curl -sS --fail -X POST -H "Authorization: Bearer $CELONIS_API_TOKEN" "$CELONIS_URL/test/new-app-key")

# printf is a shell builtin, so the key is never an argument of a process.
printf '%s\n' "$answer" | sed -n 's/.*"key":"\([^"]*\)".*/\1/p' >&"$VAULT_NEW_SECRET_FD"
echo "a new App key was made for: $VAULT_NEW_SECRET_FIELDS"
