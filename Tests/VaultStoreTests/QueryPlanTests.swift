import CSQLite
import Foundation
import Testing

@testable import VaultStore

/// No statement scans a table that its command does not print, according to SQLite's query plans.
struct QueryPlanTests {
    private let scratch = Scratch()

    @Test func `looks up rows and pages without a table scan`() throws {
        let id = Sample.hexID(2)
        let plans = try self.plans { rows throws in
            _ = (
                try rows.owner("connection", nameKey: "a"), try rows.owner(id: 3),
                try rows.owner(uid: Sample.id(1))
            )
            _ = (try rows.tags(of: 3), try rows.secrets(of: 3))
            _ = (
                try rows.entry(3), try rows.ledgerSize(), try rows.newestState(of: id), try rows.newestHead()
            )
            _ = (try rows.head(3), try rows.heads(after: 3, limit: 1), try rows.tile(level: 0, index: 0))
            try rows.forEachEntry(in: 3..<5) { _, _ in }
            try rows.forEachEntryBackwards(before: 9) { _, _ in false }
            try rows.forEachEntry(about: id) { _, _ in }
            _ = (try rows.grant(epoch: 1, member: Sample.id(1)), try rows.grantedMembers(epoch: 1))
            _ = (try rows.connectorSource("own"), try rows.isConnectorUsed("http"))
            _ = try rows.ownerNames("connection", around: "m", limit: 3)
            _ = (try rows.countOwners("client"), try rows.secretsToReseal(to: 2, after: 0, limit: 9))
            _ = try rows.ownersWithDeposits(after: 0, limit: 9)
            _ = try rows.firstEntry(about: id)
            _ = (try rows.newestState(of: id, before: 9), try rows.owners(after: 0, limit: 9))
        }
        #expect(plans.count >= 21)
        for plan in plans { #expect(!plan.steps.contains(where: isScan), "\(plan)") }
        // Only the history of an object needs sorting.
        for plan in plans where !plan.sql.contains("WHERE object_id = ") || plan.sql.contains("LIMIT 1") {
            #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }

    @Test func `reads a page of a list from an index with any combination of filters`() throws {
        let filters: [(inout OwnerQuery) -> Void] = [
            { $0.connector = "http" }, { $0.after = "m" }, { $0.limit = 5 }, { $0.client = 3 },
            { $0.tags = [("env", "prod")] }, { $0.match = "owner" },
        ]
        for chosen in 0..<(1 << filters.count) {
            var query = OwnerQuery(kind: "connection")
            for (bit, filter) in filters.enumerated() where chosen >> bit & 1 == 1 { filter(&query) }
            let plans = try self.plans { try $0.forEachOwner(query) { _ in } }
            #expect(plans.count == 1)
            #expect(!plans[0].steps.contains(where: isScan), "\(plans[0])")
            // Without a search or a tag, an index gives the order as well.
            if chosen < 16 { #expect(!plans[0].steps.contains { $0.contains("TEMP B-TREE") }, "\(plans[0])") }
        }
    }

    @Test func `finds the rows of changes by an index`() throws {
        let plans = try self.plans { rows throws in
            try rows.deleteSecrets(of: 3)
            try rows.deleteSecret(of: 3, field: "x", version: 1)
            try rows.label(of: 3, field: "x", version: 1, "previous", keepUntil: nil)
            try rows.setTested(of: 3, label: "pending", at: nil)
            try rows.setUsed(of: 3, at: "2026-01-01T00:00:00Z")
            _ = try rows.ownersPastOverlap(by: "2026-01-01T00:00:00Z", limit: 9)
            _ = try rows.ownersInRotation()
            try rows.setRotateBy(of: 3, field: "x", version: 1, nil)
            try rows.forEachDue(by: "2026-01-01T00:00:00Z") { _ in }
            try rows.forEachSecret(setBy: "2026-01-01T00:00:00Z") { _ in }
            try rows.forEachUnused(since: "2026-01-01T00:00:00Z") { _ in }
            try rows.forEachUntested { _ in }
            try rows.forEachEntryBackwards(about: Sample.hexID(2), hasState: true) { _, _ in true }
            try rows.forEachEntryBackwards(about: Sample.hexID(2), hasState: false) { _, _ in true }
            try rows.reseal(3, epoch: 2, sealed: [1])
            try rows.reseal(Sample.blobs([3, 5]), epoch: 2, list: 7)
            try rows.setDigestList(3, 7)
            _ = try rows.digestListHint(of: Sample.id(1), "x", 1)
            _ = (try rows.digestList(3), try rows.digestLists(in: 0..<9))
            try rows.setTags([], of: 3)
            try rows.deleteSlot(Sample.id(2))
            try rows.retireEpoch(7)
            var owner = try rows.owner(id: 3)!
            owner.note = "x"
            try rows.updateOwner(owner, words: "x")
        }
        for plan in plans { #expect(!plan.steps.contains(where: isScan), "\(plan)") }
    }

    private struct Plan: CustomStringConvertible {
        let sql: String
        let steps: [String]
        var description: String { sql + "\n" + steps.joined(separator: "\n") }
    }

    /// Whether a step scans a table. SQLite also calls a full-text query a scan.
    private func isScan(_ step: String) -> Bool {
        step.hasPrefix("SCAN") && !step.hasPrefix("SCAN CONSTANT ROW")
            && !(step.contains("VIRTUAL TABLE INDEX") && (step.hasSuffix("M1") || step.hasSuffix("=")))
    }

    /// Whether this program runs the statement, and not FTS5 on its shadow tables.
    private func isOurs(_ sql: String) -> Bool {
        !sql.hasPrefix("--") && !sql.hasPrefix("PRAGMA") && !sql.contains("'main'.'words_")
    }

    /// The query plans of all statements that `body` runs.
    private func plans(_ body: (Rows) throws -> Void) throws -> [Plan] {
        if !FileManager.default.fileExists(atPath: scratch.path) { try scratch.vault() }
        let db = try SQLiteConnection(scratch.path, .writing, busyTimeout: 0)
        let statements = try db.traced { try body(Rows(db)) }
        return try statements.filter(isOurs).map { sql in
            Plan(sql: sql, steps: try db.all("EXPLAIN QUERY PLAN " + sql) { try $0.text(3) })
        }
    }
}

extension SQLiteConnection {
    /// Returns the statements that `body` runs, with their arguments.
    fileprivate func traced(_ body: () throws -> Void) throws -> [String] {
        final class Trace { var statements: [String] = [] }
        let trace = Trace()
        unsafe sqlite3_trace_v2(
            handle, UInt32(SQLITE_TRACE_STMT),
            { _, context, statement, text in
                // Nested statements, as of FTS5, are traced as comments.
                if let text = unsafe text?.assumingMemoryBound(to: CChar.self), unsafe text.pointee == 0x2D {
                    return 0
                }
                guard let expanded = unsafe sqlite3_expanded_sql(OpaquePointer(statement)) else { return 0 }
                let trace = unsafe Unmanaged<Trace>.fromOpaque(context!).takeUnretainedValue()
                trace.statements.append(unsafe String(cString: expanded))
                unsafe sqlite3_free(expanded)
                return 0
            }, Unmanaged.passUnretained(trace).toOpaque())
        defer { unsafe sqlite3_trace_v2(handle, 0, nil, nil) }
        try body()
        return trace.statements
    }
}
