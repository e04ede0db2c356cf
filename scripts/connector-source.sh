#!/usr/bin/env bash
# Writes Sources/VaultRegistry/BuiltIn: the connectors that come with the program as Swift, so that no command reads YAML for
# them. To be run when one of connectors/*.yaml was changed, or what a connector consists of; a test holds both together.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=Sources/VaultRegistry/BuiltIn
# by_name NAME …: what gives a connector by its name, out of these.
by_name() {
    printf '// Written by scripts/connector-source.sh, and not by hand.\n\nextension Connector {\n'
    printf '    /// A connector that comes with the program; nil when there is none of this name.\n'
    printf '    public static func builtIn(_ name: String) -> Connector? {\n        switch name {\n'
    for name in "$@"; do printf '        case "%s": %s()\n' "$name" "${name//-/_}"; done
    printf '        default: nil\n        }\n    }\n}\n'
}
# Without any, so that it can be built whatever stood here.
rm -rf "$folder"
mkdir -p "$folder"
by_name >"$folder/ByName.swift"
swift build --scratch-path .build --product connector-source >&2
names=()
for file in connectors/*.yaml; do
    name=$(basename "$file" .yaml)
    names+=("$name")
    .build/debug/connector-source <"$file" >"$folder/$name.swift"
done
by_name "${names[@]}" >"$folder/ByName.swift"
swift format --in-place --recursive "$folder"
