import VaultLedger
public import VaultMemory
import VaultRegistry
import VaultStore

/// Compares a value with the stored one, in constant time. The answer is whether they are equal.
///
/// Each comparison is an entry; its result is not recorded.
///
/// - Throws: `notFound`, `noSuchSecret`, and `invalid` for a value that the field does not accept.
public struct VerifySecret: TransactionOperation, RemoteOperation {
    public static let isConfirmedByEntries = false
    public typealias Answer = Bool

    private let field: String
    private let owner: String
    private let secret: SharedSecret
    var action: Action { .verifySecret }

    /// Creates an operation that compares a field of an owner with a value.
    public init(_ field: String, of owner: String, against secret: SharedSecret) {
        (self.field, self.owner, self.secret) = (field, owner, secret)
    }

    func run(in transaction: inout Transaction) throws -> Bool {
        let row = try transaction.rows.findEither(owner)
        let field = try transaction.connector(named: row.connector).secretField(field, of: row)
        let stored = try transaction.open(field.key, of: row)
        try transaction.record(
            .verifySecret, row.object, Change(details: ["field": .string(field.key)]))
        return SecretBytes.equal(stored.bytes, secret.bytes.clone(try field.range(of: secret)))
    }
}
