#!/usr/bin/env bash
# Compares the line coverage of each module with its minimum: scripts/coverage.sh SCRATCH
# Run 'swift test --enable-code-coverage --scratch-path SCRATCH' before.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1

# MODULE and its minimal line coverage in percent.
bounds='VaultMemory 90 VaultCrypto 90 VaultLedger 90 VaultRegistry 90'

profile=$scratch/debug/codecov/default.profdata
binary=$(find "$scratch"/debug/ -maxdepth 1 -name '*PackageTests.xctest' | head -n 1)
[ -f "$profile" ] && [ -n "$binary" ] || {
    printf 'coverage: error: no coverage data below %s\ncoverage: next: make coverage\n' "$scratch" >&2
    exit 1
}
llvm_cov=$(dirname "$(readlink -f "$(command -v swift)")")/llvm-cov
[ -x "$llvm_cov" ] || llvm_cov=llvm-cov

# Columns 8 and 9 are the number of lines, and of lines not executed.
"$llvm_cov" report "$binary" -instr-profile "$profile" "$PWD/Sources" 2>/dev/null | awk -v bounds="$bounds" '
    BEGIN { count = split(bounds, pair, " "); for (i = 1; i < count; i += 2) least[pair[i]] = pair[i + 1] }
    $1 ~ /\.swift$/ { n = split($1, path, "/"); module = ""; for (i = 1; i <= n; i++) if (path[i] ~ /^Vault/) { module = path[i]; break }
                      lines[module] += $8; missed[module] += $9 }
    END {
        for (module in lines) {
            share = 100 * (lines[module] - missed[module]) / lines[module]
            verdict = module in least ? (share >= least[module] ? "at least " least[module] : "below " least[module]) : "no bound"
            printf "%-14s %6d lines  %6.2f %%  %s\n", module, lines[module], share, verdict | "sort"
            if (verdict ~ /^below/) failed = 1
        }
        for (module in least) if (!(module in lines)) { printf "%-14s not measured\n", module; failed = 1 }
        exit failed
    }'
