import VaultCrypto
import VaultLedger
public import VaultRegistry
import VaultStore

/// A connector that this vault can use, and where it comes from.
public struct ConnectorInfo: Sendable, Equatable {
    public let name: String
    public let title: String
    public let summary: String
    public let isBuiltIn: Bool
}

extension Vault {
    /// The connectors that come with the program, and those that were added to this vault.
    public func connectors() throws(VaultError) -> [ConnectorInfo] {
        try VaultError.catching {
            let own = try read { rows in try rows.connectorNames().map { try connector(named: $0, rows) } }
            return Self.builtInConnectors()
                + own.map {
                    ConnectorInfo(name: $0.name, title: $0.title, summary: $0.summary, isBuiltIn: false)
                }
        }
    }

    public static func builtInConnectors() -> [ConnectorInfo] {
        Connector.builtIn.compactMap { Connector.builtIn($0) }.map {
            ConnectorInfo(name: $0.name, title: $0.title, summary: $0.summary, isBuiltIn: true)
        }
    }

    public func connector(named name: String) throws(VaultError) -> Connector {
        try VaultError.catching { try read { try connector(named: name, $0) } }
    }

    /// The text of a connector file as it was added, or as it comes with the program.
    public func connectorSource(_ name: String) throws(VaultError) -> String {
        try VaultError.catching {
            if let builtIn = Connector.builtInYAML(name) { return builtIn }
            return try read { rows in
                _ = try connector(named: name, rows)
                return try rows.connectorSource(name) ?? ""
            }
        }
    }

    /// A connector by name: one that comes with the program, or one whose file is the one that the ledger tells of.
    func connector(named name: String, _ rows: Rows) throws -> Connector {
        if let read = builtIns.first(where: { $0.name == name }) { return read }
        if let builtIn = Connector.builtIn(name) {
            builtIns.append(builtIn)
            return builtIn
        }
        guard let digest = state.connectors[name] else {
            let names = Connector.builtIn + state.connectors.keys
            throw VaultError.connectorUnknown(
                name: name, nearest: Name.nearest(to: name, among: names, limit: 3))
        }
        guard let source = try rows.connectorSource(name), Digest.blake2b256(Array(source.utf8)) == digest
        else {
            throw VaultError.tampered(.connectorRow(name: name))
        }
        do throws(ConnectorFileError) { return try Connector(yaml: source) } catch {
            throw VaultError.connectorFile(path: name, error.diagnostics)
        }
    }

    /// Adds a user's own connector file, and its digest to the ledger. A file of the same name replaces the older one.
    public func addConnector(_ source: String, from path: String, as session: Session) throws(VaultError)
        -> Connector
    {
        try VaultError.catching {
            let connector: Connector
            do throws(ConnectorFileError) { connector = try Connector(yaml: source) } catch {
                throw VaultError.connectorFile(path: path, error.diagnostics)
            }
            guard Connector.builtIn(connector.name) == nil else {
                throw VaultError.connectorTaken(name: connector.name, isBuiltIn: true)
            }
            try change(as: session) { transaction in
                try transaction.mayDo(.addConnector)
                if transaction.state.connectors[connector.name] != nil,
                    try transaction.rows.isConnectorUsed(connector.name)
                {
                    throw VaultError.connectorTaken(name: connector.name, isBuiltIn: false)
                }
                try transaction.rows.putConnector(connector.name, source: source)
                let digest = Hex.encode(Digest.blake2b256(Array(source.utf8)))
                try transaction.record(
                    .addConnector, Entry.Object(.connector, name: connector.name),
                    Change(details: ["digest": .string(digest), "title": .string(connector.title)]))
            }
            return connector
        }
    }

    public func removeConnector(_ name: String, as session: Session) throws(VaultError) {
        try VaultError.catching {
            guard Connector.builtIn(name) == nil else {
                throw VaultError.connectorTaken(name: name, isBuiltIn: true)
            }
            try change(as: session) { transaction in
                try transaction.mayDo(.removeConnector)
                guard transaction.state.connectors[name] != nil else {
                    throw VaultError.connectorUnknown(
                        name: name,
                        nearest: Name.nearest(
                            to: name, among: Array(transaction.state.connectors.keys), limit: 3))
                }
                guard try !transaction.rows.isConnectorUsed(name) else {
                    throw VaultError.connectorInUse(name: name)
                }
                try transaction.rows.deleteConnector(name)
                try transaction.record(.removeConnector, Entry.Object(.connector, name: name))
            }
        }
    }
}
