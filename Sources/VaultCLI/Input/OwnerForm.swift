import VaultCore
import VaultRegistry

/// Asks for the settings that a connector requires and that were not given as flags, field by field on the terminal.
struct OwnerForm {
    let connector: Connector
    let kind: OwnerKind
    /// The names of the OAuth 2.0 clients that a field can refer to.
    let clients: () throws -> [String]

    private var fields: [Field] { connector.form(of: kind) }

    /// Adds the answers to the given settings.
    ///
    /// - Returns: The settings as they would be typed, by key.
    func complete(_ given: [String: [String]]) throws -> [String: [String]] {
        let terminal = try Terminal(for: "the settings")
        var raw = given
        var settings: Settings = [:]
        for field in fields where !field.isSecret {
            guard connector.applies(field, in: settings) else { continue }
            var answer = raw[field.key]
            while true {
                if answer == nil { answer = try ask(field, settings, terminal) }
                guard let typed = answer, typed.contains(where: { !$0.isEmpty }) else { break }
                switch connector.normalize(typed, for: field) {
                case .success(let value):
                    settings[field.key] = value
                    raw[field.key] = typed
                case .failure(let problem):
                    terminal.write(problem.line)
                    answer = nil
                    continue
                }
                break
            }
        }
        return raw
    }

    private func ask(_ field: Field, _ settings: Settings, _ terminal: borrowing Terminal) throws -> [String]
    {
        var prompt = LinePrompt(label: field.label)
        prompt.defaultValue = field.defaultValue
        prompt.isOptional = !connector.isRequired(field, in: settings, secretsGiven: [])
        prompt.help = { field.longHelp }
        if field.isClientReference {
            let names = try clients()
            guard !names.isEmpty || prompt.isOptional else {
                throw Failure(
                    .usage, "\(field.label): \(connector.name) has no OAuth 2.0 clients yet",
                    next: "vault client create \(connector.name)")
            }
            prompt.choices = names.map { .init($0) }
        } else {
            prompt.choices = connector.choices(of: field, in: settings).map {
                .init($0.value, title: $0.label)
            }
        }
        return field.isList ? try prompt.askList(on: terminal) : [try prompt.ask(on: terminal)]
    }
}

extension Problem {
    /// What is wrong and what is valid, on one line of a prompt.
    var line: String { SafeText.escaped(message + (hint.map { " (\($0))" } ?? "")) + "\n" }
}

extension Field {
    /// The text that `?` shows: help, an example, and how to get the value.
    var longHelp: String {
        [help, example.map { "Example: \($0)" }, howToGet].compactMap(\.self).joined(separator: "\n")
    }

    /// The request that reads a secret of this field.
    func request(_ source: SecretSource, of owner: String) -> SecretRequest {
        SecretRequest(
            name: key, source: source, label: "\(label) of \(owner)", lines: isMultiline ? .several : .one,
            help: { self.longHelp }, field: self)
    }
}
