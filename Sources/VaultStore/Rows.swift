import CSQLite
import Migrations
import VaultText

/// Access to the tables within one transaction. Its extensions hold every SQL statement of this program.
///
/// "A database error" below is an error of SQLite or a value of the wrong type; `VaultFile` maps it to `StoreError`.
public struct Rows {
    let db: SQLiteConnection

    init(_ db: SQLiteConnection) { self.db = db }
}

extension Rows {
    /// Returns the schema version.
    ///
    /// - Throws: `noVault` for an empty file, `notAVault`, `tooNew`, or `damaged` for a vault with a damaged header.
    func schemaVersion(path: String) throws -> Int {
        guard try db.number("PRAGMA application_id") == VaultFile.applicationID else {
            // A file with the schema of a vault is a vault with a damaged header.
            if try schemaText().hasSameBytes(as: Migrations.schema) {
                throw StoreError.damaged(path: path, detail: "invalid application ID in its header")
            }
            throw try hasNoTables() ? StoreError.noVault(path: path) : .notAVault(path: path)
        }
        let version = Int(try db.number("PRAGMA user_version") ?? 0)
        guard (1...Migrations.steps.count).contains(version) else {
            throw version < 1
                ? StoreError.notAVault(path: path)
                : .tooNew(path: path, version: version, supported: Migrations.steps.count)
        }
        return version
    }

    /// Returns the beginning of the first statement that differs between the file's schema and `schema`; nil if they match.
    func alteredObject(from schema: String = Migrations.schema) throws -> String? {
        let found = try schemaText()
        if found.hasSameBytes(as: schema) { return nil }
        // The last statement is not followed by an empty line.
        func statements(_ text: String) -> [Substring] { (text + "\n").split(separator: ";\n\n") }
        let (have, want) = (statements(found), statements(schema))
        let statement =
            have.first { one in !want.contains { $0.hasSameBytes(as: one) } }
            ?? want.first { one in !have.contains { $0.hasSameBytes(as: one) } }
        guard let statement else { return "the order of the schema" }
        return statement.split(whereSeparator: { $0 == "(" || $0 == "\n" }).first.map(String.init)
    }

    func hasNoTables() throws -> Bool { try db.count("sqlite_schema") == 0 }

    /// Returns the SQL of every object, ordered by type and name, without the four shadow tables of the FTS5 table `words`:
    /// their text depends on the version of SQLite.
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

    /// Returns descriptions of what SQLite's `foreign_key_check` and `integrity_check` report; empty for a sound file.
    ///
    /// - Throws: `StoreError.io` if a page cannot be read from disk: the file itself may be whole.
    public func integrityFaults() throws -> [String] {
        let orphans = try db.all("PRAGMA foreign_key_check") { row in
            "a row of \(try row.text(0)) refers to a missing row of \(try row.text(2))"
        }
        let lines = try db.all("PRAGMA integrity_check(100)") { try $0.text(0) }.filter { $0 != "ok" }
        // "unable to get the page N. error code=266": SQLITE_IOERR_READ.
        if lines.contains(where: { $0.contains("error code=\(SQLITE_IOERR | 1 << 8)") }) {
            throw SQLiteError(code: SQLITE_IOERR, message: "a page cannot be read")
        }
        var faults: [String] = []
        for fault in lines.map(Self.fault) + orphans where !faults.contains(fault) { faults.append(fault) }
        return Array(faults.prefix(20))
    }

    /// Describes a line of `PRAGMA integrity_check` (sqlite.org/pragma.html).
    private static func fault(_ line: String) -> String {
        let words = line.split(separator: " ")
        if let place = words.firstIndex(of: "index"), let name = words[place...].dropFirst().first {
            return "the index \(name) does not match its table"
        }
        if let table = words.last, line.hasPrefix("CHECK constraint failed in") {
            return "a row of \(table) has an invalid value"
        }
        if words.contains("value"), let column = words.last(where: { $0.contains(".") }) {
            return "a row has a value of the wrong type in \(column)"
        }
        return "pages of the file are inconsistent"
    }
}

extension VaultFile {
    /// Returns the schema after a number of migrations.
    static func schema(after steps: Int) throws -> String {
        let db = try SQLiteConnection("", .writing, busyTimeout: 0)
        for step in Migrations.steps.prefix(steps) { try db.execute(step) }
        return try Rows(db).schemaText()
    }
}
