public import VaultLedger
public import VaultMemory
import VaultRegistry
import VaultStore

/// Replaces one secret. Nothing is opened for it; a pending version of a rotation stays.
///
/// - Throws: `notFound`, `noSuchSecret`, and `invalid` for a value that the field does not accept.
public struct SetSecret: TransactionOperation, RemoteOperation {
    public typealias Answer = SecretReceipt

    private let field: String
    private let owner: String
    private let secret: SharedSecret
    private let expires: Timestamp?
    let isDeposit: Bool
    var action: Action { .setSecret }

    /// Creates an operation that replaces a secret.
    ///
    /// - Parameters:
    ///   - field: The key of the secret.
    ///   - owner: The name of a connection or client.
    ///   - secret: The new value.
    ///   - expires: When the value expires at the provider; nil for the expiry of the connector, if it has one.
    ///   - depositing: Whether to deposit the value even if the member may open secrets.
    public init(
        _ field: String, of owner: String, to secret: SharedSecret, expires: Timestamp? = nil,
        depositing: Bool = false
    ) {
        (self.field, self.owner, self.secret, self.expires) = (field, owner, secret, expires)
        isDeposit = depositing
    }

    func run(in transaction: inout Transaction) throws -> SecretReceipt {
        let row = try transaction.rows.findEither(owner)
        let field = try transaction.connector(named: row.connector).secretField(field, of: row)
        var state = try transaction.signedState(of: row, replacing: field.key)
        let version = try transaction.rows.nextVersion(of: field.key, row)
        let old = state.secret(field.key, .current)
        if let old { try transaction.destroy(old, of: row, in: &state) }
        var sealer = try transaction.secretSealer()
        let terms = SecretTerms(field, at: transaction.time, after: old, expires: expires)
        try transaction.store(
            secret, field, version: version, of: row, terms, in: &state, with: &sealer)
        var details: JSON.Members = ["field": .string(field.key)]
        if let expires = terms.expires { details["expires"] = .string(expires.text) }
        try transaction.record(.setSecret, row.object, Change(state: state, details: details))
        return SecretReceipt(
            owner: row.name, field: field.key, version: version, isDeposit: sealer.deposits)
    }
}

/// The version that `SetSecret` stored.
public struct SecretReceipt: Sendable, Equatable, Codable {
    /// The name of the connection or client.
    public let owner: String
    /// The key of the field.
    public let field: String
    /// The number of the new version.
    public let version: UInt64
    /// Whether it was sealed to the deposit key, by a member who opens nothing.
    public let isDeposit: Bool
}
