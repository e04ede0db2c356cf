import VaultLedger
public import VaultRegistry
import VaultStore

/// The built-in connectors, and those that were added to this vault.
public struct ListConnectors: ReadQuery {
    public typealias Answer = [ConnectorInfo]

    public init() {}

    func run(on rows: Rows, in vault: Vault) throws -> [ConnectorInfo] {
        try Self.builtIn
            + rows.connectorNames().map {
                ConnectorInfo(try rows.connector(named: $0, in: vault.state), isBuiltIn: false)
            }
    }

    /// The built-in connectors, which need no vault.
    public static var builtIn: [ConnectorInfo] {
        Connector.builtInNames.compactMap { Connector.builtIn(named: $0) }.map {
            ConnectorInfo($0, isBuiltIn: true)
        }
    }
}

/// A connector that a vault can use.
public struct ConnectorInfo: Sendable, Equatable, Codable {
    public let name: String
    public let title: String
    public let summary: String
    public let isBuiltIn: Bool

    init(_ connector: Connector, isBuiltIn: Bool) {
        (name, title, summary) = (connector.name, connector.title, connector.summary)
        self.isBuiltIn = isBuiltIn
    }
}

/// A connector by its name.
///
/// - Throws: `unknown` with the nearest names; `tampered` if its file is not the one in the ledger.
public struct ShowConnector: ReadQuery {
    public typealias Answer = Connector

    private let name: String

    public init(_ name: String) { self.name = name }

    func run(on rows: Rows, in vault: Vault) throws -> Connector {
        try rows.connector(named: name, in: vault.state)
    }
}

/// The YAML text of a connector.
///
/// - Throws: `unknown`, `tampered`, as `ShowConnector`.
public struct ShowConnectorSource: ReadQuery {
    public typealias Answer = String

    private let name: String

    public init(_ name: String) { self.name = name }

    func run(on rows: Rows, in vault: Vault) throws -> String {
        if let builtIn = Connector.builtInSource(named: name) { return builtIn }
        return try rows.connectorSource(named: name, in: vault.state)
    }
}
