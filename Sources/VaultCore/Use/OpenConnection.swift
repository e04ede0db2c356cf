public import VaultLedger
public import VaultMemory
import VaultRegistry
import VaultStore

/// Opens the secrets for one use of a connection. An entry records the use, and is durable before anything is returned.
///
/// For a child process nothing is recorded, since `OpenVariables` has recorded the use.
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
        let opened = try transaction.open(row, for: purpose, label)
        if purpose == .test, opened.connector.test(for: opened.settings) == nil {
            throw VaultError.use(.noTest(name: row.name, connector: row.connector))
        }
        guard purpose != .child else { return opened }
        let details = opened.details(adding: purpose.details)
        try transaction.record(purpose.action, row.object, Change(details: details))
        if label == .current { try transaction.rows.setUsed(of: row.id, at: transaction.timeText) }
        return opened
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

    func run(in transaction: inout Transaction) throws -> OpenedConnection { try transaction.open(draft) }
}

/// Opens the secret of a client to request one token, and records that in an entry about the client.
///
/// - Throws: `notFound`, and `changedConcurrently` if the client changed since the plan was made.
public struct OpenClient: TransactionOperation {
    public typealias Answer = SharedSecret

    private let plan: TokenPlan
    var action: Action { .mintToken }

    /// Creates an operation that opens the client of a plan.
    public init(of plan: TokenPlan) { self.plan = plan }

    func run(in transaction: inout Transaction) throws -> SharedSecret {
        let client = try transaction.rows.find(.client, plan.client)
        let form = try transaction.connector(named: client.connector).client
        let secret = try transaction.open(WellKnownKey.clientSecret, of: client, preferring: plan.label)
        let version = try transaction.clientVersion(of: client, plan.label) ?? 0
        guard transaction.key(of: plan, client, version) == plan.key,
            form?.token.grant == .clientCredentials
        else { throw VaultError.input(.changedConcurrently(name: plan.client)) }
        try transaction.record(
            .mintToken, client.object,
            Change(details: [
                "connection": .string(plan.connection), "host": .string(plan.destination.host),
                "version": .integer(Int64(version)),
            ]))
        if plan.label == .current { try transaction.rows.setUsed(of: client.id, at: transaction.timeText) }
        return secret
    }
}

/// Records what a proxy has sent since its last entry, when it ends.
public struct RecordProxied: TransactionOperation {
    public typealias Answer = Done

    private let tally: Purpose.Tally
    private let connection: OpenedConnection
    var action: Action { .proxyConnection }

    /// Creates an operation that records a tally.
    public init(_ tally: Purpose.Tally, of connection: OpenedConnection) {
        (self.tally, self.connection) = (tally, connection)
    }

    func run(in transaction: inout Transaction) throws -> Done {
        let object = Entry.Object(.connection, id: connection.id, name: connection.connection)
        try transaction.record(.proxyConnection, object, Change(details: tally.details))
        return Done()
    }
}

/// Records a request that a running proxy refused.
public struct RecordRefused: TransactionOperation {
    public typealias Answer = Done

    private let connection: OpenedConnection
    private let why: String
    var action: Action { .refused }

    /// Creates an operation that records a refusal with its reason.
    public init(of connection: OpenedConnection, why: String) {
        (self.connection, self.why) = (connection, why)
    }

    func run(in transaction: inout Transaction) throws -> Done {
        let what = Action.proxyConnection.rawValue
        try transaction.record(
            Refusal(what: what, why: why, kind: .connection, id: connection.id, name: connection.connection))
        return Done()
    }
}

extension OpenedConnection {
    /// Details of an entry, with the label and versions of the opened secrets.
    func details(adding details: JSON.Members = [:]) -> JSON.Members {
        var details = details
        if label != .current { details["label"] = .string(label.rawValue) }
        let pairs = versions.map { ($0.key, JSON.integer(Int64($0.value))) }
        if !pairs.isEmpty { details["versions"] = .object(JSON.Members(pairs)) }
        return details
    }
}

extension Transaction {
    fileprivate func open(
        _ row: OwnerRow, for purpose: Purpose, _ label: SecretLabel
    ) throws -> OpenedConnection {
        let connector = try connector(named: row.connector)
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
        var use = try OpenedConnection(
            row.name, id: row.identifier, connector, row.readSettings ?? [:], label, policy)
        use.authorization = try authorization(of: &use) { field in
            guard state.secrets.contains(where: { $0.field == field }) else { return nil }
            let secret = try open(field, of: row, preferring: label)
            return (secret, state.secret(field, preferring: label)!.version)
        }
        return use
    }

    fileprivate mutating func open(_ draft: OwnerDraft) throws -> OpenedConnection {
        let connector = try connector(named: draft.connector)
        let settings = try connector.check(draft).settings
        _ = try client(of: settings, connector)
        guard connector.test(for: settings) != nil else {
            throw VaultError.use(.noTest(name: draft.name, connector: connector.name))
        }
        var use = try OpenedConnection(draft.name, id: nil, connector, settings)
        use.authorization = try authorization(of: &use) { field in
            guard let secret = draft.secrets[field] else { return nil }
            let range = try connector.field(field)!.range(of: secret)
            // The version that it gets when the connection is created.
            return (SharedSecret(secret.bytes.clone(range)), 1)
        }
        return use
    }
}
