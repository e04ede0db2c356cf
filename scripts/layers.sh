#!/usr/bin/env bash
# Checks the import rules between layers. ARCHITECTURE.md describes the layers.
#
#   scripts/layers.sh              checks this repository
#   scripts/layers.sh --self-test  tests the rules on a generated tree
#
# The compiler does not check them: a module in the build folder can be imported without being declared as a dependency.
# Tests are exempt: they examine internals.
set -euo pipefail
cd "$(dirname "$0")/.."

# TARGET | MODULES | REASON: the target never imports one of the modules.
never='
VaultStore|VaultCrypto VaultMemory CSodium Crypto|persistence handles sealed bytes only, and must not be able to open them
VaultRegistry|VaultStore CSQLite GRDB SQLite3|validation is independent of storage
VaultRegistry|VaultCrypto CSodium Crypto|validation needs no key and seals nothing
VaultLedger|VaultStore CSQLite GRDB SQLite3|anyone can verify the ledger without the vault file
VaultRegistry|Foundation FoundationEssentials Libc Glibc Musl Darwin|validation reads no files: callers pass their text
VaultLedger|Foundation FoundationEssentials Libc Glibc Musl Darwin|the ledger uses no files, no clock and no environment
VaultCLI|VaultCrypto VaultStore CSQLite GRDB SQLite3 CSodium Crypto|the command line uses keys and rows through VaultCore only, which defines every operation once
vault-bench|VaultCrypto VaultStore CSQLite GRDB SQLite3 CSodium Crypto|benchmarks measure what programs do: through VaultCore
'

# MODULE | TARGETS | REASON: only these targets import the module.
only='
CSQLite|VaultStore|all SQL is in one module
GRDB||it links Foundation, which slows down the start of every command; only tests use it
Yams||as GRDB
Foundation|VaultCrypto|as GRDB: FoundationEssentials is imported where available
CYAML|VaultRegistry|one module parses connector files
CSodium|VaultMemory VaultCrypto|primitives are used through types that prevent misuse
Crypto|VaultCrypto|one module chooses the implementation of a primitive
_CryptoExtras|VaultCrypto|as Crypto
NIOHTTP1|VaultBroker|one module implements HTTP
NIOSSL|VaultBroker|one module decides which certificates to trust
NIOPosix|VaultBroker VaultAgent|the program vault has no event loop: linking one slows down the start of every command
NIOCore|VaultBroker VaultAgent|as NIOPosix
Logging|VaultAgent|only the agent writes a log; commands print messages
VaultBroker|VaultAgent|the network is used in the agent only
VaultMasking|VaultBroker VaultCLI|only the output of other programs and servers is masked
FoundationNetworking||NIO is used instead, and linking it slows down the start of every command
'

# TARGET | PATTERN | REASON: no line of the target outside comments matches the extended regular expression.
text='
VaultLedger|(^|[^A-Za-z_.])(FileManager|FileHandle|fopen|fread|fwrite|openat?|creat|mkdir|unlink|getenv)[ (.]|the ledger uses no files and no environment
'

sources=(Sources Benchmarks connectors migrations)

# Prints FILE:LINE:TARGET:MODULE for every import below the current folder, in any syntax.
imports() {
    local folders=() folder
    for folder in "${sources[@]}"; do [ -d "$folder" ] && folders+=("$folder"); done
    find "${folders[@]}" -name '*.swift' -type f -exec awk '
        FNR == 1 { parts = split(FILENAME, path, "/"); target = parts > 2 ? path[2] : path[1] }
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
                print FILENAME ":" FNR ":" target ":" s
            }
        }' {} +
}

# Prints FILE:LINE:TEXT for every line that is not a comment.
lines_of() {
    [ -d "Sources/$1" ] || return 0
    find "Sources/$1" -name '*.swift' -type f -exec awk -v target="$1" '
        /^[ \t]*\/\// { next }
        { sub(/[ \t]\/\/.*/, ""); print FILENAME ":" FNR ":" $0 }' {} +
}

has() { case " $2 " in *" $1 "*) return 0 ;; *) return 1 ;; esac }

# Prints each violation on one line.
violations() {
    local found file line target module first second reason
    found=$(imports)
    while IFS='|' read -r first second reason; do
        [ -n "$first" ] || continue
        while IFS=: read -r file line target module; do
            [ "$target" = "$first" ] && has "$module" "$second" \
                && printf '%s:%s: %s imports %s: %s\n' "$file" "$line" "$target" "$module" "$reason"
        done <<<"$found"
    done <<<"$never"
    while IFS='|' read -r first second reason; do
        [ -n "$first" ] || continue
        while IFS=: read -r file line target module; do
            [ "$module" = "$first" ] && ! has "$target" "$second" \
                && printf '%s:%s: %s imports %s: %s\n' "$file" "$line" "$target" "$module" "$reason"
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

# Adds each violation to an empty tree, and expects that it is reported.
self_test() {
    local tree cases=0 wrong=0
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' RETURN
    cd "$tree"
    expect() { # CLEAN|DIRTY TARGET SWIFT
        cases=$((cases + 1))
        local said
        rm -rf Sources && mkdir -p "Sources/$2/Folder"
        printf '%s\n' "$3" >"Sources/$2/Folder/Probe.swift"
        said=$(violations)
        if [ "$1" = CLEAN ] && [ -n "$said" ] || [ "$1" = DIRTY ] && [ -z "$said" ]; then
            wrong=$((wrong + 1))
            printf 'layers: expected %s to be %s: %s\n' "$2" "$1" "$3" >&2
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
        echo 'layers: expected a violation below Benchmarks only' >&2
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
