import GRDB
import Migrations

/// The rows of the file, inside one transaction: every statement of this program stands in an extension of this.
public struct Rows {
    let db: Database

    init(_ db: Database) { self.db = db }
}

extension Rows {
    /// The form of the file; throws when it is no vault or a newer one.
    func formVersion(path: String) throws -> Int {
        guard try Int.fetchOne(db, sql: "PRAGMA application_id") == VaultFile.applicationID else {
            let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
            throw isEmpty ? StoreError.noVault(path: path) : .notAVault(path: path)
        }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version >= 1 else { throw StoreError.notAVault(path: path) }
        guard version <= Migrations.steps.count else { throw StoreError.tooNew(path: path, version: version) }
        return version
    }

    /// The first object of the schema that is not as this program made it, nil when all is.
    func alteredObject(from schema: String = Migrations.schema) throws -> String? {
        let found = try schemaText()
        if found == schema { return nil }
        // Cut at the same places; only the last statement of the whole text has no other behind it.
        func statements(_ text: String) -> [Substring] { (text + "\n").split(separator: ";\n\n") }
        let (have, want) = (statements(found), statements(schema))
        let statement = have.first { !want.contains($0) } ?? want.first { !have.contains($0) }
        guard let statement else { return "the order of the schema" }
        return statement.split(whereSeparator: { $0 == "(" || $0 == "\n" }).first.map(String.init)
    }

    /// Every object's own SQL, by type and name. The four tables that FTS5 keeps behind `words` are SQLite's, and
    /// their text is its version's; anything attached to them still shows.
    func schemaText() throws -> String {
        try String.fetchOne(
            db,
            sql: """
                SELECT group_concat(sql || ';' || char(10), char(10)) FROM (
                    SELECT sql FROM sqlite_schema
                    WHERE sql IS NOT NULL AND NOT (type = 'table' AND name IN (
                        'words_config', 'words_content', 'words_data', 'words_idx'))
                    ORDER BY type, name)
                """) ?? ""
    }

    /// What SQLite itself finds wrong with its pages, indexes and references; empty when nothing is.
    public func integrityFaults() throws -> [String] {
        let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { row in
            "a row of \(row[0] as String) belongs to nothing in \(row[2] as String)"
        }
        return try String.fetchAll(db, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
            + orphans.prefix(20)
    }
}

extension VaultFile {
    /// The schema of a new file, as `migrations/schema.sql` must have it.
    public static func currentSchema() throws -> String { try schema(after: Migrations.steps.count) }

    /// The schema of a file of an older form.
    static func schema(after steps: Int) throws -> String {
        let queue = try DatabaseQueue()
        return try queue.write { db in
            for step in Migrations.steps.prefix(steps) { try db.execute(sql: step) }
            return try Rows(db).schemaText()
        }
    }
}
