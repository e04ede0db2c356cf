#!/usr/bin/env bash
# Checks that nothing is committed that a build makes, and no key or vault with it.
set -euo pipefail
cd "$(dirname "$0")/.."
# A vault that a test opens for ever, and its key, which guards nothing else, are meant to be there.
found=$(git ls-files | grep -v '^Tests/Fixtures/' \
    | grep -E '(^|/)(Package\.resolved|\.swiftpm/|\.build|[^/]*\.(profraw|profdata|key|db|db-wal|db-shm)$)' || true)
[ -z "$found" ] || {
    printf 'committed: error: these files should not be in the repository:\n%s\n' "$found" >&2
    exit 1
}
