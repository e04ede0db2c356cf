import VaultCore
import VaultRegistry
import VaultWire

/// Creates a connection or client from a draft and options, completed by prompts.
struct OwnerCreation {
    let context: Context
    /// Values that are known in addition to the flags. Its name is not used.
    let draft: OwnerDraft
    /// Nil to prompt for the name.
    let name: String?
    let flags: OwnerOptions
    /// Whether to store the connection only if its test passes.
    var isTested = false

    func run() throws {
        var draft = draft
        draft.settings.merge(try Assignments.settings(flags.settings)) { $1 }
        var sources = try Assignments.sources(flags.secrets)
        let vault = try context.open()
        let connector = try vault.perform(ShowConnector(draft.connector))
        var form = connector.validate(draft, secretsGiven: Set(sources.keys))
        if name == nil || !form.problems.isEmpty, context.isInteractive {
            try prompts(connector, vault).complete(&draft)
            let missing = connector.validate(draft, secretsGiven: Set(sources.keys)).problems.map(\.field)
            for field in connector.form(of: draft.kind) where field.isSecret && missing.contains(field.key) {
                sources[field.key] = .prompt
            }
            form = connector.validate(draft, secretsGiven: Set(sources.keys))
        }
        draft.name = try check(form.problems, try name ?? askName())
        let fields = connector.form(of: draft.kind).filter { sources[$0.key] != nil }
        let secrets = try CommandSecrets(
            context, fields, from: sources, of: draft.name, keepsNewline: flags.keepNewline)
        let isDeposit: Bool
        if isTested {
            let agent = try secrets.networkAgent(context, vault)
            draft.secrets = try secrets.read(fields)
            let outcome = try agent.perform(CreateTestedConnection(draft))
            guard outcome.passed else {
                return try outcome.write(of: draft.name, isNew: true, to: context)
            }
            isDeposit = false
        } else {
            let access = try secrets.access(context, to: vault, depositing: flags.deposit)
            draft.secrets = try secrets.read(fields)
            isDeposit = try context.perform(CreateOwner(draft, depositing: flags.deposit), access)
        }
        let done = isDeposit ? "deposited" : "sealed"
        let sealed = fields.isEmpty ? "" : ", \(fields.map(\.key).joined(separator: ", ")) \(done)"
        try context.receipt(
            "\(draft.kind.noun) '\(draft.name)' created\(sealed)", ["kind": draft.kind, "name": draft.name])
    }

    private func prompts(_ connector: Connector, _ vault: Vault) -> OwnerForm {
        OwnerForm(connector: connector) {
            var filter = OwnerFilter()
            filter.connector = connector.name
            return try vault.perform(ListOwners(.client, filter)).map(\.name)
        }
    }

    /// Validates all input before anything is unlocked or read.
    ///
    /// - Returns: The valid name.
    /// - Throws: A usage failure with every problem.
    private func check(_ problems: [VaultRegistry.Problem], _ name: String?) throws -> String {
        var found = problems
        if let name {
            do throws(VaultRegistry.Problem) { try Name.check(name) } catch { found.insert(error, at: 0) }
        } else {
            let example = draft.kind == .connection ? "Celonis prod" : "Celonis client"
            let hint = "for example --name '\(example)'"
            found.insert(Problem(field: "name", message: "--name is required", hint: hint), at: 0)
        }
        guard let name, found.isEmpty else { throw Failure(found) }
        return name
    }

    /// Prompts for the name; nil if prompts are not possible.
    private func askName() throws -> String? {
        guard context.isInteractive else { return nil }
        var prompt = LinePrompt(label: "Name of the \(draft.kind.noun)")
        prompt.help = { "Unique, at most \(Name.maximumLength) characters." }
        let terminal = try Terminal(for: "the name")
        while true {
            let name = try prompt.ask(on: terminal)
            do throws(VaultRegistry.Problem) {
                try Name.check(name)
                return name
            } catch {
                terminal.write(error.line)
            }
        }
    }
}
