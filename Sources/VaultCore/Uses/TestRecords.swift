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
    /// The versions that were tested, by field; the client's secret among them.
    let versions: [String: UInt64]
    /// Whether it was of other versions than the present ones: it says nothing of these.
    public internal(set) var isOutdated = false

    func isOutdated(by current: [String: UInt64]) -> Bool {
        versions.contains { field, version in current[field].map { $0 != version } ?? false }
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

    /// The test of a rotation, as far as it says that a connection worked with what was pending then.
    init?(rotation entry: Entry, with connection: String) {
        let tried = entry.change.details["tried"]?.array?.first {
            $0["connection"] == .string(connection) && $0["failure"] == nil
        }
        guard entry.action == .testRotation, tried != nil else { return nil }
        outcome = TestOutcome(passed: true)
        time = entry.time
        by = entry.actor.name
        let tested = entry.change.state?.secrets.filter { $0.label == .pending } ?? []
        versions = Dictionary(tested.map { ($0.field, $0.version) }) { $1 }
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
    /// The newest test that a connection's present secrets had, or else an outdated one.
    ///
    /// A rotation tests its versions while they are pending; what they became is as good as tested then.
    func testRecord(of row: OwnerRow, _ own: [SecretRow]) throws -> TestRecord? {
        let test = try testEntry(of: row.id)
        guard test != nil || row.client != nil || own.contains(where: { $0.testedAt != nil }) else {
            return nil
        }
        let client = try row.client.flatMap { try owner(id: $0) }
        let current = try (own + (client.map { try secrets(of: $0.id) } ?? [])).filter(\.isCurrent)
        let versions = Dictionary(current.map { ($0.field, $0.version) }) { $1 }
        var record: TestRecord?
        if let test {
            let entry = try knownEntry(test.entry, seq: test.seq)
            if entry.object.id == row.identifier.hex { record = TestRecord(entry) }
        }
        let isOutdated = record?.isOutdated(by: versions) ?? true
        record?.isOutdated = isOutdated
        guard isOutdated, current.contains(where: { $0.testedAt != nil }) else { return record }
        for rotated in [row, client].compactMap(\.self) {
            if let passed = try rotationTest(of: rotated, with: row.name, versions) { return passed }
        }
        return record
    }

    /// The newest test of a rotation that present versions of an owner passed with a connection, while they were pending.
    private func rotationTest(
        of owner: OwnerRow, with connection: String, _ current: [String: UInt64]
    ) throws -> TestRecord? {
        var passed: TestRecord?
        try forEachState(of: owner) { entry in
            if let test = TestRecord(rotation: entry, with: connection), !test.versions.isEmpty,
                !test.isOutdated(by: current)
            {
                passed = test
            }
            // No version was tested before it was there.
            let newest = Dictionary(
                (entry.change.state?.secrets ?? []).map { ($0.field, $0.version) }, uniquingKeysWith: max)
            let isBeginning = newest.contains { field, version in
                version == current[field] && entry.brings(field)
            }
            return passed == nil && !isBeginning
        }
        return passed
    }

    /// When a client's version was last seen to work: by the tests of the connections that use it.
    func clientTest(of client: Int64, _ field: String, version: UInt64) throws -> Timestamp? {
        var time: Timestamp?
        try forEachTest(ofClient: client) { seq, bytes in
            let record = TestRecord(try knownEntry(bytes, seq: seq))
            if let record, record.outcome.passed, record.versions[field] == version { time = record.time }
            return time == nil
        }
        return time
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
