import VaultLedger
import VaultStore

/// A request that can be sent to an agent, and the type of its answer.
///
/// The name of the type is its name in the agent protocol, so renaming one needs a new protocol version.
public protocol Request: Codable, Sendable {
    associatedtype Answer: Codable, Sendable
}

extension Request {
    /// The name of the type. `String(describing:)` returns the same, but builds a mirror, which costs a short command a
    /// tenth of its run time.
    public static var name: String { _typeName(Self.self, qualified: false) }
}

/// A change of a vault, or a use of its secrets, by a member who has unlocked it.
///
/// Each operation is one file: its parameters, what it does, and its answer. A command, an agent and a test perform the
/// same value and see the same answer and errors.
public protocol Operation: Sendable {
    associatedtype Answer: Sendable

    /// Performs the operation. Callers use `Vault.perform`, which converts the errors of other modules.
    ///
    /// - Throws: Any error. Nothing has changed unless `VaultError.mayHaveChanged` says so.
    func perform(in vault: Vault, as session: Session) throws -> Answer
}

/// An operation that an agent performs for any client of its user. The answers of other operations, such as opened secrets
/// that a proxy sends, never leave the process.
public protocol RemoteOperation: Operation, Request {
    /// Whether the operation is complete once its entries are in the ledger, so that a lost answer can be recovered from
    /// them. False for an answer with a value that exists nowhere else, such as a bundle.
    static var isConfirmedByEntries: Bool { get }
}

extension RemoteOperation {
    public static var isConfirmedByEntries: Bool { true }
}

/// An operation that is one write transaction.
protocol TransactionOperation: Operation {
    /// The action that the member's role must allow.
    var action: Action { get }
    /// Whether new secrets are sealed to the deposit key although the member may open secrets.
    var isDeposit: Bool { get }

    /// Validates the parameters, before the transaction. A mistake is not a refusal: it is neither recorded, nor waits for
    /// another writer.
    func validate(in vault: Vault) throws

    func run(in transaction: inout Transaction) throws -> Answer
}

extension TransactionOperation {
    var isDeposit: Bool { false }

    func validate(in vault: Vault) throws {}

    public func perform(in vault: Vault, as session: Session) throws -> Answer {
        try session.depositing(isDeposit) {
            try validate(in: vault)
            return try vault.change(as: session) { transaction in
                try transaction.mayDo(action)
                return try run(in: &transaction)
            }
        }
    }
}

/// A question that needs no key: it reads plain-text rows and verified entries.
public protocol Query: Request {
    /// Answers the query. Callers use `Vault.perform`, which converts the errors of other modules.
    ///
    /// - Throws: An error for a row that was not found, or a file that was altered.
    func perform(in vault: Vault) throws -> Answer
}

/// A query that is one read transaction.
protocol ReadQuery: Query {
    func run(on rows: Rows, in vault: Vault) throws -> Answer
}

extension ReadQuery {
    public func perform(in vault: Vault) throws -> Answer { try vault.read { try run(on: $0, in: vault) } }
}

/// A query with any number of results. A caller in this process receives them one by one, in constant memory.
public protocol StreamQuery: Query where Answer == [Element] {
    associatedtype Element: Codable, Sendable

    /// Passes each result to `body`, within one read transaction.
    ///
    /// - Throws: `VaultError`, and every error of `body`.
    func forEach(in vault: Vault, _ body: (Element) throws -> Void) throws
}

extension StreamQuery {
    /// Collects all results.
    public func perform(in vault: Vault) throws -> [Element] {
        var all: [Element] = []
        try forEach(in: vault) { all.append($0) }
        return all
    }
}

extension Vault {
    /// Performs an operation as a member who has unlocked this vault.
    ///
    /// - Throws: The error of the operation.
    @discardableResult
    public func perform<O: Operation>(_ operation: O, as session: Session) throws(VaultError) -> O.Answer {
        try VaultError.catching { try operation.perform(in: self, as: session) }
    }

    /// Answers a query.
    ///
    /// - Throws: The error of the query.
    public func perform<Q: Query>(_ query: Q) throws(VaultError) -> Q.Answer {
        try VaultError.catching { try query.perform(in: self) }
    }
}

/// Performs operations: in this process (`Unlocked`), or by asking an agent.
public protocol Operator {
    /// Performs an operation.
    ///
    /// - Throws: The error of the operation, or `agent`.
    @discardableResult
    func perform<O: RemoteOperation>(_ operation: O) throws(VaultError) -> O.Answer
}

/// A vault that this process has unlocked.
public struct Unlocked: Operator {
    /// The vault.
    public let vault: Vault
    /// The session of the member who unlocked it.
    public let session: Session

    /// Creates an unlocked vault.
    public init(_ vault: Vault, as session: Session) {
        (self.vault, self.session) = (vault, session)
    }

    /// Performs an operation in this process.
    ///
    /// - Throws: The error of the operation.
    @discardableResult
    public func perform<O: Operation>(_ operation: O) throws(VaultError) -> O.Answer {
        try vault.perform(operation, as: session)
    }
}

/// The answer of an operation that returns nothing.
public struct Done: Codable, Sendable {
    /// Creates the answer.
    public init() {}
}
