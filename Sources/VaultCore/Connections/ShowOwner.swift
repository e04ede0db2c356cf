public import VaultLedger
public import VaultRegistry
import VaultStore

/// One connection or client.
///
/// - Throws: `notFound` with the nearest names; `tampered` if the settings were to be verified and differ from the ledger.
public struct ShowOwner: ReadQuery {
    public typealias Answer = Owner

    private let kind: OwnerKind?
    private let name: String
    private let isVerified: Bool

    /// - Parameters:
    ///   - kind: Nil for either kind; a connection comes first.
    ///   - name: The name of a connection or client.
    ///   - verified: Whether to compare the settings with the ledger, for a caller that makes something new of them.
    public init(_ kind: OwnerKind?, _ name: String, verified: Bool = false) {
        (self.kind, self.name, isVerified) = (kind, name, verified)
    }

    func run(on rows: Rows, in vault: Vault) throws -> Owner {
        let row = try kind.map { try rows.find($0, name) } ?? rows.findEither(name)
        if isVerified { try rows.checkSettings(of: row, in: vault.known, LedgerChecks()) }
        return try rows.view(row)
    }
}

/// The policy of a connection and its last use, from the ledger alone.
///
/// - Throws: `notFound`.
public struct ShowUsage: ReadQuery {
    public typealias Answer = ConnectionUsage

    private let name: String

    /// Creates a query for the connection with this name.
    public init(of name: String) { self.name = name }

    func run(on rows: Rows, in vault: Vault) throws -> ConnectionUsage {
        let row = try rows.find(.connection, name)
        return ConnectionUsage(
            policy: try rows.policy(of: row, in: vault.known), last: try rows.lastUse(of: row))
    }
}

/// The names of the connections that use a client.
///
/// - Throws: `notFound`.
public struct ListClientUsers: ReadQuery {
    public typealias Answer = [String]

    private let client: String

    /// Creates a query for the client with this name.
    public init(of client: String) { self.client = client }

    func run(on rows: Rows, in vault: Vault) throws -> [String] {
        try rows.users(of: try rows.find(.client, client))
    }
}

/// Every entry about a connection or client, oldest first.
///
/// - Throws: `notFound`.
public struct ShowHistory: StreamQuery {
    private let kind: OwnerKind
    private let name: String

    /// Creates a query for the history of an owner.
    public init(_ kind: OwnerKind, _ name: String) { (self.kind, self.name) = (kind, name) }

    public func forEach(in vault: Vault, _ body: (Entry) throws -> Void) throws {
        try vault.read { rows in
            let owner = try rows.find(kind, name)
            try rows.forEachEntry(about: owner.identifier.hex) { seq, bytes in
                try body(try rows.knownEntry(bytes, seq: seq))
            }
        }
    }
}

/// A secret field of a connection or client, for a prompt: its label, help, and how to get the value.
///
/// - Throws: `notFound`, `noSuchSecret`.
public struct FindSecretField: ReadQuery {
    /// A secret field, encoded as its connector and key.
    public struct Answer: Codable, Sendable {
        let connector: Connector
        let kind: OwnerKind
        let key: String

        /// The field.
        public var field: Field { connector.form(of: kind).first { $0.key == key }! }
    }

    private let key: String
    private let owner: String

    /// Creates a query for the field with this key.
    public init(_ key: String, of owner: String) { (self.key, self.owner) = (key, owner) }

    func run(on rows: Rows, in vault: Vault) throws -> Answer {
        let row = try rows.findEither(owner)
        let connector = try rows.connector(named: row.connector, in: vault.state)
        return Answer(
            connector: connector, kind: row.ownerKind, key: try connector.secretField(key, of: row).key)
    }
}
