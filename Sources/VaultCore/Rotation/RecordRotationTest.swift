import VaultLedger
import VaultRegistry
import VaultStore

/// Records the result of a test of the pending versions. A failed test revokes an earlier pass.
///
/// - Throws: `notFound`, and `rotation` with `nothingPending`, or `replacedSinceTest` if other versions are pending now.
public struct RecordRotationTest: TransactionOperation, RemoteOperation {
    public typealias Answer = RotationStep

    private let test: RotationTest
    var action: Action { .testRotation }

    /// Creates an operation that records a result.
    public init(_ test: RotationTest) { self.test = test }

    func run(in transaction: inout Transaction) throws -> RotationStep {
        let row = try transaction.rows.findEither(test.owner)
        var state = try transaction.signedState(of: row)
        let pending = try transaction.pending(state, row)
        guard Set(RotationStep(row, pending).versions) == Set(test.versions) else {
            throw VaultError.rotation(.replacedSinceTest(owner: row.name))
        }
        let passedAt = test.hasPassed ? transaction.time : nil
        for var secret in pending {
            secret.testedAt = passedAt
            state.put(secret)
        }
        try transaction.rows.setTested(of: row.id, label: SecretLabel.pending.rawValue, at: passedAt?.text)
        let tried = test.tried.map { trial in
            var members: JSON.Members = ["connection": .string(trial.connection)]
            if let failure = trial.failure { members["failure"] = .string(failure) }
            return JSON.object(members)
        }
        let details: JSON.Members = [
            "outcome": .string(test.hasPassed ? "passed" : "failed"), "tried": .array(tried),
        ]
        try transaction.record(.testRotation, row.object, Change(state: state, details: details))
        return RotationStep(row, pending)
    }
}

/// The result of a test of pending versions.
public struct RotationTest: Sendable, Equatable, Codable {
    /// The name of the tested connection or client.
    public let owner: String
    /// The versions that the requests were made with.
    public let versions: [FieldVersion]
    /// The connections that were tested: the owner itself, or all connections that use a client.
    public let tried: [Trial]

    /// The test request of one connection.
    public struct Trial: Sendable, Equatable, Codable {
        /// The name of the connection.
        public let connection: String
        /// Why it failed, in the words of the connector file or of this program, never of the provider; nil if it passed.
        public let failure: String?

        /// Creates a trial, which passed if `failure` is nil.
        public init(connection: String, failure: String? = nil) {
            self.connection = connection
            self.failure = failure
        }
    }

    /// Creates a result.
    public init(of owner: String, versions: [FieldVersion], tried: [Trial]) {
        self.owner = owner
        self.versions = versions
        self.tried = tried
    }

    /// Whether every connection passed, and there was at least one.
    var hasPassed: Bool { !tried.isEmpty && tried.allSatisfy { $0.failure == nil } }
}
