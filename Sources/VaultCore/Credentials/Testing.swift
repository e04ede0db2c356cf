import VaultLedger
import VaultRegistry
import VaultStore

/// How a test of pending versions ended, as whoever made the request tells it.
public struct RotationTest: Sendable, Equatable, Codable {
    public let owner: String
    /// The versions that the request was made with.
    public let versions: [FieldVersion]
    /// The connections that were tried, each with the reason why it failed; a client's are all that use it.
    public let tried: [Trial]

    public struct Trial: Sendable, Equatable, Codable {
        public let connection: String
        /// Nil when it passed. From the connector's file or this program, never from the provider's answer.
        public let failure: String?

        public init(connection: String, failure: String? = nil) {
            self.connection = connection
            self.failure = failure
        }
    }

    public init(of owner: String, versions: [FieldVersion], tried: [Trial]) {
        self.owner = owner
        self.versions = versions
        self.tried = tried
    }

    public var hasPassed: Bool { !tried.isEmpty && tried.allSatisfy { $0.failure == nil } }
}

extension Vault {
    /// Records how a test of pending versions ended. A failed one takes an earlier pass back, and changes nothing else.
    ///
    /// - Throws: `replacedMeanwhile` unless the pending versions are still those that were tested.
    public func recordRotationTest(_ test: RotationTest, as session: Session) throws(VaultError)
        -> RotationStep
    {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.testRotation)
                return try transaction.record(test, of: try transaction.rows.findEither(test.owner))
            }
        }
    }
}

extension Transaction {
    fileprivate mutating func record(_ test: RotationTest, of row: OwnerRow) throws -> RotationStep {
        var state = try signedState(of: row)
        let pending = try pending(state, row)
        guard Set(RotationStep(row, pending).versions) == Set(test.versions) else {
            throw VaultError.rotation(.replacedMeanwhile(owner: row.name))
        }
        let passedAt = test.hasPassed ? time : nil
        for var secret in pending {
            secret.testedAt = passedAt
            state.put(secret)
        }
        try rows.setTested(of: row.id, label: SecretLabel.pending.rawValue, at: passedAt?.text)
        let tried = test.tried.map { trial in
            var members: JSON.Members = ["connection": .string(trial.connection)]
            if let failure = trial.failure { members["failure"] = .string(failure) }
            return JSON.object(members)
        }
        let details: JSON.Members = [
            "outcome": .string(test.hasPassed ? "passed" : "failed"), "tried": .array(tried),
        ]
        try record(.testRotation, row.object, Change(state: state, details: details))
        return RotationStep(row, pending)
    }

    /// Notes in the rows whether an owner's current secrets passed their newest test.
    func noteTest(of row: OwnerRow, passed: Bool) throws {
        try rows.setTested(
            of: row.id, label: SecretLabel.current.rawValue, at: passed ? timeText : nil)
    }

    /// Notes in the rows that an owner's current secrets were used; the entry of the use is the ledger's word for it.
    func noteUse(of row: OwnerRow) throws { try rows.setUsed(of: row.id, at: timeText) }
}
