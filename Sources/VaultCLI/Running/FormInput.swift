import VaultCore
import VaultRegistry

/// The form of a connector, asked field by field on the terminal: what was given is not asked again.
struct FormInput {
    let connector: Connector
    let kind: OwnerKind
    /// The names that a field which refers to an OAuth 2.0 client can take.
    let clients: () throws(Failure) -> [String]

    private var fields: [Field] { connector.formFields(of: kind) }

    /// The settings as they would be typed, completed by what a person answers.
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
                switch connector.normalise(typed, for: field) {
                case .success(let value):
                    settings[field.key] = value
                    raw[field.key] = typed
                case .failure(let problem):
                    terminal.say(problem.line)
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
        prompt.standard = field.defaultValue
        prompt.isOptional = !connector.isRequired(field, in: settings, secretsGiven: [])
        prompt.help = { field.longHelp }
        if field.isClientReference {
            let names = try clients()
            guard !names.isEmpty || prompt.isOptional else {
                throw Failure(
                    .usage, "\(field.label): there is no OAuth 2.0 client of \(connector.name) yet",
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
    /// What is wrong and what would fit, for whoever is asked again.
    var line: String { SafeText.escaped(message + (fits.map { " (\($0))" } ?? "")) + "\n" }
}

extension Connector {
    func formFields(of kind: OwnerKind) -> [Field] { kind == .connection ? fields : client?.fields ?? [] }
}

extension Field {
    /// What `?` shows: help, an example, and how to get the value.
    var longHelp: String {
        [help, example.map { "Example: \($0)" }, howToGet].compactMap(\.self).joined(separator: "\n")
    }

    /// How a secret of this field is asked for or read.
    func request(_ source: SecretSource, of owner: String) -> SecretRequest {
        SecretRequest(
            name: key, source: source, label: "\(label) of \(owner)", lines: isMultiline ? .several : .one,
            help: { self.longHelp })
    }
}
