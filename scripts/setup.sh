#!/usr/bin/env bash
# Installs missing build dependencies. Prints nothing and uses no network if all are installed.
set -euo pipefail

fail() {
    printf 'setup: error: %s\nsetup: next: %s\n' "$1" "$2" >&2
    exit 1
}

# The toolchain is checked, but not installed.
swift_at_least() {
    local version major minor
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    [ -n "$version" ] || fail "'swift --version' prints no version" "reinstall Swift from https://www.swift.org/install"
    major=${version%%.*} minor=${version#*.}
    [ "$major" -gt "$1" ] || { [ "$major" -eq "$1" ] && [ "$minor" -ge "$2" ]; } \
        || fail "Swift $version is too old; $1.$2 or newer is needed" "install it from https://www.swift.org/install"
}

command -v swift >/dev/null || fail "Swift is not installed, or not in PATH" \
    "install 6.2 or newer from https://www.swift.org/install, then run this again"
swift_at_least 6 2

missing=()
if ! command -v pkg-config >/dev/null; then
    # Without pkg-config it is unknown which libraries are installed; installing one again is harmless.
    missing=(pkg-config libsodium-dev libsqlite3-dev libyaml-dev)
else
    pkg-config --exists libsodium || missing+=(libsodium-dev)
    pkg-config --exists sqlite3 || missing+=(libsqlite3-dev)
    pkg-config --exists yaml-0.1 || missing+=(libyaml-dev)
fi
command -v sqlite3 >/dev/null || missing+=(sqlite3)
# For tests: openssl makes certificates, curl uses connections.
command -v openssl >/dev/null || missing+=(openssl)
command -v curl >/dev/null || missing+=(curl)
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    case "$(uname -s)" in
    Darwin) fail "missing: ${missing[*]} (Debian's names)" "brew install libsodium sqlite libyaml pkgconf" ;;
    *) fail "missing: ${missing[*]} (Debian's names), and apt-get is not available" \
        "install libsodium, SQLite and libyaml with their headers and static libraries, pkg-config and the program sqlite3
             Fedora: dnf install libsodium-devel libsodium-static sqlite-devel libyaml-devel pkgconf sqlite
             Arch:   pacman -S libsodium sqlite libyaml pkgconf" ;;
    esac
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "missing: ${missing[*]}; installing them needs root, and sudo is not available" \
        "as root: apt-get install ${missing[*]}"
    # Without a terminal, sudo must not prompt for a password.
    if [ -t 0 ]; then as_root=(sudo); else as_root=(sudo -n); fi
fi

printf 'setup: installing %s\n' "${missing[*]}" >&2
install=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}")
"${as_root[@]}" "${install[@]}" >/dev/null 2>&1 \
    || { "${as_root[@]}" apt-get -qq update >/dev/null && "${as_root[@]}" "${install[@]}" >/dev/null; } \
    || fail "apt-get could not install ${missing[*]}" "see its message above; then: apt-get install ${missing[*]}"
