#!/usr/bin/env bash
# Lints the built-in connectors with the program: scripts/connectors.sh VAULT
set -euo pipefail
cd "$(dirname "$0")/.."
for file in connectors/*.yaml; do
    "$1" connector lint "$file"
done
