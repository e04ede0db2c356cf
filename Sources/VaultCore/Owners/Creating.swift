import VaultCrypto
import VaultMemory
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

extension Vault {
    /// Registers a connection or client: its settings in plain text, its secrets sealed to them.
    public func create(_ draft: OwnerDraft, as session: Session) throws(VaultError) {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(draft.kind.creation)
                var bench = try transaction.sealBench()
                try transaction.create(
                    draft, with: &bench, connector: try connector(named: draft.connector, transaction.rows))
            }
        }
    }

    /// Registers many of one connector in one transaction: a leaf each, one signature.
    ///
    /// `next` is asked until it has no more; all of them are registered, or none.
    public func createAll(
        connector name: String, as session: Session, next: () throws -> OwnerDraft?
    ) throws(VaultError) -> Int {
        try VaultError.catching {
            // What `next` has given is gone.
            try change(as: session, isRepeatable: false) { transaction in
                // Whoever may create connections may create clients.
                try transaction.mayDo(.createConnection)
                let connector = try connector(named: name, transaction.rows)
                var bench = try transaction.sealBench()
                let rows = transaction.rows
                return try rows.naming {
                    try rows.gathering {
                        try transaction.createAll(next, with: &bench, connector, surroundings)
                    }
                }
            }
        }
    }
}

extension Transaction {
    fileprivate mutating func createAll(
        _ next: () throws -> OwnerDraft?, with bench: inout SealBench, _ connector: Connector,
        _ surroundings: Surroundings
    ) throws -> Int {
        var count = 0
        while let draft = try next() {
            try create(draft, with: &bench, connector: connector)
            count += 1
            if count.isMultiple(of: 1000) {
                surroundings.notice(.progress(.sealing, done: UInt64(count), of: 0))
            }
        }
        return count
    }

    /// `terms` are those of secrets that had others before; the connector's hold for the rest.
    @discardableResult
    mutating func create(
        _ draft: OwnerDraft, with bench: inout SealBench, connector: Connector,
        terms: [String: SecretTerms] = [:]
    ) throws -> (owner: OwnerRow, state: OwnerState) {
        let form = try checkedForm(draft, connector)
        let name = Name.canonical(draft.name)
        do { try Name.check(name) } catch { throw VaultError.invalid([error]) }
        var owner = OwnerRow(
            uid: identifiers.next().bytes, kind: draft.kind.rawValue, connector: connector.name, name: name,
            nameKey: Name.skeleton(of: name), settings: form.text, note: draft.note, client: form.client)
        let tags = draft.tags.map { ($0.key, $0.value) }
        let words = owner.words([form.words], tags)
        owner.id = try rows.naming { try rows.insertOwner(owner, words: words) }
        if !tags.isEmpty { try rows.addTags(tags, of: owner.id) }
        let digest = SettingsDigest.of(connector: connector.name, name: name, settings: form.digestSettings)
        let address = try newAddress(owner, digest)
        var state = OwnerState(
            settingsDigest: digest, annotations: annotationsDigest(note: draft.note, tags: tags), secrets: [])
        var change = Change(settings: form.changes)
        for field in form.secretFields {
            let secret = draft.secrets[field.key]!
            let terms = terms[field.key] ?? SecretTerms(field, at: time)
            state.secrets.append(
                try store(
                    secret, field: field, version: 1, address, owner: owner.id, terms: terms, with: &bench))
            change.note(terms, of: field)
        }
        change.state = state
        change.details["connector"] = .string(connector.name)
        change.details["from"] = draft.origin
        if !draft.note.isEmpty { change.details["note"] = .string(draft.note) }
        if !tags.isEmpty { change.details["tags"] = .object(JSON.Members(tags.map { ($0, .string($1)) })) }
        try record(draft.kind.creation, owner.object, change)
        return (owner, state)
    }

    /// The draft's settings, checked; those of the draft before are taken again when they are the same, as they
    /// mostly are in an import.
    private mutating func checkedForm(_ draft: OwnerDraft, _ connector: Connector) throws -> CheckedForm {
        if let last = lastForm, last.fits(draft), draft.tags.isEmpty { return last }
        let checked = try connector.check(draft)
        let form = CheckedForm(draft, checked, client: try client(of: checked.settings, connector))
        lastForm = form
        return form
    }

    /// The skeleton of a changed name, after checking that nothing else looks like it.
    func nameKey(_ name: String, kind: OwnerKind, except owner: Int64? = nil) throws -> String {
        do { try Name.check(name) } catch { throw VaultError.invalid([error]) }
        let key = Name.skeleton(of: name)
        if let taken = try rows.owner(kind.rawValue, nameKey: key), taken.id != owner {
            throw VaultError.alreadyExists(kind: kind, name: name, taken: taken.name)
        }
        return key
    }

    /// The row of the client that these settings name; it must be of the same connector and allow the connection's
    /// valid domain names.
    mutating func client(of settings: Settings, _ connector: Connector) throws -> Int64? {
        guard let field = connector.clientReference, let name = connector.clientName(in: settings) else {
            return nil
        }
        let client = try rows.find(.client, name)
        if checkedClients.insert(client.id).inserted { try checkSettings(of: client) }
        guard client.connector == connector.name else {
            throw VaultError.invalid([
                Problem(
                    field: field.key,
                    message: "'\(name)' is a client of \(client.connector), not of \(connector.name)",
                    fits: "vault client list --connector \(connector.name)")
            ])
        }
        let problems = connector.problems(connection: settings, client: client.readSettings ?? [:])
        guard problems.isEmpty else { throw VaultError.invalid(problems) }
        return client.id
    }

    func newAddress(_ owner: OwnerRow, _ digest: [UInt8]) throws -> SecretAddress {
        guard let epoch = state.epoch?.number else { throw VaultError.ledger(.noBeginning) }
        return SecretAddress(
            vault: vault, owner: owner.uid, field: "", version: 0, epoch: epoch, settingsDigest: digest)
    }

    /// Seals one secret and stores its row; what the entry says of it is returned.
    func store(
        _ secret: SharedSecret, field: Field, version: UInt64, _ address: SecretAddress, owner: Int64,
        terms: SecretTerms, with bench: inout SealBench
    ) throws -> OwnerState.Secret {
        let range = try field.range(of: secret)
        var address = address
        address.field = field.key
        address.version = version
        let sealed = try bench.seal(secret, range, address)
        try rows.insertSecret(
            SecretRow(
                owner: owner, epoch: address.epoch, version: version, field: field.key,
                label: terms.label.rawValue, settingsDigest: address.settingsDigest, setAt: timeText,
                setBy: member.name, expiresAt: terms.expires?.text, sealed: sealed,
                rotateBy: terms.rotateBy?.text))
        let digest = Digest.sha256(sealed)
        return OwnerState.Secret(
            field: field.key, version: version, label: terms.label, epoch: address.epoch,
            sealed: bench.deposits ? nil : digest, deposit: bench.deposits ? digest : nil,
            rotateBy: terms.rotateBy,
            rotateEvery: terms.rule)
    }

    /// Each setting that differs, in byte order of the keys.
    static func changes(from old: Settings, to new: Settings) -> [Change.Setting] {
        Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
            .sorted { $0.precedesInBytes($1) }
            .map { Change.Setting(key: $0, old: old[$0]?.json, new: new[$0]?.json) }
    }
}

extension Rows {
    /// Runs a body that adds owners. The unique key is what finds a name that is taken, so that no look-up is paid for one
    /// that is not; whose name looks like it is looked up here.
    fileprivate func naming<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch StoreError.nameTaken(let kind, let name, let nameKey) {
            let taken = try owner(kind, nameKey: nameKey)
            throw VaultError.alreadyExists(
                kind: OwnerKind(rawValue: kind) ?? .connection, name: name, taken: taken?.name ?? name)
        }
    }
}

/// Settings that fit their connector's form, in every shape that the row, the seal and the entry need.
struct CheckedForm {
    let client: Int64?
    let text: String
    /// The words of all values, as one text.
    let words: String
    let changes: [Change.Setting]
    let digestSettings: [(key: String, value: SettingsDigest.Value)]
    /// In byte order of their keys, as entries have them.
    let secretFields: [Field]
    private let raw: [String: [String]]
    private let given: Set<String>
    private let kind: OwnerKind

    init(_ draft: OwnerDraft, _ checked: Draft, client: Int64?) {
        self.client = client
        text = OwnerRow.text(of: checked.settings)
        words = checked.settings.sorted { $0.key.precedesInBytes($1.key) }.flatMap(\.value.values)
            .joined(separator: " ")
        changes = Transaction.changes(from: [:], to: checked.settings)
        digestSettings = checked.settings.map { ($0.key, $0.value.digestValue) }
        secretFields = checked.secretFields.sorted { $0.key.precedesInBytes($1.key) }
        raw = draft.settings
        given = Set(draft.secrets.keys)
        kind = draft.kind
    }

    func fits(_ draft: OwnerDraft) -> Bool {
        draft.kind == kind && draft.settings.count == raw.count
            && draft.settings.allSatisfy { key, values in raw[key]?.haveSameBytes(as: values) ?? false }
            && draft.secrets.count == given.count
            && draft.secrets.keys.allSatisfy(given.contains)
    }
}

extension Connector {
    /// Checks a draft against this connector's form; every problem at once.
    func check(_ draft: OwnerDraft) throws(VaultError) -> Draft {
        let given = Set(draft.secrets.keys)
        let result =
            draft.kind == .connection
            ? validate(raw: draft.settings, secretsGiven: given)
            : validateClient(raw: draft.settings, secretsGiven: given)
        var problems: [Problem] = []
        do { try Name.check(Name.canonical(draft.name)) } catch { problems.append(error) }
        for tag in draft.tags { problems += tag.problems }
        switch result {
        case .success(let checked):
            guard problems.isEmpty else { throw .invalid(problems) }
            return checked
        case .failure(let found): throw .invalid(problems + found.all)
        }
    }

    /// The name of the client that a connection's settings refer to.
    func clientName(in settings: Settings) -> String? {
        guard let field = clientReference, case .text(let name)? = settings[field.key] else { return nil }
        return name
    }

    func form(of kind: OwnerKind) -> [Field] { kind == .connection ? fields : client?.fields ?? [] }
}

extension Owner.Tag {
    var problems: [Problem] {
        var problems: [Problem] = []
        for part in [key, value] {
            do { try Name.check(part) } catch {
                problems.append(
                    Problem(field: "tag", message: "the tag '\(key)': \(error.message)", fits: error.fits))
            }
        }
        return problems
    }
}
