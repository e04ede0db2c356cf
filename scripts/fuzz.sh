#!/usr/bin/env bash
# Builds Fuzz/ and all modules with libFuzzer's instrumentation, and runs the targets with their corpora.
#
# usage: scripts/fuzz.sh SECONDS [TARGET…]        (all targets when none is named)
#
# Prints for each target the executions, executions a second, and covered edges. Exits with 1 if a target crashed: the
# input is kept below .build-fuzz/crashes, and a command that reproduces the crash is printed. Inputs that cover new edges
# are kept below .build-fuzz/corpus for the next run.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift
scratch=.build-fuzz
# Swift's backtrace handler would end the process before libFuzzer saves the input.
export VAULT_FUZZ=1 SWIFT_BACKTRACE=enable=no
swift build --scratch-path $scratch --configuration release --product vault-fuzz ${JOBS:+--jobs "$JOBS"} \
    -Xswiftc -enable-testing -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld >&2
fuzz=$(swift build --scratch-path $scratch --configuration release --show-bin-path)/vault-fuzz
if [ $# = 0 ]; then mapfile -t targets < <("$fuzz" list); else targets=("$@"); fi

failed=0
printf '%-12s %14s %14s %10s\n' target executions 'a second' edges
for target in "${targets[@]}"; do
    if [ ! -d "Fuzz/Corpus/$target" ]; then
        echo "fuzz: error: no target '$target'; one of: $("$fuzz" list | paste -sd ' ')" >&2
        exit 64
    fi
    mkdir -p "$scratch/corpus/$target" "$scratch/crashes/$target"
    log=$scratch/$target.log
    # The dictionary is optional.
    words=()
    [ -f "Fuzz/Words/$target" ] && words=("-dict=Fuzz/Words/$target")
    if "$fuzz" "$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=16384 \
        -detect_leaks=0 -print_final_stats=1 -artifact_prefix="$scratch/crashes/$target/" "${words[@]}" \
        "$scratch/corpus/$target" "Fuzz/Corpus/$target" >"$log" 2>&1; then
        end=
    else
        end=CRASHED
        failed=1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
    edges=$(sed -nE 's/^#[0-9]+.* cov: ([0-9]+).*/\1/p' "$log" | tail -1)
    printf '%-12s %14s %14s %10s %s\n' "$target" "${runs:-?}" "${speed:-?}" "${edges:-?}" "$end"
    if [ -n "$end" ]; then
        grep -E 'Fatal error|ERROR|SUMMARY' "$log" | head -3 >&2
        input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -1)
        echo "fuzz: error: $target crashed; see $log" >&2
        [ -n "$input" ] && echo "fuzz: next: $fuzz $target $input" >&2
    fi
done
exit $failed
