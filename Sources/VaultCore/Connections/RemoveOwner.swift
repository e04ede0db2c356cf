import VaultLedger
import VaultRegistry
import VaultStore

/// Removes a connection or client with its secrets.
///
/// - Throws: `notFound`, and `clientInUse` for a client that connections use.
public struct RemoveOwner: TransactionOperation, RemoteOperation {
    public typealias Answer = Done

    private let kind: OwnerKind
    private let name: String
    var action: Action { kind.removal }

    /// Creates an operation that removes an owner.
    public init(_ kind: OwnerKind, _ name: String) { (self.kind, self.name) = (kind, name) }

    func run(in transaction: inout Transaction) throws -> Done {
        let row = try transaction.rows.find(kind, name)
        let users = kind == .client ? try transaction.rows.users(of: row) : []
        guard users.isEmpty else {
            throw VaultError.input(.clientInUse(name: name, by: users, why: "removed"))
        }
        try transaction.rows.deleteOwner(row.id)
        var change = Change(settings: Settings().changes(from: row.readSettings ?? [:]))
        // This becomes the newest state, so rows that someone puts back are not signed.
        change.state = OwnerState(
            settingsDigest: row.settingsDigest ?? [UInt8](repeating: 0, count: 32), annotations: nil,
            secrets: [])
        change.details["connector"] = .string(row.connector)
        try transaction.record(kind.removal, row.object, change)
        return Done()
    }
}
