import CSQLite
import Migrations
import VaultText

/// The rows of the file, inside one transaction: every statement of this program stands in an extension of this.
public struct Rows {
    let db: SQLiteConnection

    init(_ db: SQLiteConnection) { self.db = db }
}

extension Rows {
    /// The form of the file; throws when it is no vault, a newer one, or one whose header was damaged.
    func formVersion(path: String) throws -> Int {
        guard try db.number("PRAGMA application_id") == VaultFile.applicationID else {
            try checkNotOurs(path)
            let isEmpty = try db.number("SELECT count(*) FROM sqlite_schema") == 0
            throw isEmpty ? StoreError.noVault(path: path) : .notAVault(path: path)
        }
        let version = Int(try db.number("PRAGMA user_version") ?? 0)
        guard (1...Migrations.steps.count).contains(version) else {
            throw version < 1 ? StoreError.notAVault(path: path) : .tooNew(path: path, version: version)
        }
        return version
    }

    /// A file with all the tables of a vault is one, whatever its header says.
    private func checkNotOurs(_ path: String) throws {
        guard try schemaText().hasSameBytes(as: Migrations.schema) else { return }
        throw StoreError.damaged(path: path, detail: "the application id in its header is not a vault's")
    }

    /// The first object of the schema that is not as this program made it, nil when all is.
    func alteredObject(from schema: String = Migrations.schema) throws -> String? {
        let found = try schemaText()
        if found.hasSameBytes(as: schema) { return nil }
        // Cut at the same places; only the last statement of the whole text has no other behind it.
        func statements(_ text: String) -> [Substring] { (text + "\n").split(separator: ";\n\n") }
        let (have, want) = (statements(found), statements(schema))
        let statement =
            have.first { one in !want.contains { $0.hasSameBytes(as: one) } }
            ?? want.first { one in !have.contains { $0.hasSameBytes(as: one) } }
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

    /// What SQLite itself finds wrong with its pages, indexes and references, in the vault's words; empty when nothing
    /// is.
    public func integrityFaults() throws -> [String] {
        let orphans = try db.all("PRAGMA foreign_key_check") { row in
            "a row of \(try row.text(0)) belongs to nothing in \(try row.text(2))"
        }
        let lines = try db.all("PRAGMA integrity_check(100)") { try $0.text(0) }.filter { $0 != "ok" }
        // "unable to get the page N. error code=266": the disk failed (SQLITE_IOERR_READ), and the file may be whole.
        if lines.contains(where: { $0.contains("error code=\(SQLITE_IOERR | 1 << 8)") }) {
            throw SQLiteFault(code: SQLITE_IOERR, message: "a page cannot be read")
        }
        var faults: [String] = []
        for fault in lines.map(Self.fault) + orphans where !faults.contains(fault) { faults.append(fault) }
        return Array(faults.prefix(20))
    }

    /// A line of `PRAGMA integrity_check`, sorted by what it is about (sqlite.org/pragma.html).
    private static func fault(_ line: String) -> String {
        let words = line.split(separator: " ")
        if let place = words.firstIndex(of: "index"), let name = words[place...].dropFirst().first {
            return "the index \(name) does not have the rows of its table"
        }
        if let table = words.last, line.hasPrefix("CHECK constraint failed in") {
            return "a row of \(table) holds a value that it cannot have"
        }
        if words.contains("value"), let column = words.last(where: { $0.contains(".") }) {
            return "a row holds a value of the wrong kind in \(column)"
        }
        return "pages of the file do not fit together"
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
