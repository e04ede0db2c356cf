import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// Adds a connector file, and records its digest. A file with the same name is replaced if no connection uses it. The
/// answer is the connector's name.
///
/// - Throws: `invalidFile` with each mistake and its line; `taken`.
public struct AddConnector: TransactionOperation, RemoteOperation {
    public typealias Answer = String

    private let source: String
    private let path: String
    var action: Action { .addConnector }

    /// - Parameters:
    ///   - source: The YAML text.
    ///   - path: The file that the text was read from, for messages.
    public init(_ source: String, from path: String) { (self.source, self.path) = (source, path) }

    func validate(in vault: Vault) throws { _ = try connector() }

    private func connector() throws(VaultError) -> Connector {
        let connector: Connector
        do throws(ConnectorFileError) { connector = try Connector(yaml: source) } catch {
            throw .connector(.invalidFile(path: path, error.diagnostics))
        }
        guard !Connector.builtInNames.contains(connector.name) else {
            throw .connector(.taken(name: connector.name, isBuiltIn: true))
        }
        return connector
    }

    func run(in transaction: inout Transaction) throws -> String {
        let connector = try connector()
        let name = connector.name
        if transaction.state.connectors[name] != nil, try transaction.rows.isConnectorUsed(name) {
            throw VaultError.connector(.taken(name: name, isBuiltIn: false))
        }
        try transaction.rows.putConnector(name, source: source)
        let digest = Hex.encode(Digest.blake2b256(Array(source.utf8)))
        try transaction.record(
            .addConnector, Entry.Object(.connector, name: name),
            Change(details: ["digest": .string(digest), "title": .string(connector.title)]))
        return name
    }
}
