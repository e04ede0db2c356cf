#!/usr/bin/env bash
# Writes migrations/schema.sql: the schema of a vault after all migrations, ordered by type and name.
# With --check, only checks that the file is up to date.
# Excludes the four shadow tables of FTS5, like Sources/VaultStore/Rows.swift.
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

# The program compares bytes: the last line ends with exactly one newline.
current=$(schema)
case "${1:-}" in
'') printf '%s\n' "$current" >migrations/schema.sql ;;
--check)
    printf '%s\n' "$current" | diff -u migrations/schema.sql - >&2 || {
        printf 'schema: error: migrations/schema.sql is out of date\nschema: next: make schema\n' >&2
        exit 1
    }
    ;;
*)
    echo 'usage: scripts/schema.sh [--check]' >&2
    exit 64
    ;;
esac
