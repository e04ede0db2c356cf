import Foundation
import GRDB
import Migrations
import TestSupport
import Testing

@testable import VaultStore

struct SchemaTests {
    private let scratch = Scratch()

    @Test("matches the schema in docs/format.md")
    func documented() throws {
        let path = Repository.file("docs/format.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let block = try #require(
            text.components(separatedBy: "```sql\n").last?.components(separatedBy: "\n```").first)
        #expect(block == Migrations.schema.trimmingCharacters(in: .newlines))
    }

    @Test func `expects the schema that the migrations create`() throws {
        #expect(try VaultFile.schema(after: Migrations.steps.count) == Migrations.schema)
    }

    @Test func `embeds every migration on disk, in order`() throws {
        let folder = Repository.file("migrations")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".sql")
        }
        let steps = names.filter { $0 != "schema.sql" }.sorted()
        #expect(names.contains("schema.sql"))
        #expect(steps.count == Migrations.steps.count)
        for (name, step) in zip(steps, Migrations.steps) {
            #expect(try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8) == step)
        }
    }

    // case 35
    @Test(arguments: [VaultFile.Access.reading, .writing])
    func `configures durable writes, secure deletion and an untrusted schema on every connection`(
        access: VaultFile.Access
    ) throws {
        let made = try VaultFile.create(scratch.path, fill: Sample.fill)
        for file in [made, try VaultFile.open(scratch.path, for: access)] {
            try file.exclusively { db throws in
                for (pragma, value) in [
                    "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "trusted_schema": 0,
                    "cell_size_check": 1, "temp_store": 2, "user_version": Migrations.steps.count,
                    "application_id": 0x7661_7531,
                ] {
                    let found = try db.number("PRAGMA \(pragma)").map(Int.init)
                    #expect(found == value, "\(pragma)")
                }
                let journal = try db.text("PRAGMA journal_mode")
                #expect(journal == "wal")
            }
        }
    }

    // case 40
    @Test(arguments: [
        ("CREATE TRIGGER spy AFTER INSERT ON secrets BEGIN DELETE FROM entries; END", "CREATE TRIGGER spy"),
        ("CREATE TRIGGER spy2 AFTER INSERT ON words_content BEGIN SELECT 1; END", "CREATE TRIGGER spy2"),
        ("CREATE VIEW spy3 AS SELECT * FROM secrets", "CREATE VIEW spy3"),
        ("CREATE TABLE spy4 (x)", "CREATE TABLE spy4"),
        ("CREATE TABLE words_docsize (x)", "CREATE TABLE words_docsize"),
        ("CREATE INDEX spy5 ON members (name)", "CREATE INDEX spy5"),
        ("CREATE VIRTUAL TABLE spy6 USING fts5 (x)", "CREATE VIRTUAL TABLE spy6"),
        ("DROP INDEX owners_by_name", "CREATE UNIQUE INDEX owners_by_name"),
        ("DROP TABLE tiles", "CREATE TABLE tiles"), ("DROP TABLE words", "CREATE VIRTUAL TABLE words"),
        ("ALTER TABLE owners ADD COLUMN extra TEXT", "CREATE TABLE owners"),
        ("ALTER TABLE secrets RENAME COLUMN set_by TO by", "CREATE TABLE secrets"),
        (
            "DROP INDEX owners_by_name; CREATE INDEX owners_by_name ON owners (kind, name_key)",
            "CREATE INDEX owners_by_name"
        ),
        ("ANALYZE", "CREATE TABLE sqlite_stat1"),
    ]) func `names the altered object of a schema that it refuses`(sql: String, object: String) throws {
        try scratch.vault()
        try scratch.tamper(sql)
        for access in [VaultFile.Access.reading, .writing] {
            guard
                case .alteredSchema(scratch.path, let named)? = thrownError({
                    _ = try VaultFile.open(scratch.path, for: access)
                }) as? StoreError
            else {
                Issue.record("not refused: \(sql)")
                return
            }
            #expect(named.hasPrefix(object))
        }
    }

    // case 40
    @Test func `refuses an altered file of an older version before migrating it`() throws {
        try scratch.put(Data(), at: scratch.path)
        try scratch.tamper(
            Migrations.steps[0] + "; PRAGMA journal_mode = WAL; PRAGMA application_id = \(0x7661_7531); "
                + "PRAGMA user_version = 1; CREATE TRIGGER spy AFTER INSERT ON secrets BEGIN SELECT 1; END")
        #expect(
            throws: StoreError.alteredSchema(
                path: scratch.path, object: "CREATE TRIGGER spy AFTER INSERT ON secrets BEGIN SELECT 1; END")
        ) {
            try VaultFile.open(scratch.path)
        }
        #expect(try scratch.raw { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 1)
        try scratch.tamper("DROP TRIGGER spy")
        _ = try VaultFile.open(scratch.path)
        #expect(
            try scratch.raw { try Int.fetchOne($0, sql: "PRAGMA user_version") } == Migrations.steps.count)
    }

    // case 40
    @Test func `never runs an added trigger`() throws {
        try scratch.vault()
        try scratch.tamper("CREATE TRIGGER spy AFTER INSERT ON connectors BEGIN DELETE FROM entries; END")
        #expect(throws: StoreError.self) {
            let file = try VaultFile.open(scratch.path)
            try file.write { try $0.putConnector("x", source: "y") }
        }
        #expect(try scratch.raw { try Int.fetchOne($0, sql: "SELECT count(*) FROM entries") } == 40)
    }

    @Test func `distinguishes an empty file, another database and a damaged vault`() throws {
        let path = scratch.path
        func expect(_ error: StoreError, _ sql: String) throws {
            try? FileManager.default.removeItem(atPath: path)
            try scratch.put(Data(), at: path)
            try scratch.tamper(sql)
            #expect(throws: error) { try VaultFile.open(path) }
        }
        try expect(.notAVault(path: path), "CREATE TABLE notes (x)")
        try expect(.notAVault(path: path), "PRAGMA application_id = 7; CREATE TABLE notes (x)")
        try expect(.noVault(path: path), "CREATE TABLE notes (x); DROP TABLE notes; VACUUM")
        try expect(.notAVault(path: path), "PRAGMA application_id = \(0x7661_7531); CREATE TABLE notes (x)")
        try expect(
            .notAVault(path: path),
            "PRAGMA application_id = \(0x7661_7531); PRAGMA user_version = -1; CREATE TABLE x (y)")
        try expect(
            .alteredSchema(path: path, object: "CREATE TABLE notes "),
            "PRAGMA application_id = \(0x7661_7531); PRAGMA user_version = 1; CREATE TABLE notes (x)")
    }

    @Test func `refuses a vault with a newer schema version`() throws {
        try scratch.vault()
        try scratch.tamper("PRAGMA user_version = \(Migrations.steps.count + 1)")
        #expect(
            throws: StoreError.tooNew(
                path: scratch.path, version: Migrations.steps.count + 1, supported: Migrations.steps.count)
        ) {
            try VaultFile.open(scratch.path)
        }
    }

    @Test func `refuses to create a vault in another database`() throws {
        try scratch.put(Data(), at: scratch.path)
        try scratch.tamper("CREATE TABLE notes (x); INSERT INTO notes VALUES (5)")
        #expect(throws: StoreError.alreadyExists(path: scratch.path)) {
            try VaultFile.create(scratch.path) { _ in }
        }
        #expect(try scratch.raw { try Int.fetchOne($0, sql: "SELECT x FROM notes") } == 5)
    }
}
