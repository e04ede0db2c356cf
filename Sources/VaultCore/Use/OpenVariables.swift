import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore

/// Opens the secrets of connections for one child process. An entry records the use of each connection, and is durable
/// before a secret is returned.
///
/// - Throws: `notFound`, `useRefused`, `noVariables`, `variablesCollide`, and `needsToken` for a variable with an access
///   token, which only a caller with network access can request.
public struct OpenVariables: TransactionOperation, RemoteOperation {
    public static let isConfirmedByEntries = false
    public typealias Answer = [ChildVariable]

    private let names: [String]
    private let only: [String]
    private let program: String
    /// Whether the caller replaces token placeholders.
    private var requestsTokens = false
    var action: Action { .execConnection }

    private enum CodingKeys: CodingKey {
        case names, only, program
    }

    /// - Parameters:
    ///   - names: The connections.
    ///   - only: The names of the variables to set; empty for all.
    ///   - program: The name of the program, for the ledger.
    public init(of names: [String], only: Set<String>, program: String) {
        (self.names, self.only, self.program) = (names, only.sorted(), program)
    }

    /// The same for a caller that replaces token placeholders.
    public func withTokens() -> OpenVariables {
        var copy = self
        copy.requestsTokens = true
        return copy
    }

    func run(in transaction: inout Transaction) throws -> [ChildVariable] {
        var all: [ChildVariable] = []
        for name in names {
            let row = try transaction.rows.find(.connection, name)
            let connector = try transaction.connector(named: row.connector)
            _ = try transaction.checkPolicy(of: row, for: .exec)
            let variables = try transaction.variables(of: row, connector, only: Set(only))
            if !requestsTokens, variables.contains(where: { $0.missingToken != nil }) {
                throw VaultError.use(.needsToken(name: name))
            }
            for variable in variables {
                guard let other = all.first(where: { $0.name == variable.name }) else { continue }
                throw VaultError.use(
                    .variablesCollide(variable: variable.name, first: other.connection, second: name))
            }
            all += variables
            let names = variables.map { JSON.string($0.name) }
            try transaction.record(
                .execConnection, row.object,
                Change(details: ["program": .string(program), "variables": .array(names)]))
            try transaction.rows.setUsed(of: row.id, at: transaction.timeText)
        }
        return all
    }
}

/// Whether a variable of these connections holds an access token, which has to be requested. Unknown names are left to
/// `OpenVariables` to refuse.
public struct NeedsTokens: ReadQuery {
    public typealias Answer = Bool

    private let names: [String]
    private let only: Set<String>

    /// Creates a query about variables of connections.
    ///
    /// - Parameters:
    ///   - names: The connections.
    ///   - only: The names of the variables to consider; empty for all.
    public init(_ names: [String], only: Set<String>) { (self.names, self.only) = (names, only) }

    func run(on rows: Rows, in vault: Vault) throws -> Bool {
        try names.contains { name in
            guard let row = try? rows.find(.connection, name) else { return false }
            return try rows.connector(named: row.connector, in: vault.state)
                .variables(for: row.readSettings ?? [:])
                .contains { (only.isEmpty || only.contains($0.name)) && $0.template.contains(.token) }
        }
    }
}

extension Transaction {
    fileprivate func variables(
        of row: OwnerRow, _ connector: Connector, only: Set<String>
    ) throws -> [ChildVariable] {
        // Settings are compared with the ledger even if no secret is opened: a forged address does harm too.
        _ = try signedState(of: row)
        let settings = row.readSettings ?? [:]
        // The client named in the signed settings, not the client that the row refers to.
        let client = try connector.clientName(in: settings).map { try rows.find(.client, $0) }
        if let client {
            try checkSettings(of: client)
            // Another program may have written the connection without checking the client's list of domains.
            let problems = connector.problems(connection: settings, client: client.readSettings ?? [:])
            guard problems.isEmpty else { throw VaultError.input(.invalid(problems)) }
        }
        let variables = connector.variables(for: settings).filter { only.isEmpty || only.contains($0.name) }
        guard !variables.isEmpty else {
            throw VaultError.use(.noVariables(name: row.name, connector: connector.name))
        }
        var opened: [String: SharedSecret] = [:]
        func secret(_ field: String, of owner: OwnerRow) throws -> SharedSecret {
            let key = "\(owner.id)/\(field)"
            let secret = try opened[key] ?? open(field, of: owner)
            opened[key] = secret
            return secret
        }
        func text(_ value: SettingValue?) -> String { value?.values.joined(separator: " ") ?? "" }
        let clientSettings = client?.readSettings ?? [:]
        let stored = try rows.secrets(of: row.id).filter(\.isCurrent).map(\.field)
        return try variables.compactMap { variable in
            // Left out if a piece is missing: an absent optional secret must not become an empty password.
            let isComplete = variable.template.allSatisfy { piece in
                switch piece {
                case .clientSetting(let key): clientSettings[key] != nil
                case .secret(let field): stored.contains(field)
                case .text, .setting, .token, .clientSecret: true
                }
            }
            guard isComplete else { return nil }
            let pieces: [ChildVariable.Piece] = try variable.template.map { piece in
                switch piece {
                case .text(let text): return .text(text)
                case .setting(let key): return .text(text(settings[key]))
                case .clientSetting(let key): return .text(text(clientSettings[key]))
                case .secret(let field): return .secret(try secret(field, of: row))
                case .clientSecret(let field):
                    guard let client else { throw VaultError.use(.needsToken(name: row.name)) }
                    return .secret(try secret(field, of: client))
                case .token: return .token(connection: row.name)
                }
            }
            return ChildVariable(
                name: variable.name, pieces: pieces, isFile: variable.isFile, connection: row.name)
        }
    }
}
