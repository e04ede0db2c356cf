public import VaultRegistry
import VaultCrypto
public import VaultMemory
import VaultLedger
import VaultStore
import VaultText

/// What an edit would lead to, and the secrets that it needs before it can be done.
///
/// A secret is sealed to the settings it was entered with, so an edit asks for every secret of the owner again.
public struct EditPlan: Sendable {
    public let kind: OwnerKind
    public let name: String
    public let newName: String
    public let connector: Connector
    /// All settings afterwards, as they would be typed.
    public let settings: [String: [String]]
    /// The secret fields that must be given, in the order of the form.
    public let needed: [Field]
    /// Settings that were there and apply no longer.
    public let dropped: [String]
    /// Pending and previous versions, which the edit destroys: they are sealed to the old settings.
    public let lost: [SecretInfo]
    let before: OwnerRow

    /// What was looked at when the edit was worked out: a digest of the owner's row.
    public var seen: String {
        let parts = [before.connector, before.name, before.settings, before.note]
        return Hex.encode(Digest.sha256(PAE.encode(parts.map(PAE.Piece.text))))
    }
}

extension Vault {
    /// Works out an edit. `changes` has the settings as typed; an empty one takes a setting away, and `name` renames.
    public func planEdit(
        _ kind: OwnerKind, _ name: String, changes: [String: [String]]
    ) throws(VaultError) -> EditPlan {
        try VaultError.catching {
            guard !changes.isEmpty else { throw VaultError.nothingToDo(name) }
            return try read { rows in
                let row = try rows.find(kind, name)
                let connector = try connector(named: row.connector, rows)
                let stored = try rows.secrets(of: row.id)
                return try plan(
                    row, connector, changes, stored: stored.filter(\.isCurrent).map(\.field),
                    lost: stored.filter { !$0.isCurrent }.map(SecretInfo.init))
            }
        }
    }

    private func plan(
        _ row: OwnerRow, _ connector: Connector, _ changes: [String: [String]], stored: [String],
        lost: [SecretInfo]
    ) throws -> EditPlan {
        var changes = changes
        let newName = changes.removeValue(forKey: "name")?.last.map(Name.canonical) ?? row.name
        let old = row.readSettings ?? [:]
        var raw = changes
        var settings: Settings = [:]
        var dropped: [String] = []
        let form = connector.form(of: row.ownerKind)
        for field in form where !field.isSecret {
            if changes[field.key] == nil, let kept = old[field.key] {
                let choices = connector.choices(of: field, in: settings).map(\.value)
                let fits = field.choices.isEmpty || kept.values.allSatisfy(choices.contains)
                if connector.applies(field, in: settings), fits {
                    raw[field.key] = kept.values
                } else {
                    dropped.append(field.key)
                }
            }
            if let given = raw[field.key], case .success(let value) = connector.normalise(given, for: field) {
                settings[field.key] = value
            }
        }
        let needed = form.filter { field in
            field.isSecret && connector.applies(field, in: settings)
                && (stored.contains(field.key)
                    || connector.isRequired(field, in: settings, secretsGiven: Set(stored)))
        }
        return EditPlan(
            kind: row.ownerKind, name: row.name, newName: newName, connector: connector, settings: raw,
            needed: needed,
            dropped: dropped, lost: lost, before: row)
    }

    /// Does a planned edit: new settings, and every secret sealed to them anew.
    public func edit(
        _ plan: EditPlan, secrets: [String: SharedSecret], as session: Session
    ) throws(VaultError) {
        try VaultError.catching {
            let draft = OwnerDraft(
                plan.kind, connector: plan.connector.name, name: plan.newName, settings: plan.settings,
                secrets: secrets)
            let missing = plan.needed.map(\.key).filter { secrets[$0] == nil }
            try change(as: session) { transaction in
                try transaction.mayDo(plan.kind.edit)
                guard missing.isEmpty else {
                    throw VaultError.secretsNeeded(owner: plan.name, fields: missing)
                }
                let checked = try plan.connector.check(draft)
                guard var row = try transaction.rows.owner(id: plan.before.id), row == plan.before else {
                    throw VaultError.changedMeanwhile(name: plan.name)
                }
                try transaction.checkSettings(of: row)
                try transaction.checkUsers(of: row, plan, checked)
                let old = row.readSettings ?? [:]
                guard old != checked.settings || !row.name.hasSameBytes(as: plan.newName) else {
                    throw VaultError.nothingToDo(plan.name)
                }
                row.nameKey = try transaction.nameKey(plan.newName, kind: plan.kind, except: row.id)
                row.name = plan.newName
                row.settings = OwnerRow.text(of: checked.settings)
                row.client = try transaction.client(of: checked.settings, plan.connector)
                try transaction.replace(row, old, checked, plan, secrets)
            }
        }
    }
}

extension Transaction {
    /// A client in use keeps its name, and its valid domain names keep covering those of its connections.
    fileprivate func checkUsers(of row: OwnerRow, _ plan: EditPlan, _ checked: Draft) throws {
        guard row.ownerKind == .client else { return }
        let users = try rows.users(of: row)
        guard users.isEmpty || plan.newName == row.name else {
            throw VaultError.clientInUse(name: row.name, by: users, why: "renamed")
        }
        for user in users {
            let settings = try rows.find(.connection, user).readSettings ?? [:]
            guard plan.connector.problems(connection: settings, client: checked.settings).isEmpty else {
                throw VaultError.clientInUse(
                    name: row.name, by: [user], why: "given fewer valid domain names")
            }
        }
    }

    fileprivate mutating func replace(
        _ row: OwnerRow, _ old: Settings, _ checked: Draft, _ plan: EditPlan,
        _ secrets: [String: SharedSecret]
    ) throws {
        let tags = try rows.tags(of: row.id)
        try rows.updateOwner(row, words: row.words(checked.settings, tags))
        let digest = SettingsDigest.of(
            connector: row.connector, name: row.name,
            settings: checked.settings.map { ($0.key, $0.value.digestValue) })
        let address = try newAddress(row, digest)
        let before = try rows.newestState(of: row)
        let lost = try rows.secrets(of: row.id).filter { !$0.isCurrent }
        var versions: [String: UInt64] = [:]
        for field in checked.secretFields { versions[field.key] = try rows.nextVersion(of: field.key, row) }
        try rows.deleteSecrets(of: row.id)
        var state = OwnerState(
            settingsDigest: digest, annotations: annotationsDigest(note: row.note, tags: tags), secrets: [])
        var change = Change(settings: Self.changes(from: old, to: checked.settings))
        var bench = try sealBench()
        for field in checked.secretFields {
            let terms = SecretTerms(field, at: time, after: before?.secret(field.key, .current))
            state.put(
                try store(
                    secrets[field.key]!, field: field, version: versions[field.key]!, address, owner: row.id,
                    terms: terms, with: &bench))
            change.note(terms, of: field)
        }
        change.state = state
        change.note(destroyed: lost.map { ($0.field, $0.version, $0.label) })
        if !plan.before.name.hasSameBytes(as: row.name) {
            change.details["name"] = ["new": .string(row.name), "old": .string(plan.before.name)]
        }
        try record(row.ownerKind.edit, row.object, change)
    }
}
