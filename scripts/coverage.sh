#!/usr/bin/env bash
# Holds the lines that the tests reached against each room's bound: scripts/coverage.sh SCRATCH
# Reads what 'swift test --enable-code-coverage --scratch-path SCRATCH' left there.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1

# ROOM and the least share of its lines, in percent.
bounds='VaultMemory 90 VaultCrypto 90 VaultLedger 90 VaultRegistry 90'

profile=$scratch/debug/codecov/default.profdata
binary=$(find "$scratch"/debug/ -maxdepth 1 -name '*PackageTests.xctest' | head -n 1)
[ -f "$profile" ] && [ -n "$binary" ] || {
    printf 'coverage: error: there is no coverage below %s\ncoverage: next: make coverage\n' "$scratch" >&2
    exit 1
}
llvm_cov=$(dirname "$(readlink -f "$(command -v swift)")")/llvm-cov
[ -x "$llvm_cov" ] || llvm_cov=llvm-cov

# Columns 8 and 9 of a file's line are its lines, and those of them never reached.
"$llvm_cov" report "$binary" -instr-profile "$profile" "$PWD/Sources" 2>/dev/null | awk -v bounds="$bounds" '
    BEGIN { count = split(bounds, pair, " "); for (i = 1; i < count; i += 2) least[pair[i]] = pair[i + 1] }
    $1 ~ /\.swift$/ { n = split($1, path, "/"); room = ""; for (i = 1; i <= n; i++) if (path[i] ~ /^Vault/) { room = path[i]; break }
                      lines[room] += $8; missed[room] += $9 }
    END {
        for (room in lines) {
            share = 100 * (lines[room] - missed[room]) / lines[room]
            verdict = room in least ? (share >= least[room] ? "at least " least[room] : "below " least[room]) : "no bound"
            printf "%-14s %6d lines  %6.2f %%  %s\n", room, lines[room], share, verdict | "sort"
            if (verdict ~ /^below/) failed = 1
        }
        for (room in least) if (!(room in lines)) { printf "%-14s was not measured\n", room; failed = 1 }
        exit failed
    }'
