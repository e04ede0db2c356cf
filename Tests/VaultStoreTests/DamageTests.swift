import Foundation
import GRDB
import TestSupport
import Testing

@testable import VaultStore

struct DamageTests {
    private let scratch = Scratch()

    // case 41
    @Test func `refuses random bytes and truncated files`() throws {
        try scratch.vault()
        let good = try Data(contentsOf: URL(fileURLWithPath: scratch.path))
        var generator = SeededGenerator(seed: 1)
        for length in [1, 15, 16, 99, 100, 512, 4095, 4096, 4097, 20_000] {
            try expectRefused(Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }))
            try expectRefused(good.prefix(length))
        }
        try expectRefused(good.prefix(16) + Data(repeating: 0, count: 4080))
        try expectRefused(Data(repeating: 0x20, count: 8192))
    }

    // case 41
    @Test func `reads a vault with flipped bits, or throws a StoreError`() throws {
        try scratch.vault()
        let good = try Data(contentsOf: URL(fileURLWithPath: scratch.path))
        var generator = SeededGenerator(seed: 2)
        for round in 0..<400 {
            var bytes = good
            let range = round.isMultiple(of: 4) ? 0..<4096 : 0..<bytes.count
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                bytes[Int.random(in: range, using: &generator)] ^= UInt8.random(
                    in: 1...255, using: &generator)
            }
            try expectNoCrash(bytes)
        }
    }

    // case 41
    @Test func `reads a vault with swapped or zeroed pages, or throws a StoreError`() throws {
        try scratch.vault()
        let good = try Data(contentsOf: URL(fileURLWithPath: scratch.path))
        let pages = good.count / 4096
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<100 {
            var bytes = good
            let from = Int.random(in: 1..<pages, using: &generator) * 4096
            let to = Int.random(in: 1..<pages, using: &generator) * 4096
            let page = Bool.random(using: &generator) ? Data(good[from..<from + 4096]) : Data(count: 4096)
            bytes.replaceSubrange(to..<to + 4096, with: page)
            try expectNoCrash(bytes)
        }
    }

    // case 41: constraints do not bind someone who edits the file.
    @Test(arguments: [
        ("owners", "name = NULL"), ("owners", "settings = NULL"), ("owners", "uid = NULL"),
        ("owners", "note = 5"),
        ("owners", "client = 'x'"), ("secrets", "sealed = NULL"), ("secrets", "field = NULL"),
        ("secrets", "set_at = NULL"),
        ("secrets", "version = -3, epoch = -3"), ("secrets", "epoch = NULL"),
        ("secrets", "settings_digest = 'short'"),
        ("members", "name = NULL"), ("members", "sign_key = 5"), ("slots", "kind = NULL"),
        ("slots", "memory = 'much'"),
        ("epochs", "commitment = NULL"), ("tags", "value = NULL"), ("entries", "entry = NULL"),
        ("heads", "note = NULL"),
        ("entries", "entry = x'ff00'"), ("tiles", "hashes = 5"), ("connectors", "source = NULL"),
        ("grants", "sealed = NULL"),
    ]) func `reports a value of the wrong type as damage`(table: String, change: String) throws {
        try scratch.vault()
        let schema = try scratch.raw { db in
            try String.fetchOne(db, sql: "SELECT sql FROM sqlite_schema WHERE name = ?", arguments: [table])!
        }
        let loose = schema.replacingOccurrences(of: " NOT NULL", with: "")
            .replacingOccurrences(of: ") STRICT, ", with: ") ").replacingOccurrences(
                of: ") STRICT", with: ")"
            )
            .replacingOccurrences(of: "CHECK (", with: "CHECK (1 OR ")
        func setSchema(_ sql: String) throws {
            try scratch.raw { db in
                try db.execute(sql: "PRAGMA writable_schema = ON")
                try db.execute(
                    sql: "UPDATE sqlite_schema SET sql = ? WHERE name = ?",
                    arguments: [sql.trimmingCharacters(in: .whitespaces), table])
            }
        }
        try setSchema(loose)
        try scratch.tamper("PRAGMA foreign_keys = OFF; UPDATE \(table) SET \(change)")
        try setSchema(schema)
        let file = try VaultFile.open(scratch.path)
        if let error = thrownError({ try file.read(Sample.readAll) }) {
            #expect(
                error as? StoreError
                    == .damaged(path: scratch.path, detail: "a row has a value of the wrong type"),
                "\(error)")
        }
    }

    @Test func `reads entries and heads with negative and maximum numbers`() throws {
        try scratch.vault()
        for seq in [-1, Int64.min, Int64.max] {
            try scratch.tamper(
                """
                INSERT INTO entries (seq, entry) VALUES (\(seq), 'x'); INSERT INTO heads (size, note) VALUES (\(seq), 'x')
                """)
        }
        let file = try VaultFile.open(scratch.path)
        try file.read { rows throws in
            try Sample.readAll(rows)
            #expect(try rows.entryCount() == 43)
            #expect(try rows.head(.max) == "x")
            #expect(try rows.entry(.max) == Array("x".utf8))
            #expect(try rows.heads(after: .max, limit: 1).isEmpty)
            let tile = try rows.tile(level: 0, index: .max)
            #expect(tile == nil)
            var oldest: UInt64?
            try rows.forEachEntryBackwards(before: 2) { seq, _ in
                oldest = seq
                return true
            }
            #expect(oldest == 0)
        }
        try scratch.tamper("DELETE FROM entries WHERE seq >= 0")
        #expect(try file.read { try $0.ledgerSize() } == 0)
    }

    @Test func `reads text beyond ASCII, and reports invalid UTF-8 as damage`() throws {
        try scratch.vault()
        try scratch.tamper("UPDATE owners SET note = 'né – 漢' WHERE id = 1")
        #expect(try VaultFile.open(scratch.path).read { try $0.owner(id: 1) }?.note == "né – 漢")
        try scratch.tamper("UPDATE owners SET note = CAST(x'41ff' AS TEXT) WHERE id = 1")
        let file = try VaultFile.open(scratch.path)
        #expect(
            throws: StoreError.damaged(path: scratch.path, detail: "a row has a value of the wrong type")
        ) { try file.read { _ = try $0.owner(id: 1) } }
    }

    // case 41
    @Test(arguments: ["x'01'", "zeroblob(17)", "x''"])
    func `reports an owner ID of the wrong length as damage`(uid: String) throws {
        try scratch.vault()
        try scratch.tamper(
            "PRAGMA ignore_check_constraints = ON; UPDATE owners SET uid = \(uid) WHERE id = 1")
        let file = try VaultFile.open(scratch.path)
        #expect(
            throws: StoreError.damaged(path: scratch.path, detail: "a row has a value of the wrong type")
        ) { try file.read { _ = try $0.owner(id: 1) } }
    }

    @Test func `throws for every use of a closed file`() throws {
        try scratch.vault()
        let file = try VaultFile.open(scratch.path)
        file.connection.close()
        #expect(throws: StoreError.io(path: scratch.path, detail: "internal database error, code 21")) {
            try file.read { _ = try $0.ledgerSize() }
        }
        #expect(throws: StoreError.io(path: scratch.path, detail: "internal database error, code 21")) {
            try file.truncateLog()
        }
    }

    @Test func `reads an entry past a NUL character`() throws {
        try scratch.vault()
        let text = try scratch.raw { db in
            try db.execute(sql: "UPDATE entries SET entry = entry || char(0) || 'more' WHERE seq = 7")
            return try Data.fetchOne(db, sql: "SELECT CAST(entry AS BLOB) FROM entries WHERE seq = 7")!
        }
        #expect(text.contains(0))
        let file = try VaultFile.open(scratch.path)
        try file.read { rows throws in
            #expect(try rows.entry(7) == Array(text))
            var found: [UInt8] = []
            try rows.forEachEntry(in: 7..<8) { found = $1 }
            #expect(found == Array(text))
        }
    }

    private func expectRefused(_ bytes: Data) throws {
        try write(bytes)
        let error = thrownError { try VaultFile.open(scratch.path).read(Sample.readAll) }
        #expect(error is StoreError)
    }

    private func expectNoCrash(_ bytes: Data) throws {
        try write(bytes)
        let error = thrownError {
            let file = try VaultFile.open(scratch.path)
            try file.read(Sample.readAll)
            try file.write { rows throws in
                try rows.putConnector("x", source: "y")
                try rows.appendEntry(1000, "x")
                _ = try rows.insertOwner(Sample.owner(700), words: "w")
            }
        }
        if let error { #expect(error is StoreError, "\(type(of: error)): \(error)") }
    }

    private func write(_ bytes: Data) throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: scratch.path + suffix)
        }
        try scratch.put(bytes, at: scratch.path)
    }
}
