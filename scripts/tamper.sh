#!/usr/bin/env bash
# Changes a vault's file in every place: scripts/tamper.sh PROGRAM [options of scripts/tamper/main.py].
# Installs strace where it is missing and can be had; says why where nothing can be tried, and ends with 0.
set -euo pipefail

if ! command -v python3 >/dev/null; then
    echo 'tamper: skipped: python3 is not installed' >&2
    exit 0
fi
if ! command -v strace >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
    echo 'tamper: installing strace' >&2
    install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install strace)
    "${install[@]}" >/dev/null 2>&1 || { apt-get -qq update >/dev/null && "${install[@]}" >/dev/null 2>&1; } || true
fi
exec python3 -B "$(dirname "$0")/tamper/main.py" "$@"
