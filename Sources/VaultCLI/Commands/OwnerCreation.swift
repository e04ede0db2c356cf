import VaultCore
import VaultLedger
import VaultRegistry
import VaultWire

/// Creates a connection or client from options, completed by prompts.
struct OwnerCreation {
    let context: Context
    let kind: OwnerKind
    let connectorName: String
    var name: String?
    let flags: OwnerOptions
    var tags: [Owner.Tag] = []
    var note = ""
    /// Whether to store the connection only if its test passes.
    var isTested = false

    func run() throws {
        var raw = try Assignments.settings(flags.settings)
        var sources = try Assignments.sources(flags.secrets)
        let vault = try context.open()
        let connector = try vault.perform(ShowConnector(connectorName))
        if needsForm(connector, raw, sources), context.isInteractive {
            raw = try form(connector, vault).complete(raw)
            for field in missingSecrets(connector, raw, sources) { sources[field.key] = .prompt }
        }
        let owner = try check(connector, raw, sources, try name ?? askName())
        let fields = connector.form(of: kind).filter { sources[$0.key] != nil }
        let secrets = try CommandSecrets(
            context, fields, from: sources, of: owner, keepsNewline: flags.keepNewline)
        var draft = OwnerDraft(
            kind, connector: connectorName, name: owner, settings: raw, tags: tags, note: note)
        let isDeposit: Bool
        if isTested {
            let agent = try secrets.networkAgent(context, vault)
            draft.secrets = try secrets.read(fields)
            let outcome = try agent.send(CreateTestedConnection(draft))
            guard outcome.passed else {
                return try TestReport(name: owner, outcome: outcome, isNew: true).write(to: context)
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
            "\(kind.noun) '\(owner)' created\(sealed)",
            ["kind": .string(kind.rawValue), "name": .string(owner)])
    }

    private func form(_ connector: Connector, _ vault: Vault) -> OwnerForm {
        OwnerForm(connector: connector, kind: kind) {
            var filter = OwnerFilter()
            filter.connector = connector.name
            return try vault.perform(ListOwners(.client, filter)).map(\.name)
        }
    }

    private func needsForm(
        _ connector: Connector, _ raw: [String: [String]], _ sources: [String: SecretSource]
    ) -> Bool {
        name == nil || !problems(connector, raw, sources).isEmpty
    }

    private func problems(
        _ connector: Connector, _ raw: [String: [String]], _ sources: [String: SecretSource]
    ) -> [VaultRegistry.Problem] {
        let given = Set(sources.keys)
        let result =
            kind == .connection
            ? connector.validate(raw: raw, secretsGiven: given)
            : connector.validateClient(raw: raw, secretsGiven: given)
        if case .failure(let found) = result { return found.all }
        return []
    }

    /// Validates all input before anything is unlocked or read.
    ///
    /// - Returns: The valid name.
    /// - Throws: A usage failure with every problem.
    private func check(
        _ connector: Connector, _ raw: [String: [String]], _ sources: [String: SecretSource], _ owner: String?
    ) throws -> String {
        var found = problems(connector, raw, sources)
        if let owner {
            do throws(VaultRegistry.Problem) { try Name.check(owner) } catch { found.insert(error, at: 0) }
        } else {
            let missing = Problem(
                field: "name", message: "--name is required", hint: "for example --name '\(example)'")
            found.insert(missing, at: 0)
        }
        guard let owner, found.isEmpty else { throw Failure(found) }
        return owner
    }

    private var example: String { kind == .connection ? "Celonis prod" : "Celonis client" }

    /// The required secrets that have no source.
    private func missingSecrets(
        _ connector: Connector, _ raw: [String: [String]], _ sources: [String: SecretSource]
    ) -> [Field] {
        let missing = problems(connector, raw, sources).compactMap(\.field)
        return connector.form(of: kind).filter { $0.isSecret && missing.contains($0.key) }
    }

    /// Prompts for the name; nil if prompts are not possible.
    private func askName() throws -> String? {
        guard context.isInteractive else { return nil }
        var prompt = LinePrompt(label: "Name of the \(kind.noun)")
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
