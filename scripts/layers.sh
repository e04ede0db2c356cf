#!/usr/bin/env bash
# The layer rules, checked. Each stands here once, with its reason; ARCHITECTURE.md draws the picture.
#
#   scripts/layers.sh              checks this repository
#   scripts/layers.sh --self-test  proves that each rule can fail, on a tree made for it
#
# The compiler does not check them: a module that stands in the build folder can be imported without being declared.
# Tests are exempt: they look behind the walls.
set -euo pipefail
cd "$(dirname "$0")/.."

# ROOM | MODULES | REASON: the room never imports one of the modules.
never='
VaultStore|VaultCrypto VaultMemory CSodium Crypto|persistence sees sealed bytes only, so it must not be able to open them
VaultRegistry|VaultStore CSQLite GRDB SQLite3|rules are pure: they judge values, wherever these are kept
VaultRegistry|VaultCrypto CSodium Crypto|rules say what fits; they hold no key and seal nothing
VaultLedger|VaultStore CSQLite GRDB SQLite3|the ledger is mathematics, so that an outsider can check it without the vault
VaultRegistry|Foundation FoundationEssentials Glibc Musl Darwin|rules touch no files: whoever calls reads the file and hands over its text
VaultLedger|Foundation FoundationEssentials Glibc Musl Darwin|the ledger touches no files, no clock and no environment: these are where they would come from
VaultCLI|VaultCrypto VaultStore CSQLite GRDB SQLite3 CSodium Crypto|the command line reaches keys and rows through VaultCore only, where every operation has one place
vault-bench|VaultCrypto VaultStore CSQLite GRDB SQLite3 CSodium Crypto|what is measured is what a program does: through VaultCore
'

# MODULE | ROOMS | REASON: nobody but these rooms imports the module.
only='
CSQLite|VaultStore|one room knows SQL, so one room is read to know what is in the file
GRDB||it links Foundation, which costs every command its start; the tests have it
Yams||as GRDB
Foundation|VaultCrypto|as GRDB: where there is FoundationEssentials, that is imported
CYAML|VaultRegistry|one room knows how connector files are written
CSodium|VaultMemory VaultCrypto|one library of primitives, behind types that cannot be misused
Crypto|VaultCrypto|one room chooses which implementation of a primitive runs
_CryptoExtras|VaultCrypto|as Crypto
NIOHTTP1|VaultBroker|one room speaks HTTP
NIOSSL|VaultBroker|one room decides whom to trust
NIOPosix|VaultBroker VaultAgent|the program vault has no event loop: linking one costs every command its start
NIOCore|VaultBroker VaultAgent|as NIOPosix
Logging|VaultAgent|who runs in the background has a log; a command tells the person who runs it
VaultBroker|VaultAgent|what needs the network runs in the program of the agent
VaultMasking|VaultBroker VaultCLI|what is masked is what comes from outside
FoundationNetworking||no program of this room speaks to the network, and linking it costs every command its start
'

# ROOM | PATTERN | REASON: no line of the room outside comments has the pattern (an extended regular expression).
text='
VaultLedger|(^|[^A-Za-z_.])(FileManager|FileHandle|fopen|fread|fwrite|openat?|creat|mkdir|unlink|getenv)[ (.]|the ledger touches no files and no environment: bytes in, bytes out
'

sources=(Sources Benchmarks connectors migrations)

# FILE:LINE:ROOM:MODULE for every import below the current folder, in any spelling Swift has for it.
imports() {
    local folders=() folder
    for folder in "${sources[@]}"; do [ -d "$folder" ] && folders+=("$folder"); done
    find "${folders[@]}" -name '*.swift' -type f -exec awk '
        FNR == 1 { parts = split(FILENAME, path, "/"); room = parts > 2 ? path[2] : path[1] }
        /^[ \t]*\/\// { next }
        /(^|[^A-Za-z0-9_])import[ \t]/ {
            statements = split($0, statement, ";")
            for (i = 1; i <= statements; i++) {
                s = statement[i]
                while (s ~ /^[ \t]*@[A-Za-z_]+(\([^)]*\))?[ \t]/) sub(/^[ \t]*@[A-Za-z_]+(\([^)]*\))?[ \t]+/, "", s)
                if (s !~ /^[ \t]*((public|package|internal|fileprivate|private)[ \t]+)?import[ \t]/) continue
                sub(/^[ \t]*((public|package|internal|fileprivate|private)[ \t]+)?import[ \t]+/, "", s)
                sub(/^(struct|class|enum|protocol|typealias|func|var|let|actor)[ \t]+/, "", s)
                sub(/[^A-Za-z0-9_].*/, "", s)
                print FILENAME ":" FNR ":" room ":" s
            }
        }' {} +
}

# FILE:LINE:ROOM:TEXT for every line that is not a comment.
lines_of() {
    [ -d "Sources/$1" ] || return 0
    find "Sources/$1" -name '*.swift' -type f -exec awk -v room="$1" '
        /^[ \t]*\/\// { next }
        { sub(/[ \t]\/\/.*/, ""); print FILENAME ":" FNR ":" $0 }' {} +
}

has() { case " $2 " in *" $1 "*) return 0 ;; *) return 1 ;; esac }

# Prints each violation as one line; nothing when the rules hold.
violations() {
    local found file line room module first second reason
    found=$(imports)
    while IFS='|' read -r first second reason; do
        [ -n "$first" ] || continue
        while IFS=: read -r file line room module; do
            [ "$room" = "$first" ] && has "$module" "$second" \
                && printf '%s:%s: %s imports %s: %s\n' "$file" "$line" "$room" "$module" "$reason"
        done <<<"$found"
    done <<<"$never"
    while IFS='|' read -r first second reason; do
        [ -n "$first" ] || continue
        while IFS=: read -r file line room module; do
            [ "$module" = "$first" ] && ! has "$room" "$second" \
                && printf '%s:%s: %s imports %s: %s\n' "$file" "$line" "$room" "$module" "$reason"
        done <<<"$found"
    done <<<"$only"
    local pattern
    while IFS= read -r line; do
        [ -n "$line" ] || continue
        first=${line%%|*} reason=${line##*|} pattern=${line#*|} pattern=${pattern%|*}
        { lines_of "$first" | grep -E "^[^:]*:[0-9]+:.*$pattern" || true; } | sed "s#\$#  <- $reason#"
    done <<<"$text"
    return 0
}

# Each violation in turn is put into a copy of a clean tree; the check has to name it, and nothing else.
self_test() {
    local tree cases=0 wrong=0
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' RETURN
    cd "$tree"
    expect() { # CLEAN|DIRTY ROOM SWIFT
        cases=$((cases + 1))
        local said
        rm -rf Sources && mkdir -p "Sources/$2/Folder"
        printf '%s\n' "$3" >"Sources/$2/Folder/Probe.swift"
        said=$(violations)
        if [ "$1" = CLEAN ] && [ -n "$said" ] || [ "$1" = DIRTY ] && [ -z "$said" ]; then
            wrong=$((wrong + 1))
            printf 'layers: %s should be %s: %s\n' "$2" "$1" "$3" >&2
        fi
    }
    local first second reason module line
    while IFS='|' read -r first second reason; do
        [ -n "$first" ] || continue
        for module in $second; do expect DIRTY "$first" "import $module"; done
    done <<<"$never"
    while IFS='|' read -r first second reason; do
        [ -n "$first" ] || continue
        expect DIRTY VaultCore "import $first"
        for module in $second; do expect CLEAN "$module" "import $first"; done
    done <<<"$only"
    while IFS= read -r line; do
        [ -n "$line" ] || continue
        expect DIRTY "${line%%|*}" 'let file = fopen(path, "r")'
        expect DIRTY "${line%%|*}" 'guard let data = FileManager.default.contents(atPath: path) else { return }'
        expect CLEAN "${line%%|*}" '// fopen(path) and FileManager. are named in a comment only'
        expect CLEAN "${line%%|*}" 'let state = reopen(first) + file.open(second)'
    done <<<"$text"
    for line in 'public import Crypto' '@preconcurrency import Crypto' '@_spi(Some) internal import Crypto' \
        'import struct Crypto.AES' '    import Crypto' 'import Swift; import Crypto' '@testable private import Crypto' \
        'import Crypto // why'; do
        expect DIRTY VaultStore "$line"
    done
    for line in '// import Crypto' '/// import Crypto' 'let importing = "x"' 'import CryptoKitten' 'import VaultCryptography'; do
        expect CLEAN VaultStore "$line"
    done
    rm -rf Sources && mkdir -p Tests/VaultStoreTests && echo 'import Crypto' >Tests/VaultStoreTests/Probe.swift
    mkdir -p Benchmarks/vault-bench Sources/VaultStore && echo 'import CSQLite' >Benchmarks/vault-bench/Probe.swift
    echo 'import CSQLite' >Sources/VaultStore/Probe.swift
    cases=$((cases + 1))
    [ "$(violations | cut -d: -f1 | sort -u)" = Benchmarks/vault-bench/Probe.swift ] || {
        wrong=$((wrong + 1))
        echo 'layers: only the file below Benchmarks should be named' >&2
    }
    cd - >/dev/null
    printf 'layers: self-test: %d cases, %d wrong\n' "$cases" "$wrong"
    [ "$wrong" -eq 0 ]
}

case "${1:-}" in
--self-test) self_test ;;
'')
    found=$(violations)
    if [ -n "$found" ]; then
        printf '%s\n' "$found" >&2
        printf 'layers: error: the lines above break a layer rule\n' >&2
        exit 1
    fi
    ;;
*)
    echo 'usage: scripts/layers.sh [--self-test]' >&2
    exit 64
    ;;
esac
