import VaultLedger
public import VaultMemory
import VaultRegistry
import VaultStore
import VaultText

/// Changes settings or the name of a connection or client, as `PlanEdit` planned it, and seals every secret to the new
/// settings.
///
/// - Throws: `changedConcurrently` if the owner changed since it was planned, `secretsNeeded`, `clientInUse`,
///   `alreadyExists`, `invalid`, `nothingToDo`.
public struct EditOwner: TransactionOperation, RemoteOperation {
    public typealias Answer = Done

    private let kind: OwnerKind
    private let name: String
    private let changes: [String: [String]]
    private let secrets: [String: SharedSecret]
    private let seen: String
    let isDeposit: Bool
    var action: Action { kind.edit }

    /// Creates an operation that carries out a plan.
    ///
    /// - Parameters:
    ///   - plan: The plan that `PlanEdit` returned.
    ///   - secrets: The value of each needed secret, by field.
    ///   - depositing: Whether to deposit the secrets even if the member may open secrets.
    public init(_ plan: EditPlan, secrets: [String: SharedSecret], depositing: Bool = false) {
        (kind, name, changes, seen) = (plan.kind, plan.name, plan.changes, plan.seen)
        (self.secrets, isDeposit) = (secrets, depositing)
    }

    func validate(in vault: Vault) throws { _ = try vault.read { try planned(on: $0, vault.state) } }

    /// Returns the row and the plan, after checking that neither has changed since the secrets were entered.
    private func planned(on rows: Rows, _ state: LedgerState) throws -> (row: OwnerRow, plan: EditPlan) {
        let row: OwnerRow
        do { row = try rows.find(kind, name) } catch VaultError.input(.notFound) {
            // It existed when the edit was planned.
            throw VaultError.input(.changedConcurrently(name: name))
        }
        let plan = try rows.planEdit(of: row, changes, in: state)
        guard plan.seen == seen else { throw VaultError.input(.changedConcurrently(name: name)) }
        return (row, plan)
    }

    func run(in transaction: inout Transaction) throws -> Done {
        let (row, plan) = try planned(on: transaction.rows, transaction.state)
        let missing = plan.needed.filter { secrets[$0] == nil }
        guard missing.isEmpty else { throw VaultError.input(.secretsNeeded(owner: name, fields: missing)) }
        let draft = OwnerDraft(
            kind, connector: row.connector, name: plan.newName, settings: plan.settings, secrets: secrets)
        let form = try plan.connector.check(draft)
        try transaction.checkSettings(of: row)
        try transaction.checkUsers(of: row, plan, form.settings)
        guard row.readSettings ?? [:] != form.settings || !row.name.hasSameBytes(as: plan.newName) else {
            throw VaultError.input(.nothingToDo(name))
        }
        var edited = row
        (edited.name, edited.nameKey) = (plan.newName, Name.skeleton(of: plan.newName))
        try transaction.checkNameIsFree(edited)
        edited.settings = form.settings.json.text
        edited.client = try transaction.client(of: form.settings, plan.connector)
        try transaction.replace(row, with: edited, form, secrets)
        return Done()
    }
}

extension Transaction {
    fileprivate func checkNameIsFree(_ owner: OwnerRow) throws {
        if let taken = try rows.owner(owner.kind, nameKey: owner.nameKey), taken.id != owner.id {
            throw VaultError.input(
                .alreadyExists(kind: owner.ownerKind, name: owner.name, taken: taken.name))
        }
    }

    /// Checks that a client in use keeps its name, and that its valid domain names still cover its connections.
    fileprivate func checkUsers(of row: OwnerRow, _ plan: EditPlan, _ edited: Settings) throws {
        guard row.ownerKind == .client else { return }
        let users = try rows.users(of: row)
        guard users.isEmpty || plan.newName == row.name else {
            throw VaultError.input(.clientInUse(name: row.name, by: users, why: "renamed"))
        }
        for user in users {
            let settings = try rows.find(.connection, user).readSettings ?? [:]
            guard plan.connector.problems(connection: settings, client: edited).isEmpty else {
                throw VaultError.input(
                    .clientInUse(name: row.name, by: [user], why: "given fewer valid domain names"))
            }
        }
    }

    /// Replaces an owner's row and all its secrets. Pending and previous versions are destroyed: they are sealed to the old
    /// settings.
    fileprivate mutating func replace(
        _ old: OwnerRow, with row: OwnerRow, _ form: ValidatedForm, _ secrets: [String: SharedSecret]
    ) throws {
        let tags = try rows.tags(of: row.id)
        try rows.updateOwner(row, words: row.words(tags))
        let before = try rows.newestState(of: row)
        let lost = try rows.secrets(of: row.id).filter { !$0.isCurrent }
        try rows.deleteSecrets(of: row.id)
        var state = OwnerState(
            settingsDigest: form.settings.digest(connector: row.connector, name: row.name),
            annotations: annotationsDigest(note: row.note, tags: tags), secrets: [])
        var change = Change(settings: form.settings.changes(from: old.readSettings ?? [:]))
        var sealer = try secretSealer()
        for field in form.secretFields {
            let version = try rows.nextVersion(of: field.key, row)
            let terms = SecretTerms(field, at: time, after: before?.secret(field.key, .current))
            try store(
                secrets[field.key]!, field, version: version, of: row, terms, in: &state, with: &sealer)
            change.note(terms, of: field)
        }
        change.state = state
        change.note(destroyed: lost.map { ($0.field, $0.version, $0.label) })
        if !old.name.hasSameBytes(as: row.name) {
            change.details["name"] = ["new": .string(row.name), "old": .string(old.name)]
        }
        try record(row.ownerKind.edit, row.object, change)
    }
}
