#!/usr/bin/env bash
# Injects faults into every operation that writes: scripts/faults.sh PROGRAM [options of scripts/faults/main.py]
# Where faults cannot be injected, prints the reason and exits with 0.
set -euo pipefail

if ! command -v python3 >/dev/null; then
    echo 'faults: skipped: python3 is not installed' >&2
    exit 0
fi
"$(dirname "$0")/strace.sh"
exec python3 -B "$(dirname "$0")/faults/main.py" "$@"
