public import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore

/// Opens what one use of a connection needs. The use is an entry, which is durable before anything is returned.
///
/// - Throws: `notFound`, `noHTTP`, `noTest`; and `useRefused`, `pathRefused`, `headerRefused`, `hostRefused`, which are
///   recorded.
public struct OpenConnection: TransactionOperation {
    public typealias Answer = OpenedConnection

    private let name: String
    private let purpose: Purpose
    private let label: SecretLabel
    var action: Action { purpose.action }

    /// - Parameters:
    ///   - name: The name of the connection.
    ///   - purpose: What the connection is opened for.
    ///   - label: The versions to open: `pending` opens the pending version of a field, or the current one if it has
    ///     none.
    public init(_ name: String, for purpose: Purpose, label: SecretLabel = .current) {
        (self.name, self.purpose, self.label) = (name, purpose, label)
    }

    func run(in transaction: inout Transaction) throws -> OpenedConnection {
        let row = try transaction.rows.find(.connection, name)
        let connector = try transaction.connector(named: row.connector)
        let opened = try transaction.open(row, connector, for: purpose, label)
        if purpose == .test, connector.test(for: opened.settings) == nil {
            throw VaultError.use(.noTest(name: row.name, connector: connector.name))
        }
        try transaction.record(
            purpose.action, row.object,
            Change(details: purpose.details.merging(opened.entryDetails)))
        if label == .current { try transaction.noteUse(of: row) }
        return opened
    }
}

/// Opens a connection to request the token for a child process. `OpenVariables` has recorded this use, so it is not recorded
/// again.
///
/// - Throws: As `OpenConnection`.
public struct OpenForChild: TransactionOperation {
    public typealias Answer = OpenedConnection

    private let name: String
    var action: Action { .execConnection }

    /// Creates an operation that opens the connection with this name.
    public init(_ name: String) { self.name = name }

    func run(in transaction: inout Transaction) throws -> OpenedConnection {
        let row = try transaction.rows.find(.connection, name)
        _ = try transaction.checkPolicy(of: row, for: .exec)
        let connector = try transaction.connector(named: row.connector)
        return try transaction.open(row, connector, for: .test, .current)
    }
}

/// Prepares a connection that is not stored yet for a test, with the secrets that were entered for it.
///
/// - Throws: `invalid`, `noTest`, `noHTTP`, `hostRefused`.
public struct OpenDraft: TransactionOperation {
    public typealias Answer = OpenedConnection

    private let draft: OwnerDraft
    var action: Action { .testConnection }

    /// Creates an operation that opens a draft.
    public init(_ draft: OwnerDraft) { self.draft = draft }

    func run(in transaction: inout Transaction) throws -> OpenedConnection {
        try transaction.open(draft, try transaction.connector(named: draft.connector))
    }
}

/// Opens the secret of a client to request one token. That is an entry about the client.
///
/// - Throws: `notFound`, and `changedConcurrently` if the client changed since the plan was made.
public struct OpenClient: TransactionOperation {
    public typealias Answer = OpenedClient

    private let plan: TokenPlan
    var action: Action { .mintToken }

    /// Creates an operation that opens the client of a plan.
    public init(of plan: TokenPlan) { self.plan = plan }

    func run(in transaction: inout Transaction) throws -> OpenedClient {
        let client = try transaction.rows.find(.client, plan.client)
        guard let form = try transaction.connector(named: client.connector).client else {
            throw VaultError.input(.changedConcurrently(name: plan.client))
        }
        let (secret, version) = try transaction.openVersion(
            WellKnownKey.clientSecret, of: client, plan.label)
        guard transaction.key(of: plan, client, version) == plan.key,
            form.token.grant == .clientCredentials
        else { throw VaultError.input(.changedConcurrently(name: plan.client)) }
        try transaction.record(
            .mintToken, client.object,
            Change(details: [
                "connection": .string(plan.connection), "host": .string(plan.destination.host),
                "version": .integer(Int64(version)),
            ]))
        if plan.label == .current { try transaction.noteUse(of: client) }
        return OpenedClient(plan: plan, secret: secret)
    }
}

/// Records what a proxy has sent since its last entry, when it ends.
public struct RecordProxied: Operation {
    private let tally: Purpose.Tally
    private let connection: OpenedConnection

    /// Creates an operation that records a tally.
    public init(_ tally: Purpose.Tally, of connection: OpenedConnection) {
        (self.tally, self.connection) = (tally, connection)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try vault.record(as: session, about: connection) { transaction, object in
            try transaction.record(.proxyConnection, object, Change(details: tally.details))
        }
    }
}

/// Records a request that a running proxy refused.
public struct RecordRefused: Operation {
    private let purpose: Purpose
    private let connection: OpenedConnection
    private let why: String

    /// Creates an operation that records a refusal.
    ///
    /// - Parameters:
    ///   - purpose: What the request was for.
    ///   - connection: The connection that the request was for.
    ///   - why: The reason, for the ledger.
    public init(_ purpose: Purpose, of connection: OpenedConnection, why: String) {
        (self.purpose, self.connection, self.why) = (purpose, connection, why)
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try vault.record(as: session, about: connection) { transaction, object in
            try transaction.record(Refusal(what: purpose.action.rawValue, why: why, object: object))
        }
    }
}

extension Vault {
    /// Records an entry about an opened connection. One that is not stored has none.
    fileprivate func record(
        as session: Session, about connection: OpenedConnection,
        _ body: (inout Transaction, Entry.Object) throws -> Void
    ) throws(VaultError) -> Done {
        guard let id = connection.id else { return Done() }
        let object = Entry.Object(.connection, id: id, name: connection.connection)
        try VaultError.catching { try change(as: session) { try body(&$0, object) } }
        return Done()
    }
}

extension OpenedConnection {
    /// The label and versions of the opened secrets, for the entry.
    var entryDetails: JSON.Members {
        var details: JSON.Members = [:]
        if label != .current { details["label"] = .string(label.rawValue) }
        if !versions.isEmpty {
            details["versions"] = .object(
                JSON.Members(versions.sorted { $0.key < $1.key }.map { ($0.key, .integer(Int64($0.value))) }))
        }
        return details
    }
}

extension JSON.Members {
    func merging(_ other: JSON.Members) -> JSON.Members {
        JSON.Members((pairs + other.pairs).map { ($0.key, $0.value) })
    }
}

extension Transaction {
    fileprivate func open(
        _ row: OwnerRow, _ connector: Connector, for purpose: Purpose, _ label: SecretLabel
    ) throws -> OpenedConnection {
        let state = try signedState(of: row)
        let policy = try purpose.use.map { try checkPolicy(of: row, for: $0) } ?? UsePolicy()
        if case .request(let method, let path, let headers) = purpose {
            if let header = policy.overridingHeader(among: headers) {
                throw VaultError.access(.headerRefused(name: row.name, id: row.identifier, header: header))
            }
            guard policy.allows(method, path) else {
                throw VaultError.access(
                    .pathRefused(
                        name: row.name, id: row.identifier, method: method, path: path.path,
                        rules: policy.paths.map(\.text)))
            }
        }
        var versions: [String: UInt64] = [:]
        let source = AuthorizationSource(
            name: row.name, id: row.identifier, connector: connector, settings: row.readSettings ?? [:],
            label: label, stored: Set(state.secrets.map(\.field))
        ) { field in
            let (secret, version) = try openVersion(field, of: row, label)
            versions[field] = version
            return secret
        }
        let destination = try source.destination()
        let authorization = try authorization(from: source, destination)
        if case .token(let plan) = authorization {
            versions[WellKnownKey.clientSecret] = try clientVersion(of: plan)
        }
        return OpenedConnection(
            connection: row.name, id: row.identifier, connector: connector, settings: source.settings,
            destination: destination, authorization: authorization, versions: versions, label: label,
            policy: policy)
    }

    fileprivate mutating func open(_ draft: OwnerDraft, _ connector: Connector) throws -> OpenedConnection {
        let checked = try connector.check(draft)
        _ = try client(of: checked.settings, connector)
        var versions: [String: UInt64] = [:]
        let source = AuthorizationSource(
            name: draft.name, id: nil, connector: connector, settings: checked.settings, label: .current,
            stored: Set(draft.secrets.keys)
        ) { field in
            guard let secret = draft.secrets[field], let form = connector.field(field) else {
                throw VaultError.input(
                    .noSuchSecret(
                        owner: draft.name, field: field, fields: draft.secrets.keys.sorted()))
            }
            // The version that it gets when the connection is created.
            versions[field] = 1
            return try form.accepted(secret)
        }
        guard connector.test(for: source.settings) != nil else {
            throw VaultError.use(.noTest(name: draft.name, connector: connector.name))
        }
        let destination = try source.destination()
        let authorization = try authorization(from: source, destination)
        if case .token(let plan) = authorization {
            versions[WellKnownKey.clientSecret] = try clientVersion(of: plan)
        }
        return OpenedConnection(
            connection: draft.name, id: nil, connector: connector, settings: source.settings,
            destination: destination, authorization: authorization, versions: versions, label: .current,
            policy: UsePolicy())
    }

    /// Opens the version of a secret with a label, or the current one if there is none.
    func openVersion(_ field: String, of owner: OwnerRow, _ label: SecretLabel) throws -> (
        SharedSecret, UInt64
    ) {
        let secrets = try signedState(of: owner).secrets.filter { $0.field == field }
        let found = secrets.first { $0.label == label } ?? secrets.first { $0.label == .current }
        guard let found else {
            throw VaultError.input(
                .noSuchSecret(owner: owner.name, field: field, fields: secrets.map(\.field)))
        }
        return (try open(field, of: owner, preferring: found.label), found.version)
    }
}
