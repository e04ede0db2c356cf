#!/usr/bin/env bash
# Checks that nothing is committed that a build makes, and no key or vault with it.
set -euo pipefail
cd "$(dirname "$0")/.."
found=$(git ls-files | grep -E '(^|/)(Package\.resolved|\.swiftpm/|\.build|[^/]*\.(profraw|profdata|key))' || true)
# A vault that a test opens for ever is meant to be there.
found+=$(git ls-files | grep -E '\.(db|db-wal|db-shm)$' | grep -v '^Tests/.*/Fixtures/' || true)
[ -z "$found" ] || {
    printf 'committed: error: these files should not be in the repository:\n%s\n' "$found" >&2
    exit 1
}
