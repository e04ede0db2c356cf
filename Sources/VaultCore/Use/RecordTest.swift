import VaultLedger
import VaultStore

/// Records the result of a connection test, and of the current secrets also in the connection's row.
///
/// - Throws: `notFound`, and `changedConcurrently` if another connection has the name now.
public struct RecordTest: TransactionOperation {
    public typealias Answer = Done

    private let outcome: TestOutcome
    private let connection: OpenedConnection
    var action: Action { .testedConnection }

    /// Creates an operation that records an outcome.
    public init(_ outcome: TestOutcome, of connection: OpenedConnection) {
        (self.outcome, self.connection) = (outcome, connection)
    }

    func run(in transaction: inout Transaction) throws -> Done {
        let row = try transaction.rows.find(.connection, connection.connection)
        guard connection.id == nil || connection.id == row.identifier else {
            throw VaultError.input(.changedConcurrently(name: row.name))
        }
        var details = connection.details()
        details["result"] = .string(outcome.passed ? "passed" : "failed")
        details["status"] = outcome.status.map { .integer(Int64($0)) }
        details["why"] = outcome.why.map { .string($0) }
        let seq = transaction.ledger.range.size
        try transaction.record(.testedConnection, row.object, Change(details: details))
        if connection.label == .current {
            try transaction.rows.setTest(of: row.id, seq: seq)
            try transaction.rows.setTested(of: row.id, label: SecretLabel.current.rawValue, at: nil)
            // Only of the versions that the entry names: `audit verify` compares the rows with it.
            for (field, version) in connection.versions where outcome.passed {
                try transaction.rows.setTested(
                    of: row.id, field: field, version: version, at: transaction.timeText)
            }
        }
        return Done()
    }
}
