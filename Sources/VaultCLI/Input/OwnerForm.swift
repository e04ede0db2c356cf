import VaultCore
import VaultRegistry

/// Asks for the settings that a connector requires and a draft lacks, field by field on the terminal.
struct OwnerForm {
    let connector: Connector
    /// The names of the OAuth 2.0 clients that a field can refer to.
    let clients: () throws -> [String]

    /// Adds the answers to the draft, as they would be typed.
    func complete(_ draft: inout OwnerDraft) throws {
        let terminal = try Terminal(for: "the settings")
        var settings: Settings = [:]
        for field in connector.form(of: draft.kind) where !field.isSecret && field.applies(in: settings) {
            var answer = draft.settings[field.key]
            while settings[field.key] == nil {
                let typed = if let answer { answer } else { try ask(field, settings, terminal) }
                guard typed.contains(where: { !$0.isEmpty }) else { break }
                do {
                    settings[field.key] = try field.normalized(typed)
                    draft.settings[field.key] = typed
                } catch {
                    terminal.write(error.line)
                    answer = nil
                }
            }
        }
    }

    private func ask(_ field: Field, _ settings: Settings, _ terminal: borrowing Terminal) throws -> [String]
    {
        var prompt = LinePrompt(label: field.label)
        prompt.defaultValue = field.defaultValue
        prompt.isOptional = field.isRequired(in: settings, secretsGiven: []) != true
        prompt.help = { field.longHelp }
        prompt.choices = field.choices(in: settings).map { .init($0.value, title: $0.label) }
        if field.isClientReference {
            prompt.choices = try clients().map { .init($0) }
            try require(
                !prompt.choices.isEmpty || prompt.isOptional,
                "\(field.label): \(connector.name) has no OAuth 2.0 clients yet",
                next: "vault client create \(connector.name)")
        }
        return field.isList ? try prompt.askList(on: terminal) : [try prompt.ask(on: terminal)]
    }
}

extension Problem {
    /// What is wrong and what is valid, on one line of a prompt.
    var line: String { SafeText.escaped(message + (hint.map { " (\($0))" } ?? "")) + "\n" }
}
