#!/usr/bin/env bash
# Checks that every file and heading that the documents link to exists.
# Does not check links to the web, so that an outage there does not fail the check.
set -euo pipefail
cd "$(dirname "$0")/.."

# Prints the anchors of a document's headings, as GitHub generates them.
anchors() {
    awk '
        /^(```|~~~)/ { fenced = !fenced }
        !fenced && /^#+ / {
            sub(/^#+ +/, ""); sub(/ +#* *$/, ""); s = tolower($0)
            gsub(/[^a-z0-9 _-]/, "", s); gsub(/ /, "-", s)
            print s (seen[s]++ ? "-" seen[s] - 1 : "")
        }' "$1"
}

# Prints FILE:LINE:TARGET for every link outside code.
links() {
    awk '
        FNR == 1 { fenced = 0 }
        /^ *(```|~~~)/ { fenced = !fenced; next }
        fenced { next }
        {
            s = $0
            gsub(/`[^`]*`/, "", s)
            while (match(s, /\]\([^() ]+\)/)) {
                print FILENAME ":" FNR ":" substr(s, RSTART + 2, RLENGTH - 3)
                s = substr(s, RSTART + RLENGTH)
            }
        }' "$@"
}

broken=0
mapfile -t documents < <(git ls-files --cached --others --exclude-standard -- '*.md')
while IFS=: read -r document line target; do
    case "$target" in *://* | mailto:*) continue ;; esac
    path=${target%%#*} anchor=${target#"${target%%#*}"}
    if [ -z "$path" ]; then file=$document; else file=$(dirname "$document")/$path; fi
    if [ ! -e "$file" ]; then
        printf '%s:%s: no file %s\n' "$document" "$line" "$path" >&2
        broken=$((broken + 1))
    elif [ -n "$anchor" ] && [ -f "$file" ] && ! anchors "$file" | grep -qxF -e "${anchor#\#}"; then
        printf '%s:%s: %s has no heading %s\n' "$document" "$line" "$file" "$anchor" >&2
        broken=$((broken + 1))
    fi
done < <(links "${documents[@]}")
[ "$broken" -eq 0 ] || { printf 'links: error: %d broken links\n' "$broken" >&2; exit 1; }
