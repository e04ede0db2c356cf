import VaultLedger
import VaultRegistry
import VaultStore

/// Removes a connector that was added to this vault and that no connection uses.
///
/// - Throws: `unknown`, `inUse`, and `taken` for a built-in one.
public struct RemoveConnector: TransactionOperation, RemoteOperation {
    public typealias Answer = Done

    private let name: String
    var action: Action { .removeConnector }

    /// Creates an operation that removes the connector with this name.
    public init(_ name: String) { self.name = name }

    func validate(in vault: Vault) throws {
        guard !Connector.builtInNames.contains(name) else {
            throw VaultError.connector(.taken(name: name, isBuiltIn: true))
        }
    }

    func run(in transaction: inout Transaction) throws -> Done {
        let added = transaction.state.connectors
        guard added[name] != nil else {
            let nearest = Name.nearest(to: name, among: Array(added.keys), limit: 3)
            throw VaultError.connector(.unknown(name: name, nearest: nearest))
        }
        guard try !transaction.rows.isConnectorUsed(name) else {
            throw VaultError.connector(.inUse(name: name))
        }
        try transaction.rows.deleteConnector(name)
        try transaction.record(.removeConnector, Entry.Object(.connector, name: name))
        return Done()
    }
}
