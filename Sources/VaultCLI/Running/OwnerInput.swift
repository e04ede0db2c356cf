import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultWire

/// What `create`, `edit` and `clone` take, for connections and OAuth 2.0 clients alike.
struct OwnerFlags: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting; again for each, or for each value of a list.", valueName: "key=value"))
    var settings: [String] = []

    @Option(
        name: .customLong("secret"),
        help: ArgumentHelp(
            "Where a secret comes from: prompt, stdin, file:PATH or fd:N.", valueName: "field=source"))
    var secrets: [String] = []

    @Flag(help: "Keep the last newline of a secret from stdin or a file.")
    var keepNewline = false

    @Flag(help: "Seal the secrets without unlocking the master key, as a writer does.")
    var deposit = false
}

/// Registers a connection or client: from flags alone, or completed by a form on the terminal.
struct OwnerCreation {
    let context: Context
    let kind: OwnerKind
    let connectorName: String
    var name: String?
    let flags: OwnerFlags
    var tags: [Owner.Tag] = []
    var note = ""
    /// Whether it is stored only if its test passes.
    var isTested = false

    func run() throws {
        var raw = try Assignments.settings(flags.settings)
        var sources = try Assignments.sources(flags.secrets)
        let vault = try context.open()
        let connector = try context.failing { () throws(VaultError) in
            try vault.connector(named: connectorName)
        }
        if needsForm(connector, raw, sources), context.isInteractive {
            raw = try form(connector, vault).complete(raw)
            for field in missingSecrets(connector, raw, sources) { sources[field.key] = .prompt }
        }
        let owner = try check(connector, raw, sources, try name ?? askName())
        let fields = connector.formFields(of: kind).filter { sources[$0.key] != nil }
        let secrets = try SecretsIn(
            context, fields.map { $0.request(sources[$0.key]!, of: owner) }, keepsNewline: flags.keepNewline)
        var draft = OwnerDraft(
            kind, connector: connectorName, name: owner, settings: raw, tags: tags, note: note)
        let isDeposit: Bool
        if isTested {
            let agent = try secrets.networkAgent(context, vault)
            for field in fields { draft.secrets[field.key] = try secrets.read(field.key) }
            let outcome = try context.failing { () throws(VaultError) in try agent.ask(CreateTested(draft)) }
            guard outcome.passed else {
                return try TestReport(name: owner, outcome: outcome, isNew: true).tell(context)
            }
            isDeposit = false
        } else {
            let access = try secrets.access(context, to: vault, depositing: flags.deposit)
            for field in fields { draft.secrets[field.key] = try secrets.read(field.key) }
            isDeposit = try context.perform(CreateOwner(draft, depositing: flags.deposit), access)
        }
        let done = isDeposit ? "deposited" : "sealed"
        let sealed = fields.isEmpty ? "" : ", \(fields.map(\.key).joined(separator: ", ")) \(done)"
        try context.receipt(
            "\(kind.noun) '\(owner)' created\(sealed)",
            ["kind": .string(kind.rawValue), "name": .string(owner)])
    }

    private func form(_ connector: Connector, _ vault: Vault) -> FormInput {
        FormInput(connector: connector, kind: kind) { () throws(Failure) in
            var filter = OwnerFilter()
            filter.connector = connector.name
            var names: [String] = []
            try context.failing { () throws(VaultError) in
                try vault.list(.client, filter) { names.append($0.name) }
            }
            return names
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

    /// Says everything that does not fit, before anything is unlocked or read; the name, when all does.
    private func check(
        _ connector: Connector, _ raw: [String: [String]], _ sources: [String: SecretSource], _ owner: String?
    ) throws(Failure) -> String {
        var found = problems(connector, raw, sources)
        if let owner {
            do throws(VaultRegistry.Problem) { try Name.check(owner) } catch { found.insert(error, at: 0) }
        } else {
            let missing = Problem(
                field: "name", message: "the \(kind.noun) needs a name", fits: "--name NAME")
            found.insert(missing, at: 0)
        }
        guard let owner, found.isEmpty else { throw Failure(found) }
        return owner
    }

    /// The secrets that the settings ask for and no source was named for.
    private func missingSecrets(
        _ connector: Connector, _ raw: [String: [String]], _ sources: [String: SecretSource]
    ) -> [Field] {
        let missing = problems(connector, raw, sources).compactMap(\.field)
        return connector.formFields(of: kind).filter { $0.isSecret && missing.contains($0.key) }
    }

    /// Nil when there is nobody to ask.
    private func askName() throws -> String? {
        guard context.isInteractive else { return nil }
        var prompt = LinePrompt(label: "Name your \(kind.noun)")
        prompt.help = { "Clear and unique; at most \(Name.maximumLength) characters." }
        let terminal = try Terminal(for: "the name")
        while true {
            let name = try prompt.ask(on: terminal)
            do throws(VaultRegistry.Problem) {
                try Name.check(name)
                return name
            } catch {
                terminal.say(error.line)
            }
        }
    }
}

/// Changes an owner's settings, and takes every secret of it in again.
struct OwnerEdit {
    let context: Context
    let kind: OwnerKind
    let name: String
    let flags: OwnerFlags

    func run() throws {
        let changes = try Assignments.settings(flags.settings)
        var sources = try Assignments.sources(flags.secrets)
        let vault = try context.open()
        let plan = try context.failing { () throws(VaultError) in
            try vault.planEdit(kind, name, changes: changes)
        }
        if context.isInteractive {
            for field in plan.needed where sources[field.key] == nil { sources[field.key] = .prompt }
        }
        let missing = plan.needed.map(\.key).filter { sources[$0] == nil }
        guard missing.isEmpty else {
            throw Failure(.secretsNeeded(owner: name, fields: missing))
        }
        let known = plan.connector.formFields(of: kind)
        if let stranger = sources.keys.sorted().first(where: { key in
            !known.contains { $0.key == key && $0.isSecret }
        }) {
            throw Failure(.noSuchSecret(owner: name, field: stranger, fields: plan.needed.map(\.key)))
        }
        let fields = known.filter { sources[$0.key] != nil }
        let secrets = try SecretsIn(
            context, fields.map { $0.request(sources[$0.key]!, of: plan.newName) },
            keepsNewline: flags.keepNewline)
        let access = try secrets.access(context, to: vault, depositing: flags.deposit)
        var given: [String: SharedSecret] = [:]
        for field in fields { given[field.key] = try secrets.read(field.key) }
        try context.perform(
            EditOwner(plan, changes: changes, secrets: given, depositing: flags.deposit), access)
        if !plan.dropped.isEmpty {
            ErrorReport.warn("no longer applies, and was dropped: \(plan.dropped.joined(separator: ", "))")
        }
        for secret in plan.lost {
            ErrorReport.warn(
                "the \(secret.label) \(secret.field) (version \(secret.version)) was sealed to the old settings, and is destroyed"
            )
        }
        try context.receipt(
            "\(kind.noun) '\(plan.newName)' edited",
            ["kind": .string(kind.rawValue), "name": .string(plan.newName)])
    }
}

/// Prints what a filter names: a table, or an object a line.
struct OwnerListing {
    let context: Context
    let kind: OwnerKind

    func run(_ filter: OwnerFilter) throws {
        let vault = try context.open()
        var rows: [(cells: [String], test: String?)] = []
        var last: String?
        var count = 0
        var failure: OutputError?
        try context.failing { () throws(VaultError) in
            try vault.list(kind, filter) { owner in
                guard failure == nil else { return }
                count += 1
                last = owner.name
                guard context.json else { return rows.append((cells(owner), owner.test?.text)) }
                do throws(OutputError) { try context.output.json(OwnerView(owner: owner).json) } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        if !context.json { try context.output.table(table(rows)) }
        try context.output.flush()
        if let limit = filter.limit, count == limit, let last {
            Descriptor.say("vault: next page: --after '\(SafeText.escaped(last))'\n")
        }
    }

    /// How the connections are is a column as soon as one of them was tested.
    private func table(_ rows: [(cells: [String], test: String?)]) -> Table {
        let isTested = rows.contains { $0.test != nil }
        let place = kind == .connection ? "HOST" : "CLIENT ID"
        var table = Table(["NAME", "CONNECTOR", place, "SECRETS", "TAGS"] + (isTested ? ["TEST"] : []))
        for row in rows { table.add(row.cells + (isTested ? [row.test ?? ""] : [])) }
        return table
    }

    private func cells(_ owner: Owner) -> [String] {
        let key = kind == .connection ? ["domain", "host", "url", "subdomain"] : ["client-id"]
        let place = key.compactMap { owner.settings[$0]?.values.first }.first ?? ""
        return [
            owner.name, owner.connector, place,
            owner.secrets.filter(\.isCurrent).map { "\($0.field) v\($0.version)" }.joined(separator: ", "),
            owner.tags.map { "\($0.key)=\($0.value)" }.joined(separator: ", "),
        ]
    }
}

/// The filters of `list`.
struct ListFlags: ParsableArguments {
    @Option(help: "Only those of this connector.") var connector: String?
    @Option(help: ArgumentHelp("Only those with this tag.", valueName: "key=value")) var tag: [String] = []
    @Option(help: "Only those with these words, or words that begin so, in name, settings, tags or note.")
    var search: String?
    @Option(help: "At most so many.") var limit: Int?
    @Option(help: ArgumentHelp("Begin behind this name: the last one of the page before.", valueName: "name"))
    var after: String?

    func filter() throws(Failure) -> OwnerFilter {
        var filter = OwnerFilter()
        filter.connector = connector
        filter.tags = try Assignments.pairs(tag, option: "--tag").map {
            Owner.Tag(key: $0.key, value: $0.value)
        }
        filter.search = search
        if let limit, limit < 1 {
            throw Failure(.usage, "--limit must be at least 1", next: "leave it out for all")
        }
        filter.limit = limit
        filter.after = after
        return filter
    }
}
