#!/usr/bin/env bash
# Runs the tests under sanitizers: scripts/sanitizers.sh [address|thread]…        (both when none is named)
#
# Each sanitizer has a separate build (.build-asan, .build-tsan), which includes the programs that the tests start.
# Exits with 1 if a test failed or a sanitizer reported an error.
set -euo pipefail
cd "$(dirname "$0")/.."

# These suites check what a sanitizer changes (address space, memory of a process, exit after a crash), or have time limits
# that are too short for a program that is ten times slower.
skipped=(ResourceTests ProcessTests MemoryTests CrashTests LeakTests AgentDefenceTests InjectionTests)

run() { # SANITIZER FOLDER
    local log=$2.log flags=(--scratch-path "$2" --sanitize="$1" -Xswiftc -use-ld=lld) skip=("${skipped[@]}")
    # A hundred slow programs exceed the time that each waits for the others; the agent's memory has another layout; and
    # the sanitizer delays the signals of a prompt.
    [ "$1" = thread ] && skip+=(CrowdTests "a locked agent has no secret" TerminalPrompts/Signals "C at any prompt")
    echo "sanitizers: $1: building" >&2
    swift build --build-tests "${flags[@]}" ${JOBS:+--jobs "$JOBS"} >"$log" 2>&1 || {
        tail -20 "$log" >&2
        return 1
    }
    echo "sanitizers: $1: testing; the log is $log" >&2
    local status=0
    swift test --skip-build --disable-xctest "${flags[@]}" --skip "$(IFS='|'; echo "${skip[*]}")" >"$log" 2>&1 || status=$?
    grep -aE '✘|(ERROR|WARNING): (Address|Thread)Sanitizer' "$log" | head -40 >&2 || true
    printf '%s: %s\n' "$1" "$(grep -aE 'Test run with' "$log" | tail -1)"
    [ $status -eq 0 ] && ! grep -aqE '(ERROR|WARNING): (Address|Thread)Sanitizer' "$log"
}

[ $# -gt 0 ] || set -- address thread
failed=0
for sanitizer in "$@"; do
    case $sanitizer in
    address) run address .build-asan || failed=1 ;;
    thread) run thread .build-tsan || failed=1 ;;
    *)
        printf "sanitizers: error: no sanitizer '%s'\nsanitizers: next: name address, thread, or none for both\n" "$sanitizer" >&2
        exit 64
        ;;
    esac
done
exit $failed
