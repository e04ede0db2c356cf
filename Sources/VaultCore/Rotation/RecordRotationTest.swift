import VaultLedger
import VaultRegistry
import VaultStore

/// Records the result of a test of the pending versions. A failed test revokes an earlier pass.
///
/// - Throws: `notFound`, and `rotation` with `nothingPending`, or `replacedSinceTest` if other versions are pending now.
public struct RecordRotationTest: TransactionOperation, RemoteOperation {
    public typealias Answer = RotationStep

    /// The test request of one connection.
    public struct Trial: Sendable, Equatable, Codable {
        /// The name of the connection.
        public let connection: String
        /// Why it failed: a text of the connector file or of this program, never of the provider; nil if it passed.
        public let failure: String?

        /// Creates a trial, which passed if `failure` is nil.
        public init(connection: String, failure: String? = nil) {
            (self.connection, self.failure) = (connection, failure)
        }
    }

    private struct Test: Codable {
        let owner: String
        let versions: [FieldVersion]
        let tried: [Trial]
    }

    private let test: Test
    var action: Action { .testRotation }

    /// - Parameters:
    ///   - owner: The name of the tested connection or client.
    ///   - versions: The versions that the requests were made with.
    ///   - tried: The connections that were tested: the owner itself, or all connections that use a client.
    public init(of owner: String, versions: [FieldVersion], tried: [Trial]) {
        test = Test(owner: owner, versions: versions, tried: tried)
    }

    func run(in transaction: inout Transaction) throws -> RotationStep {
        let row = try transaction.rows.findEither(test.owner)
        var state = try transaction.signedState(of: row)
        let pending = try transaction.pending(state, row)
        guard Set(pending.map(FieldVersion.init)) == Set(test.versions) else {
            throw VaultError.rotation(.replacedSinceTest(owner: row.name))
        }
        let hasPassed = !test.tried.isEmpty && test.tried.allSatisfy { $0.failure == nil }
        let passedAt = hasPassed ? transaction.time : nil
        for var secret in pending {
            secret.testedAt = passedAt
            state.put(secret)
        }
        try transaction.rows.setTested(of: row.id, label: SecretLabel.pending.rawValue, at: passedAt?.text)
        let tried = test.tried.map { trial in
            var members: JSON.Members = ["connection": .string(trial.connection)]
            members["failure"] = trial.failure.map { .string($0) }
            return JSON.object(members)
        }
        let details: JSON.Members = [
            "outcome": .string(hasPassed ? "passed" : "failed"), "tried": .array(tried),
        ]
        try transaction.record(.testRotation, row.object, Change(state: state, details: details))
        return RotationStep(row, pending)
    }
}
