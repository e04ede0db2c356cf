#!/usr/bin/env bash
# Checks that no build product, key or vault is committed.
set -euo pipefail
cd "$(dirname "$0")/.."
# Tests/Fixtures has a vault for compatibility tests, and its key, which protects nothing else.
found=$(git ls-files | grep -v '^Tests/Fixtures/' \
    | grep -E '(^|/)(Package\.resolved|\.swiftpm/|\.build|[^/]*\.(profraw|profdata|key|db|db-wal|db-shm)$)' || true)
[ -z "$found" ] || {
    printf 'committed: error: these files must not be in the repository:\n%s\n' "$found" >&2
    exit 1
}
