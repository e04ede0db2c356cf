import CSQLite
import Migrations

/// The rows of the file, inside one transaction: every statement of this program stands in an extension of this.
public struct Rows {
    let db: SQLiteConnection

    init(_ db: SQLiteConnection) { self.db = db }
}

extension Rows {
    /// The form of the file; throws when it is no vault or a newer one.
    func formVersion(path: String) throws -> Int {
        guard try db.number("PRAGMA application_id") == VaultFile.applicationID else {
            let isEmpty = try db.number("SELECT count(*) FROM sqlite_schema") == 0
            throw isEmpty ? StoreError.noVault(path: path) : .notAVault(path: path)
        }
        let version = Int(try db.number("PRAGMA user_version") ?? 0)
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

    func hasNoTables() throws -> Bool { try db.number("SELECT count(*) FROM sqlite_schema") == 0 }

    /// Every object's own SQL, by type and name. The four tables that FTS5 keeps behind `words` are SQLite's, and
    /// their text is its version's; anything attached to them still shows.
    func schemaText() throws -> String {
        try db.text(
            """
            SELECT group_concat(sql || ';' || char(10), char(10)) FROM (
                SELECT sql FROM sqlite_schema
                WHERE sql IS NOT NULL AND NOT (type = 'table' AND name IN (
                    'words_config', 'words_content', 'words_data', 'words_idx'))
                ORDER BY type, name)
            """) ?? ""
    }

    /// What SQLite itself finds wrong with its pages, indexes and references; empty when nothing is.
    public func integrityFaults() throws -> [String] {
        let orphans = try db.all("PRAGMA foreign_key_check") { row in
            "a row of \(try row.text(0)) belongs to nothing in \(try row.text(2))"
        }
        let lines = try db.all("PRAGMA integrity_check(20)") { try $0.text(0) }
        // "unable to get the page N. error code=266": the disk failed (SQLITE_IOERR_READ), and the file may be whole.
        if lines.contains(where: { $0.contains("error code=") }) {
            throw SQLiteFault(code: SQLITE_IOERR, message: "a page cannot be read")
        }
        return lines.filter { $0 != "ok" }
            + orphans.prefix(20)
    }
}

extension VaultFile {
    /// The schema of a new file, as `migrations/schema.sql` must have it.
    public static func currentSchema() throws -> String { try schema(after: Migrations.steps.count) }

    /// The schema of a file of an older form.
    static func schema(after steps: Int) throws -> String {
        let db = try SQLiteConnection("", .writing, patience: 0)
        for step in Migrations.steps.prefix(steps) { try db.execute(step) }
        return try Rows(db).schemaText()
    }
}
