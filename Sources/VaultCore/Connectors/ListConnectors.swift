import VaultLedger
public import VaultRegistry
import VaultStore

/// The built-in connectors, and those that were added to this vault.
public struct ListConnectors: ReadQuery {
    public typealias Answer = [ConnectorInfo]

    /// Creates the query.
    public init() {}

    func run(on rows: Rows, in vault: Vault) throws -> [ConnectorInfo] {
        let added = try rows.connectorNames().map { try rows.connector(named: $0, in: vault.state) }
        return Self.builtIn + added.map { ConnectorInfo($0, isBuiltIn: false) }
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
    /// The name that connections refer to it by.
    public let name: String
    /// The title for people.
    public let title: String
    /// A sentence about what it connects to.
    public let summary: String
    /// Whether it is part of the program, and not of the vault.
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

    /// Creates a query for the connector with this name.
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

    /// Creates a query for the source of the connector with this name.
    public init(_ name: String) { self.name = name }

    func run(on rows: Rows, in vault: Vault) throws -> String {
        if let builtIn = Connector.builtInSource(named: name) { return builtIn }
        return try rows.connectorSource(named: name, in: vault.state)
    }
}
