public import VaultLedger
public import VaultMemory
import VaultRegistry
import VaultStore

/// Starts the rotation of a credential: seals the new values as pending versions. The current ones stay in use.
///
/// - Throws: `notFound`, `noSuchSecret`, `nothingToDo` without a secret, and `rotation` with `underWay` or `expiryPast`.
public struct StartRotation: TransactionOperation, RemoteOperation {
    public typealias Answer = RotationStep

    private let draft: RotationDraft
    var action: Action { .startRotation }

    /// Creates an operation that starts a rotation.
    public init(_ draft: RotationDraft) { self.draft = draft }

    func run(in transaction: inout Transaction) throws -> RotationStep { try transaction.start(draft) }
}

/// The new values of a rotation.
public struct RotationDraft: Sendable, Codable {
    /// The name of the connection or client.
    public var owner: String
    /// By field.
    public var secrets: [String: SharedSecret]
    /// When the new values expire at the provider; nil for the expiry of the connector, if it has one.
    public var expires: Timestamp?
    /// Whether a rotation that is under way is aborted for this one.
    public var replaces: Bool
    /// The program that made the values, for the ledger; nil if a person or a script entered them.
    public var program: String?

    /// Creates a draft.
    public init(
        of owner: String, secrets: [String: SharedSecret], expires: Timestamp? = nil, replaces: Bool = false,
        program: String? = nil
    ) {
        (self.owner, self.secrets, self.expires) = (owner, secrets, expires)
        (self.replaces, self.program) = (replaces, program)
    }
}

extension Transaction {
    fileprivate mutating func start(_ draft: RotationDraft) throws -> RotationStep {
        let row = try rows.findEither(draft.owner)
        let connector = try connector(named: row.connector)
        let fields = try draft.secrets.keys.sorted().map { try connector.secretField($0, of: row) }
        guard !fields.isEmpty else { throw VaultError.input(.nothingToDo(row.name)) }
        if let expires = draft.expires, expires <= time { throw VaultError.rotation(.expiryPast(expires)) }
        var state = try signedState(of: row)
        let before = state.secrets(.pending)
        guard before.isEmpty || draft.replaces else {
            let origin = try rows.origins(of: row)[FieldVersion(before[0])]!
            throw VaultError.rotation(
                .underWay(
                    owner: row.name, fields: before.map(\.field), by: origin.setBy, since: origin.setAt))
        }
        for old in before { try destroy(old, of: row, in: &state) }
        var change = Change(details: ["fields": .array(fields.map { .string($0.key) })])
        change.details["program"] = draft.program.map { .string($0) }
        change.note(destroyed: before.map { ($0.field, $0.version, $0.label.rawValue) })
        var sealer = try secretSealer()
        for field in fields {
            let terms = SecretTerms(
                field, at: time, after: state.secret(field.key, .current), label: .pending,
                expires: draft.expires)
            let version = try rows.nextVersion(of: field.key, row)
            try store(
                draft.secrets[field.key]!, field, version: version, of: row, terms, in: &state, with: &sealer)
            change.note(terms, of: field)
        }
        change.state = state
        try record(.startRotation, row.object, change)
        return RotationStep(row, state.secrets(.pending))
    }
}
