import CSQLite
import Foundation
import GRDB
import Testing

@testable import VaultStore

struct TransactionTests {
    private let scratch = Scratch()

    @Test func `rolls back a transaction that throws`() throws {
        struct Stop: Error {}
        let file = try VaultFile.create(scratch.path, fill: Sample.fill)
        #expect(throws: Stop.self) {
            try file.write { rows throws in
                try rows.putConnector("half", source: "x")
                throw Stop()
            }
        }
        #expect(try file.read { try $0.connectorSource("half") } == nil)
    }

    @Test func `opens an immutable file by its exact name`() throws {
        try scratch.vault()
        let path = scratch.folder + "/é a?b#c&d%41"
        try FileManager.default.copyItem(atPath: scratch.path, toPath: path)
        let file = try SQLiteConnection(path, .immutable, busyTimeout: 0)
        #expect(try file.number("PRAGMA application_id") == VaultFile.applicationID)
        #expect(throws: SQLiteError.self) { try SQLiteConnection(":memory:", .immutable, busyTimeout: 0) }
    }

    @Test func `refuses to write to a vault opened for reading`() throws {
        try scratch.vault()
        let file = try VaultFile.open(scratch.path, for: .reading)
        #expect(throws: StoreError.readOnly(path: scratch.path)) {
            try file.write { try $0.putConnector("x", source: "y") }
        }
    }

    // case 42
    @Test func `erases a replaced blob once the log is truncated`() throws {
        let file = try VaultFile.create(scratch.path, fill: Sample.fill)
        for length in [64, 200, 9000] {
            var old = Data((0..<length).map { _ in UInt8.random(in: 0...255) })
            old.replaceSubrange(0..<8, with: "OLD-BLOB".utf8)
            let owner = try file.read { try $0.owner("connection", nameKey: "owner-007")!.id }
            func replace(with sealed: [UInt8], version: UInt64) throws {
                try file.write { rows throws in
                    try rows.deleteSecrets(of: owner)
                    try rows.insertSecret(Sample.secret(of: owner, version: version, sealed: sealed))
                }
            }
            try replace(with: Array(old), version: 1)
            // Proves that the search below can find the blob. Pages split a long one.
            #expect(try scratch.allBytes().range(of: old.prefix(60)) != nil)
            try replace(with: [1], version: 2)
            try file.truncateLog()
            let bytes = try scratch.allBytes()
            for start in stride(from: 0, to: length - 16, by: 16) {
                #expect(bytes.range(of: old[start..<start + 16]) == nil)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "-wal")).isEmpty)
        }
    }

    // case 42
    @Test func `erases the old blobs after a rotation and after a removal`() throws {
        let file = try VaultFile.create(scratch.path, fill: Sample.fill)
        let old = (0..<3).map { _ in Data((0..<140).map { _ in UInt8.random(in: 0...255) }) }
        let rows = try file.read { try $0.secretsToReseal(to: 9, after: 0, limit: 3) }
        for (row, blob) in zip(rows, old) {
            try file.write { try $0.reseal(row.id, epoch: 2, sealed: Array(blob)) }
        }
        #expect(try scratch.allBytes().range(of: old[0]) != nil)
        try file.write { try $0.reseal(rows[0].id, epoch: 3, sealed: [1]) }
        try file.write { try $0.deleteOwner($0.owner(uid: rows[1].owner)!.id) }
        try file.write { try $0.deleteSecrets(of: $0.owner(uid: rows[2].owner)!.id) }
        try file.truncateLog()
        let bytes = try scratch.allBytes()
        for blob in old { #expect(bytes.range(of: blob.prefix(32)) == nil) }
    }

    @Test func `waits for a reader before it truncates the log`() throws {
        let file = try VaultFile.create(scratch.path, fill: Sample.fill)
        // The reader ends before the busy timeout.
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: scratch.path, configuration: configuration)
        try reader.inDatabase { db in
            try db.execute(sql: "BEGIN; SELECT count(*) FROM entries")
            DispatchQueue.global().asyncAfter(deadline: .now() + 0.3) {
                try? reader.inDatabase { try $0.execute(sql: "COMMIT") }
            }
        }
        try file.write { try $0.putConnector("x", source: "y") }
        try file.truncateLog()
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "-wal")).isEmpty)
    }

    // case 61
    @Test func `puts no value into errors of SQLite`() throws {
        let file = try VaultFile.create(scratch.path, fill: Sample.fill)
        let canary = "CANARY-4f1d"
        let blob = Array(canary.utf8)
        let existing = try file.read { try $0.owner("connection", nameKey: "owner-001")! }
        var owner = Sample.owner(700)
        (owner.uid, owner.settings, owner.note) = (existing.uid, canary, canary)
        var secret = Sample.secret(of: existing.id, sealed: blob)
        secret.setBy = canary
        var wrongLabel = Sample.secret(of: existing.id, version: 9, sealed: blob)
        wrongLabel.label = canary
        var orphan = Sample.secret(of: 99_999, sealed: blob)
        orphan.field = canary
        let attempts: [(Rows) throws -> Void] = [
            { _ = try $0.insertOwner(owner, words: canary) }, { try $0.insertSecret(secret) },
            { try $0.insertSecret(wrongLabel) }, { try $0.insertSecret(orphan) },
            { try $0.appendEntry(3, canary) },
            { try $0.appendHead(3, canary) },
            {
                try $0.insertMember(
                    MemberRow(id: blob, name: canary, role: canary, signKey: blob, receiveKey: blob))
            },
            { try $0.insertGrant(epoch: 77, member: blob, sealed: blob) },
        ]
        for attempt in attempts {
            let error = try #require(thrownError { try file.write(attempt) })
            guard case .damaged? = error as? StoreError else {
                Issue.record("\(type(of: error))")
                continue
            }
            for text in ["\(error)", String(reflecting: error), error.localizedDescription] {
                #expect(!text.contains("CANARY") && !text.contains("4341"), "\(text)")
            }
        }
    }

    @Test func `maps the errors of SQLite`() {
        let known: [(Int32, StoreError)] = [
            (SQLITE_BUSY, .busy(path: "p")), (SQLITE_LOCKED, .busy(path: "p")),
            (SQLITE_FULL, .full(path: "p")),
            (SQLITE_READONLY, .readOnly(path: "p")), (SQLITE_PERM, .readOnly(path: "p")),
            (SQLITE_NOTADB, .notAVault(path: "p")),
            (SQLITE_MISUSE, .io(path: "p", detail: "internal database error, code 21")),
            (SQLITE_IOERR, .io(path: "p", detail: "the disk or the file system failed")),
            // Extended: SQLITE_IOERR_FSYNC and SQLITE_BUSY_SNAPSHOT (sqlite.org/rescode.html).
            (SQLITE_IOERR | 4 << 8, .io(path: "p", detail: "the disk or the file system failed")),
            (SQLITE_BUSY | 2 << 8, .busy(path: "p")),
        ]
        for (code, expected) in known {
            #expect(StoreError(SQLiteError(code: code, message: "m"), path: "p") == expected)
        }
    }

    @Test("reports every kind of damage without the text of SQLite (case 104)")
    func damage() {
        for code in [
            SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_SCHEMA, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_FORMAT,
            SQLITE_TOOBIG, SQLITE_CONSTRAINT | 3 << 8, SQLITE_CORRUPT | 2 << 8,
        ] {
            guard
                case .damaged("p", let detail) = StoreError(
                    SQLiteError(code: code, message: "RAW"), path: "p")
            else {
                Issue.record("\(code)")
                continue
            }
            #expect(!detail.contains("RAW") && !detail.isEmpty)
        }
    }

    @Test func `gives reasons without the text of SQLite (case 95)`() {
        for code in Int32(1)...Int32(30) {
            for system in [0, ENOSPC, EIO, EROFS, EFBIG, EDQUOT] {
                let fault = SQLiteError(code: code, message: "RAW", systemError: system)
                #expect(!fault.reason.contains("RAW") && !fault.reason.isEmpty)
            }
        }
    }

    @Test func `refuses to change anything in a read transaction`() throws {
        try scratch.vault()
        let file = try VaultFile.open(scratch.path)
        #expect(throws: StoreError.readOnly(path: scratch.path)) {
            try file.read { try $0.putConnector("own", source: "changed") }
        }
        #expect(try file.read { try $0.connectorSource("own") } != "changed")
        try file.write { try $0.putConnector("own", source: "changed") }
        #expect(try file.read { try $0.connectorSource("own") } == "changed")
    }

    @Test func `refuses to continue a transaction that SQLite rolled back`() throws {
        try scratch.vault()
        let file = try VaultFile.open(scratch.path)
        #expect(throws: StoreError.io(path: scratch.path, detail: "internal database error, code 4")) {
            try file.write { rows in
                try rows.db.execute("ROLLBACK")
                try rows.putConnector("own", source: "changed")
            }
        }
        #expect(try file.read { try $0.connectorSource("own") } != "changed")
    }

    @Test func `runs a statement while its own rows are being read`() throws {
        try scratch.vault()
        let file = try VaultFile.open(scratch.path)
        let found = try file.read { rows in
            var found: [UInt64] = []
            try rows.forEachEntry(in: 0..<3) { outer, _ in
                try rows.forEachEntry(in: 0..<3) { inner, _ in found.append(outer * 10 + inner) }
            }
            return found
        }
        #expect(found == [0, 1, 2, 10, 11, 12, 20, 21, 22])
    }

    // case 39
    @Test func `loses no update of connections that write concurrently`() async throws {
        try scratch.vault { try $0.putConnector("count", source: "0") }
        let path = scratch.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let file = try VaultFile.open(path)
                    for _ in 0..<25 { try file.write { try $0.countUp() } }
                }
            }
            try await group.waitForAll()
        }
        #expect(try VaultFile.open(path).read { try $0.connectorSource("count") } == "100")
    }

    static let hasPython = (try? run(["-c", "import sqlite3"]).waitForExit()) == 0

    // case 39
    @Test(.enabled(if: hasPython, "skipped: python3 with sqlite3 is not installed"))
    func `waits for another process that writes`() throws {
        try scratch.vault { try $0.putConnector("count", source: "0") }
        let script = """
            import sqlite3, sys, time
            db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
            for _ in range(20):
                db.execute("BEGIN IMMEDIATE")
                count = int(db.execute("SELECT source FROM connectors WHERE name = 'count'").fetchone()[0])
                time.sleep(0.01)
                db.execute("UPDATE connectors SET source = ? WHERE name = 'count'", (str(count + 1),))
                db.execute("COMMIT")
            """
        let other = try Self.run(["-c", script, scratch.path])
        let file = try VaultFile.open(scratch.path)
        for _ in 0..<20 { try file.write { try $0.countUp() } }
        #expect(other.waitForExit() == 0)
        #expect(try file.read { try $0.connectorSource("count") } == "40")
    }

    private static func run(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        try process.run()
        return process
    }
}

extension Process {
    fileprivate func waitForExit() -> Int32 {
        waitUntilExit()
        return terminationStatus
    }
}

extension Rows {
    fileprivate func countUp() throws {
        try putConnector("count", source: String(Int(connectorSource("count")!)! + 1))
    }
}
