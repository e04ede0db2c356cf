import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore
import VaultText

/// Registers a connection or client: its settings in plain text, its secrets sealed to them. The answer is whether the
/// secrets were deposited.
///
/// - Throws: `alreadyExists`, `invalid` with every problem of the draft, `notFound` for its client.
public struct CreateOwner: TransactionOperation, RemoteOperation {
    public typealias Answer = Bool

    private let draft: OwnerDraft
    let isDeposit: Bool
    var action: Action { draft.kind.creation }

    /// Creates an operation that registers a draft.
    ///
    /// - Parameters:
    ///   - draft: The connection or client to register.
    ///   - depositing: Whether to deposit the secrets even if the member may open secrets.
    public init(_ draft: OwnerDraft, depositing: Bool = false) {
        (self.draft, isDeposit) = (draft, depositing)
    }

    func run(in transaction: inout Transaction) throws -> Bool {
        var sealer = try transaction.secretSealer()
        try transaction.create(
            draft, with: &sealer, connector: try transaction.connector(named: draft.connector))
        return sealer.deposits
    }
}

extension Vault {
    /// Registers many connections of one connector in one transaction: an entry each, one signature.
    ///
    /// All drafts are registered, or none.
    ///
    /// - Parameters:
    ///   - name: The name of the connector.
    ///   - session: The session of the member who registers them.
    ///   - next: Returns the next draft, or nil at the end.
    /// - Returns: The number of connections.
    /// - Throws: `unknown`, the errors of `CreateOwner`, and those of `next`.
    public func createAll(
        connector name: String, as session: Session, next: () throws -> OwnerDraft?
    ) throws(VaultError) -> Int {
        try VaultError.catching {
            var count = 0
            // A second run would not see the drafts that the first one has consumed.
            try change(as: session, isRepeatable: false) { transaction in
                // Members who may create connections may create clients.
                try transaction.mayDo(.createConnection)
                let connector = try transaction.connector(named: name)
                var sealer = try transaction.secretSealer()
                let rows = transaction.rows
                try rows.naming {
                    try rows.bufferingInserts {
                        while let draft = try next() {
                            try transaction.create(draft, with: &sealer, connector: connector)
                            count += 1
                            guard count.isMultiple(of: 1000) else { continue }
                            surroundings.notice(.progress(.sealing, done: UInt64(count), of: 0))
                        }
                    }
                }
            }
            return count
        }
    }
}

extension Transaction {
    /// Inserts an owner with its secrets, and records it.
    ///
    /// - Parameters:
    ///   - terms: The terms of secrets that were stored elsewhere before, by field. New secrets have the connector's terms.
    ///   - origin: The bundle that it is imported from, for its entry.
    @discardableResult
    mutating func create(
        _ draft: OwnerDraft, with sealer: inout SecretSealer, connector: Connector,
        terms: [String: SecretTerms] = [:], from origin: JSON? = nil
    ) throws -> (owner: OwnerRow, state: OwnerState) {
        let form = try checkedForm(draft, connector)
        let name = Name.canonical(draft.name)
        var owner = OwnerRow(
            uid: identifiers.next().bytes, kind: draft.kind.rawValue, connector: connector.name, name: name,
            nameKey: Name.skeleton(of: name), settings: form.text, note: draft.note, client: form.client)
        let tags = draft.tags.map { ($0.key, $0.value) }
        let words = owner.words(form.words, tags)
        owner.id = try rows.naming { try rows.insertOwner(owner, words: words) }
        try rows.addTags(tags, of: owner.id)
        var state = OwnerState(
            settingsDigest: SettingsDigest.of(connector: connector.name, name: name, settings: form.pieces),
            annotations: annotationsDigest(note: draft.note, tags: tags), secrets: [])
        var change = Change(settings: form.changes)
        for field in form.secretFields {
            let terms = terms[field.key] ?? SecretTerms(field, at: time)
            try store(
                draft.secrets[field.key]!, field, version: 1, of: owner, terms, in: &state, with: &sealer)
            change.note(terms, of: field)
        }
        change.state = state
        change.details["connector"] = .string(connector.name)
        change.details["from"] = origin
        if !draft.note.isEmpty { change.details["note"] = .string(draft.note) }
        if !tags.isEmpty { change.details["tags"] = .object(JSON.Members(tags.map { ($0, .string($1)) })) }
        try record(draft.kind.creation, owner.object, change)
        return (owner, state)
    }

    private mutating func checkedForm(_ draft: OwnerDraft, _ connector: Connector) throws -> CheckedForm {
        if let last = lastForm, last.fits(draft), draft.problems.isEmpty { return last }
        let checked = try connector.check(draft)
        let form = CheckedForm(draft, checked, client: try client(of: checked.settings, connector))
        lastForm = form
        return form
    }

    /// The row of the client that these settings name. It must use the same connector and allow the connection's domain.
    mutating func client(of settings: Settings, _ connector: Connector) throws -> Int64? {
        guard let name = connector.clientName(in: settings) else { return nil }
        let client = try rows.find(.client, name)
        if checkedClients.insert(client.id).inserted { try checkSettings(of: client) }
        guard client.connector == connector.name else {
            let problem = Problem(
                field: connector.clientReference?.key,
                message: "'\(name)' is a client of \(client.connector), not of \(connector.name)",
                hint: "vault client list --connector \(connector.name)")
            throw VaultError.input(.invalid([problem]))
        }
        let problems = connector.problems(connection: settings, client: client.readSettings ?? [:])
        guard problems.isEmpty else { throw VaultError.input(.invalid(problems)) }
        return client.id
    }
}

extension Rows {
    /// Runs a body that inserts owners, and reports a taken name.
    ///
    /// The unique index detects a taken name, so that a free one costs no lookup.
    fileprivate func naming<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch StoreError.nameTaken(let kind, let name, let nameKey) {
            let taken = try owner(kind, nameKey: nameKey)
            throw VaultError.input(
                .alreadyExists(
                    kind: OwnerKind(rawValue: kind) ?? .connection, name: name, taken: taken?.name ?? name))
        }
    }
}
