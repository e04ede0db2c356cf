#!/usr/bin/env bash
# Writes migrations/schema.sql: what SQLite tells of a vault's file after all steps, by type and name.
# FTS5's own four tables are left out, as the program leaves them out (Sources/VaultStore/Rows.swift).
set -euo pipefail
cd "$(dirname "$0")/.."
cat migrations/m*.sql | sqlite3 -batch :memory: -init /dev/stdin -noheader "
    SELECT group_concat(sql || ';' || char(10), char(10)) FROM (
        SELECT sql FROM sqlite_schema
        WHERE sql IS NOT NULL AND NOT (type = 'table' AND name IN (
            'words_config', 'words_content', 'words_data', 'words_idx'))
        ORDER BY type, name)" 2>/dev/null >migrations/schema.sql.new
# The program compares to the byte: no newline behind the last one.
printf '%s' "$(cat migrations/schema.sql.new)" >migrations/schema.sql
printf '\n' >>migrations/schema.sql
rm migrations/schema.sql.new
