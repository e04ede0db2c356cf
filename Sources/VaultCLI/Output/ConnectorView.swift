import VaultLedger
import VaultRegistry

/// A connector's fields, as `connector show` prints them.
struct ConnectorView {
    let connector: Connector

    func write(to context: Context) throws {
        if context.json { return try context.output.json(json) }
        let output = context.output
        try output.line(
            output.style.bold(SafeText.escaped(connector.title)) + "  " + SafeText.escaped(connector.summary))
        try output.line("hosts: " + connector.hosts.map(\.text).joined(separator: ", "))
        try write(connector.fields, "Connection", output)
        if let client = connector.client { try write(client.fields, "OAuth 2.0 client", output) }
        let names = connector.variableNames
        if !names.isEmpty { try output.line("\nexec sets: " + names.joined(separator: ", ")) }
    }

    private func write(_ fields: [Field], _ title: String, _ output: Output) throws {
        try output.line("\n" + output.style.bold(title))
        for field in fields {
            let kind = field.isSecret ? "secret" : field.isList ? "list" : "setting"
            try output.line(
                "  \(field.key) (\(kind)): \(SafeText.escaped(field.label)). \(SafeText.escaped(field.help))")
            if !field.choices.isEmpty {
                try output.line("      one of " + field.choices.map(\.value).joined(separator: ", "))
            }
            if let how = field.howToGet {
                for line in how.split(separator: "\n") {
                    try output.line("      " + SafeText.escaped(String(line)))
                }
            }
        }
    }

    private var json: JSON {
        [
            "client_fields": .array((connector.client?.fields ?? []).map(Self.json)),
            "fields": .array(connector.fields.map(Self.json)),
            "hosts": .array(connector.hosts.map { .string($0.text) }), "name": .string(connector.name),
            "schema": 1,
            "summary": .string(connector.summary), "title": .string(connector.title),
        ]
    }

    private static func json(_ field: Field) -> JSON {
        [
            "choices": .array(field.choices.map { .string($0.value) }), "help": .string(field.help),
            "how_to_get": field.howToGet.map(JSON.string) ?? .null, "key": .string(field.key),
            "label": .string(field.label), "many": .bool(field.isList), "secret": .bool(field.isSecret),
        ]
    }
}
