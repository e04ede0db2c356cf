#!/usr/bin/env bash
# Writes migrations/schema.sql: what SQLite tells of a vault's file after all steps, by type and name.
# With --check it only says whether that file is up to date.
# FTS5's own four tables are left out, as the program leaves them out (Sources/VaultStore/Rows.swift).
set -euo pipefail
cd "$(dirname "$0")/.."

schema() {
    cat migrations/m*.sql | sqlite3 -batch :memory: -init /dev/stdin -noheader "
        SELECT group_concat(sql || ';' || char(10), char(10)) FROM (
            SELECT sql FROM sqlite_schema
            WHERE sql IS NOT NULL AND NOT (type = 'table' AND name IN (
                'words_config', 'words_content', 'words_data', 'words_idx'))
            ORDER BY type, name)" 2>/dev/null
}

# The program compares to the byte: exactly one newline behind the last line.
current=$(schema)
case "${1:-}" in
'') printf '%s\n' "$current" >migrations/schema.sql ;;
--check)
    printf '%s\n' "$current" | diff -u migrations/schema.sql - >&2 || {
        printf 'schema: error: migrations/schema.sql is not what the migrations make\nschema: next: make schema\n' >&2
        exit 1
    }
    ;;
*)
    echo 'usage: scripts/schema.sh [--check]' >&2
    exit 64
    ;;
esac
