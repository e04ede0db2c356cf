public import VaultLedger
import VaultStore

/// What a test of a connection showed, in the connector's words or this program's; never the other side's.
public struct TestOutcome: Sendable, Equatable, Codable {
    public let passed: Bool
    /// The status that was answered; nil when nothing was.
    public let status: Int?
    public let why: String?
    public let next: String?

    public init(passed: Bool, status: Int? = nil, why: String? = nil, next: String? = nil) {
        self.passed = passed
        self.status = status
        self.why = why
        self.next = next
    }
}

/// A test that was told to the ledger.
public struct TestRecord: Sendable, Equatable {
    public let outcome: TestOutcome
    public let time: Timestamp
    public let by: String
    /// The versions that were tested, by field.
    let versions: [String: UInt64]

    /// Whether it was of other versions than the present ones: it says nothing of these.
    public func isOutdated(by secrets: [SecretInfo]) -> Bool {
        secrets.contains { secret in
            secret.isCurrent && versions[secret.field].map { $0 != secret.version } ?? false
        }
    }

    init?(_ entry: Entry) {
        guard entry.action == .testedConnection, let result = entry.change.details["result"]?.string else {
            return nil
        }
        outcome = TestOutcome(
            passed: result == "passed", status: entry.change.details["status"]?.integer.map(Int.init),
            why: entry.change.details["why"]?.string)
        time = entry.time
        by = entry.actor.name
        let pairs = entry.change.details["versions"]?.object?.pairs ?? []
        versions = Dictionary(
            uniqueKeysWithValues: pairs.map { ($0.key, UInt64(clamping: $0.value.integer ?? 0)) })
    }
}

/// The last use of a connection's secrets.
public struct UseRecord: Sendable, Equatable {
    /// `exec`, `request`, `proxy`, `token` or `test`.
    public let use: String
    public let time: Timestamp
    public let by: String
    public let program: String
}

/// How a connection may be used, and was used last.
public struct ConnectionUsage: Sendable {
    public let policy: UsePolicy
    public let last: UseRecord?
}

extension Vault {
    /// Tells the ledger what a test showed; of the current secrets also the connection's row.
    public func recordTest(_ outcome: TestOutcome, of use: OpenedUse, as session: Session) throws(VaultError)
    {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.testedConnection)
                let row = try transaction.rows.find(.connection, use.connection)
                guard use.id == nil || use.id == row.identifier else {
                    throw VaultError.changedMeanwhile(name: use.connection)
                }
                var details = use.entryDetails
                details["result"] = .string(outcome.passed ? "passed" : "failed")
                details["status"] = outcome.status.map { .integer(Int64($0)) }
                details["why"] = outcome.why.map { .string($0) }
                let seq = transaction.ledger.range.size
                try transaction.record(.testedConnection, row.object, Change(details: details))
                if use.label == .current {
                    try transaction.rows.setTest(of: row.id, seq: seq)
                    try transaction.noteTest(of: row, passed: outcome.passed)
                }
            }
        }
    }
}

extension Rows {
    func testRecord(of row: OwnerRow) throws -> TestRecord? {
        guard let test = try testEntry(of: row.id) else { return nil }
        let entry = try knownEntry(test.entry, seq: test.seq)
        return entry.object.id == row.identifier.hex ? TestRecord(entry) : nil
    }

    /// The newest entry that used one of the owner's secrets.
    func lastUse(of row: OwnerRow) throws -> UseRecord? {
        var last: UseRecord?
        try forEachUseBackwards(of: row.identifier.hex) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            guard let use = entry.action.use else { return true }
            let program = entry.change.details["program"]?.string ?? ""
            last = UseRecord(use: use, time: entry.time, by: entry.actor.name, program: program)
            return false
        }
        return last
    }
}
