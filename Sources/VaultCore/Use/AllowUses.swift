import VaultLedger
import VaultRegistry
import VaultStore

/// Changes the policy of a connection: which uses are allowed, and which program makes its new secrets.
///
/// The newest entry of this action is the policy; no row repeats it.
///
/// - Throws: `notFound`, `nothingToDo`, and `invalid` for a path rule or a program that can't be used.
public struct AllowUses: TransactionOperation, RemoteOperation {
    public typealias Answer = Done

    private let name: String
    private let uses: [Use]?
    private let liftsUses: Bool
    private let paths: [String]?
    private let rotateWith: String?
    var action: Action { .allowUses }

    /// A parameter that is nil keeps the current value.
    ///
    /// - Parameters:
    ///   - name: The name of the connection.
    ///   - uses: The allowed uses; all of them lift the limit.
    ///   - paths: The rules for paths; an empty list lifts the limit.
    ///   - rotateWith: The absolute path of a program; an empty text removes it.
    public init(of name: String, uses: Set<Use>? = nil, paths: [String]? = nil, rotateWith: String? = nil) {
        self.name = name
        self.rotateWith = rotateWith
        liftsUses = uses == Set(Use.allCases)
        self.uses = uses.map { $0.sorted { $0.rawValue < $1.rawValue } }
        self.paths = paths
    }

    func validate(in vault: Vault) throws {
        _ = try change(UsePolicy())
        _ = try vault.read { try $0.find(.connection, name) }
    }

    func run(in transaction: inout Transaction) throws -> Done {
        let row = try transaction.rows.find(.connection, name)
        let state = try transaction.signedState(of: row)
        let before = try transaction.policy(of: row)
        let policy = try change(before)
        guard before != policy else { throw VaultError.input(.nothingToDo(name)) }
        if let program = policy.rotateWith, program != before.rotateWith {
            try transaction.checkHook(
                program, of: row, state, try transaction.connector(named: row.connector))
        }
        try transaction.record(.allowUses, row.object, Change(state: state, details: policy.details))
        return Done()
    }

    private func change(_ policy: UsePolicy) throws -> UsePolicy {
        var policy = policy
        if let uses { policy.uses = liftsUses ? nil : Set(uses) }
        if let paths { policy.paths = try paths.map { try PathRule($0) } }
        if let rotateWith { policy.rotateWith = rotateWith.isEmpty ? nil : rotateWith }
        return policy
    }
}

/// The program that makes new secrets of a connection; nil if there is none, and for every client.
///
/// - Throws: `notFound`.
public struct FindRotationHook: ReadQuery {
    public typealias Answer = String?

    private let owner: String

    /// Creates a query for this connection or client.
    public init(of owner: String) { self.owner = owner }

    func run(on rows: Rows, in vault: Vault) throws -> String? {
        let row = try rows.findEither(owner)
        return row.ownerKind == .connection ? try rows.policy(of: row, in: vault.known).rotateWith : nil
    }
}

extension Transaction {
    /// Checks what is independent of the machine that runs a hook. The machine that runs it checks the file too.
    fileprivate func checkHook(
        _ program: String, of row: OwnerRow, _ state: OwnerState, _ connector: Connector
    ) throws {
        guard program.hasPrefix("/"), program.utf8.count <= 4096, !program.utf8.contains(where: { $0 < 0x20 })
        else {
            throw Problem(
                field: "rotate-with", message: "the hook '\(program)' is not an absolute path",
                hint: "use a path such as /usr/local/libexec/new-key; --rotate-with none removes the hook")
        }
        guard connector.speaksHTTP(with: row.readSettings ?? [:]) else {
            throw VaultError.use(.noHTTP(name: row.name, connector: connector.name))
        }
        guard !state.secrets(.current).isEmpty else {
            throw Problem(
                field: "rotate-with", message: "'\(row.name)' has no secret to rotate",
                hint: "rotate its OAuth 2.0 client, which vault connection show '\(row.name)' names")
        }
    }
}
