public import VaultMemory
import VaultLedger
import VaultRegistry
import VaultStore

/// A variable for a child process, put together of plain text and secrets.
public struct ChildVariable: Sendable {
    public let name: String
    public let pieces: [Piece]
    /// The value is what a file must hold, and the variable its path.
    public let isFile: Bool
    /// The connection that it is of.
    public let connection: String

    public enum Piece: Sendable {
        case text(String)
        case secret(SharedSecret)
        /// The place for an access token of this connection, which has to be minted over the network.
        case token(connection: String)
    }

    public var secrets: [SharedSecret] {
        pieces.compactMap { if case .secret(let secret) = $0 { secret } else { nil } }
    }

    public init(name: String, pieces: [Piece], isFile: Bool, connection: String) {
        self.name = name
        self.pieces = pieces
        self.isFile = isFile
        self.connection = connection
    }

    /// The connection whose token is still missing.
    public var missingToken: String? {
        for piece in pieces { if case .token(let connection) = piece { return connection } }
        return nil
    }

    /// The variable with a token in every place for one.
    public func with(token: SharedSecret) -> ChildVariable {
        let filled = pieces.map { piece -> Piece in
            if case .token = piece { .secret(token) } else { piece }
        }
        return ChildVariable(name: name, pieces: filled, isFile: isFile, connection: connection)
    }
}

extension Vault {
    /// Opens the secrets of connections for one child process; the use of each connection is an entry.
    ///
    /// The entries are durable before a secret leaves this call. `only` names the variables that are wanted.
    ///
    /// - Throws: `needsToken` when a variable holds an access token, unless `tokens` says that the caller mints it.
    public func variables(
        of names: [String], only: Set<String>, program: String, tokens: Bool = false, as session: Session
    ) throws(VaultError) -> [ChildVariable] {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.execConnection)
                var all: [ChildVariable] = []
                for name in names {
                    let row = try transaction.rows.find(.connection, name)
                    let connector = try connector(named: row.connector, transaction.rows)
                    _ = try transaction.checkPolicy(of: row, for: .exec)
                    let wanted = try transaction.variables(of: row, connector, only: only)
                    if !tokens, wanted.contains(where: { $0.missingToken != nil }) {
                        throw VaultError.needsToken(name: name)
                    }
                    for variable in wanted {
                        if let other = all.first(where: { $0.name == variable.name }) {
                            throw VaultError.variablesCollide(
                                variable: variable.name, first: other.connection, second: name)
                        }
                    }
                    all += wanted
                    let names = wanted.map { JSON.string($0.name) }
                    try transaction.record(
                        .execConnection, row.object,
                        Change(details: ["program": .string(program), "variables": .array(names)]))
                    try transaction.noteUse(of: row)
                }
                return all
            }
        }
    }
}

extension Vault {
    /// Whether a variable of these connections holds an access token, which has to be minted. A name that is not there
    /// is for whoever opens it to refuse.
    public func needsTokens(_ names: [String], only: Set<String>) throws(VaultError) -> Bool {
        try VaultError.catching {
            try read { rows in
                try names.contains { name in
                    guard let row = try? rows.find(.connection, name) else { return false }
                    return try connector(named: row.connector, rows).variables(for: row.readSettings ?? [:])
                        .contains {
                            (only.isEmpty || only.contains($0.name)) && $0.template.contains(.token)
                        }
                }
            }
        }
    }
}

extension Transaction {
    fileprivate func variables(
        of row: OwnerRow, _ connector: Connector, only: Set<String>
    ) throws -> [ChildVariable] {
        // Settings are held against the ledger even where no secret is asked for: an address is worth forging too.
        _ = try signedState(of: row)
        let settings = row.readSettings ?? [:]
        // The client that the signed settings name, not the one that the row points to.
        let client = try connector.clientName(in: settings).map { try rows.find(.client, $0) }
        if let client {
            try checkSettings(of: client)
            // Whoever wrote the connection may have used a program that does not ask the client's own list.
            let problems = connector.problems(connection: settings, client: client.readSettings ?? [:])
            guard problems.isEmpty else { throw VaultError.invalid(problems) }
        }
        let variables = connector.variables(for: settings).filter { only.isEmpty || only.contains($0.name) }
        guard !variables.isEmpty else {
            throw VaultError.noVariables(name: row.name, connector: connector.name)
        }
        var opened: [(owner: Int64, field: String, secret: SharedSecret)] = []
        func secret(_ field: String, of owner: OwnerRow) throws -> SharedSecret {
            if let known = opened.first(where: { $0.owner == owner.id && $0.field == field }) {
                return known.secret
            }
            let secret = try open(field, of: owner)
            opened.append((owner.id, field, secret))
            return secret
        }
        let source = PieceSource(
            settings: settings, clientSettings: client?.readSettings ?? [:],
            stored: try rows.secrets(of: row.id).filter(\.isCurrent).map(\.field))
        return try variables.compactMap { variable in
            guard source.has(all: variable.template) else { return nil }
            let pieces: [ChildVariable.Piece] = try variable.template.map { piece in
                switch piece {
                case .text(let text): return .text(text)
                case .setting(let key): return .text(source.text(key))
                case .clientSetting(let key): return .text(source.clientText(key))
                case .secret(let field): return .secret(try secret(field, of: row))
                case .clientSecret(let field):
                    guard let client else { throw VaultError.needsToken(name: row.name) }
                    return .secret(try secret(field, of: client))
                case .token: return .token(connection: row.name)
                }
            }
            return ChildVariable(
                name: variable.name, pieces: pieces, isFile: variable.isFile, connection: row.name)
        }
    }
}

/// What the pieces of a variable are taken from. A variable of which a piece was never given is left out: an optional
/// secret that is not there must not become an empty password.
private struct PieceSource {
    let settings: Settings
    let clientSettings: Settings
    let stored: [String]

    func has(all pieces: [TemplatePiece]) -> Bool {
        pieces.allSatisfy { piece in
            switch piece {
            case .text, .token, .clientSecret: true
            case .setting(let key): settings[key] != nil
            case .clientSetting(let key): clientSettings[key] != nil
            case .secret(let field): stored.contains(field)
            }
        }
    }

    func text(_ key: String) -> String { Self.text(settings[key]) }
    func clientText(_ key: String) -> String { Self.text(clientSettings[key]) }

    private static func text(_ value: SettingValue?) -> String {
        let values = value?.values ?? []
        return values.count == 1 ? values[0] : values.joined(separator: " ")
    }
}
