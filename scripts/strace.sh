#!/usr/bin/env bash
# Installs strace if it is missing and this user can install it. Always exits with 0: the callers report what they skip
# without it.
set -euo pipefail

if command -v strace >/dev/null || ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then exit 0; fi
# Two tests may run this concurrently, which apt-get does not support.
exec 9>/tmp/vault-strace.lock
flock 9
if command -v strace >/dev/null; then exit 0; fi
echo 'strace: installing' >&2
install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install strace)
"${install[@]}" >/dev/null 2>&1 || { apt-get -qq update >/dev/null && "${install[@]}" >/dev/null 2>&1; } || true
