import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore

extension Transaction {
    func connector(named name: String) throws -> Connector { try rows.connector(named: name, in: state) }
}

extension Rows {
    /// A built-in connector, or a connector that was added to this vault.
    ///
    /// - Throws: `unknown` with the nearest names; `tampered` if its file is not the one in the ledger.
    func connector(named name: String, in state: LedgerState) throws -> Connector {
        if let builtIn = Connector.builtIn(named: name) { return builtIn }
        let source = try connectorSource(named: name, in: state)
        do throws(ConnectorFileError) { return try Connector(yaml: source) } catch {
            throw VaultError.connector(.invalidFile(path: name, error.diagnostics))
        }
    }

    /// The YAML text of a connector that was added to this vault, after comparing its digest with the ledger.
    func connectorSource(named name: String, in state: LedgerState) throws -> String {
        guard let digest = state.connectors[name] else {
            let names = Connector.builtInNames + state.connectors.keys
            let nearest = Name.nearest(to: name, among: names, limit: 3)
            throw VaultError.connector(.unknown(name: name, nearest: nearest))
        }
        guard let source = try connectorSource(name), Digest.blake2b256(Array(source.utf8)) == digest else {
            throw VaultError.integrity(.tampered(.connectorRow(name: name)))
        }
        return source
    }
}
