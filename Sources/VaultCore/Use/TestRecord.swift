public import VaultLedger
import VaultStore

/// The result of a connection test. Its texts are from the connector file or this program, never from the provider.
public struct TestOutcome: Sendable, Equatable, Codable {
    /// Whether the test passed.
    public let passed: Bool
    /// The HTTP status, or nil without a response.
    public let status: Int?
    /// Why the test failed.
    public let why: String?
    /// What the user can do about it.
    public let next: String?

    /// Creates an outcome.
    public init(passed: Bool, status: Int? = nil, why: String? = nil, next: String? = nil) {
        (self.passed, self.status, self.why, self.next) = (passed, status, why, next)
    }
}

/// A test in the ledger.
public struct TestRecord: Sendable, Equatable, Codable {
    /// The result of the test.
    public let outcome: TestOutcome
    /// When it was recorded.
    public let time: Timestamp
    /// The name of the member who ran it.
    public let by: String
    /// The tested versions by field, including the client's secret.
    let versions: [String: UInt64]
    /// Whether it tested other versions than the current ones.
    public internal(set) var isOutdated = false

    func isOutdated(by current: [String: UInt64]) -> Bool {
        versions.contains { field, version in current[field].map { $0 != version } ?? false }
    }

    private init(_ outcome: TestOutcome, _ entry: Entry, _ versions: [String: UInt64]) {
        (self.outcome, time, by, self.versions) = (outcome, entry.time, entry.actor.name, versions)
    }

    init?(_ entry: Entry) {
        let details = entry.change.details
        guard entry.action == .testedConnection, let result = details["result"]?.string else { return nil }
        let outcome = TestOutcome(
            passed: result == "passed", status: details["status"]?.integer.map(Int.init),
            why: details["why"]?.string)
        let pairs = details["versions"]?.object?.pairs ?? []
        self.init(
            outcome, entry,
            Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, UInt64(clamping: $0.value.integer ?? 0)) }))
    }

    /// The test of a rotation, if the connection passed it with the versions that were pending then.
    init?(rotation entry: Entry, with connection: String) {
        let tried = entry.change.details["tried"]?.array?.first {
            $0["connection"] == .string(connection) && $0["failure"] == nil
        }
        guard entry.action == .testRotation, tried != nil else { return nil }
        let tested = entry.change.state?.secrets(.pending) ?? []
        self.init(
            TestOutcome(passed: true), entry,
            Dictionary(tested.map { ($0.field, $0.version) }) { $1 })
    }
}

/// The last use of a connection's secrets.
public struct UseRecord: Sendable, Equatable, Codable {
    /// `exec`, `request`, `proxy`, `token` or `test`.
    public let use: String
    /// When it was recorded.
    public let time: Timestamp
    /// The name of the member.
    public let by: String
    /// The program that was run; empty for other uses than `exec`.
    public let program: String
}

/// The policy of a connection, and its last use.
public struct ConnectionUsage: Sendable, Codable {
    /// The allowed uses.
    public let policy: UsePolicy
    /// The last use, or nil if there was none.
    public let last: UseRecord?
}

extension Rows {
    /// The newest test of a connection's current secrets, or an outdated one.
    ///
    /// A version that passed the test of a rotation while it was pending counts as tested.
    func testRecord(of row: OwnerRow, _ own: [SecretRow]) throws -> TestRecord? {
        let client = try row.client.flatMap { try owner(id: $0) }
        let current = try (own + (client.map { try secrets(of: $0.id) } ?? [])).filter(\.isCurrent)
        let versions = Dictionary(current.map { ($0.field, $0.version) }) { $1 }
        var record: TestRecord?
        if let test = try testEntry(of: row.id) {
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

    /// The newest test of a rotation that the current versions of an owner passed with a connection.
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
            // No version was tested before it existed.
            let newest = Dictionary(
                (entry.change.state?.secrets ?? []).map { ($0.field, $0.version) }, uniquingKeysWith: max)
            let isBeginning = newest.contains { field, version in
                version == current[field] && entry.brings(field)
            }
            return passed == nil && !isBeginning
        }
        return passed
    }

    /// The time of the last passed test of a client's version, through the connections that use it.
    func clientTest(of client: Int64, _ field: String, version: UInt64) throws -> Timestamp? {
        var time: Timestamp?
        try forEachTest(ofClient: client) { seq, bytes in
            let record = TestRecord(try knownEntry(bytes, seq: seq))
            if let record, record.outcome.passed, record.versions[field] == version { time = record.time }
            return time == nil
        }
        return time
    }

    func lastUse(of row: OwnerRow) throws -> UseRecord? {
        var last: UseRecord?
        try forEachEntryBackwards(about: row.identifier.hex, hasState: false) { seq, bytes in
            let entry = try knownEntry(bytes, seq: seq)
            guard let use = entry.action.use else { return true }
            let program = entry.change.details["program"]?.string ?? ""
            last = UseRecord(use: use, time: entry.time, by: entry.actor.name, program: program)
            return false
        }
        return last
    }
}
