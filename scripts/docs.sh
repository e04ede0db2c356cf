#!/usr/bin/env bash
# Builds the documentation of the library modules with the toolchain's docc: scripts/docs.sh SCRATCH
#
# Fails for a warning of docc, and for a public declaration without a doc comment.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1
output=$scratch/docs

modules=()
for folder in Sources/Vault*/; do
    module=$(basename "$folder")
    case $module in VaultCLI | VaultAgent) ;; *) modules+=("$module") ;; esac
done

rm -rf "$output"
mkdir -p "$output"
log=$output/symbols.log
swift package --scratch-path "$scratch" dump-symbol-graph --skip-synthesized-members >"$log" 2>&1 || {
    tail -20 "$log" >&2
    printf 'docs: error: no symbol graph; the log is %s\n' "$log" >&2
    exit 1
}
graphs=$(sed -n 's/^Files written to //p' "$log" | tail -1)

failed=0
for module in "${modules[@]}"; do
    mkdir -p "$output/$module.graphs"
    cp "$graphs/$module.symbols.json" "$output/$module.graphs/"
    find "$graphs" -name "$module@*.symbols.json" -exec cp {} "$output/$module.graphs/" \;
    docc convert --additional-symbol-graph-dir "$output/$module.graphs" --output-dir "$output/$module.doccarchive" \
        --fallback-display-name "$module" --fallback-bundle-identifier "$module" --warnings-as-errors ||
        failed=1
done
python3 scripts/undocumented.py "$output"/*.graphs/*.json || failed=1
[ $failed -eq 0 ] && printf 'docs: %s modules in %s\n' "${#modules[@]}" "$output"
exit $failed
