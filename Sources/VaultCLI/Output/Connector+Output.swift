import VaultRegistry

extension Connector {
    /// Writes the connector's fields for `connector show`.
    func write(to context: Context) throws {
        try context.write(json) { output in
            try output.line(output.style.bold(SafeText.escaped(title)) + "  " + SafeText.escaped(summary))
            try output.line("hosts: " + hosts.map(\.text).joined(separator: ", "))
            try write(fields, "Connection", output)
            if let client { try write(client.fields, "OAuth 2.0 client", output) }
            let names = variableNames
            if !names.isEmpty { try output.line("\nexec sets: " + names.joined(separator: ", ")) }
        }
    }

    private func write(_ fields: [Field], _ title: String, _ output: Output) throws {
        try output.line("\n" + output.style.bold(title))
        for field in fields {
            let kind = field.isSecret ? "secret" : field.isList ? "list" : "setting"
            try output.lines(["  \(field.key) (\(kind)): \(field.label). \(field.help)"])
            if !field.choices.isEmpty {
                try output.line("      one of " + field.choices.map(\.value).joined(separator: ", "))
            }
            try output.lines((field.howToGet ?? "").split(separator: "\n").map { "      \($0)" })
        }
    }

    private var json: JSONObject {
        [
            "client_fields": (client?.fields ?? []).map(\.json), "fields": fields.map(\.json),
            "hosts": hosts.map(\.text), "name": name, "summary": summary, "title": title,
        ]
    }
}

extension Field {
    fileprivate var json: JSONObject {
        [
            "choices": choices.map(\.value), "help": help, "how_to_get": howToGet.orNull, "key": key,
            "label": label, "many": isList, "secret": isSecret,
        ]
    }
}
