import CSQLite

/// The tables that a new owner has rows in; owners first, since the others point to them.
enum Table: Int, CaseIterable {
    case owners, words, tags, secrets, entries, tiles

    /// The statement up to its values.
    var insertion: String {
        switch self {
        case .owners:
            "INSERT INTO owners (id, uid, kind, connector, name, name_key, settings, note, client)"
        case .words: "INSERT INTO words (rowid, text)"
        case .tags: "INSERT INTO tags (owner, key, value)"
        case .secrets:
            """
            INSERT INTO secrets (owner, epoch, version, field, label, settings_digest, set_at, set_by, \
            expires_at, sealed, rotate_by)
            """
        case .entries: "INSERT INTO entries (seq, entry)"
        case .tiles: "INSERT OR REPLACE INTO tiles (level, position, hashes)"
        }
    }

    var columns: Int {
        switch self {
        case .owners: 9
        case .words, .entries: 2
        case .tags, .tiles: 3
        case .secrets: 11
        }
    }

    /// How many rows one statement adds, where there are so many: to start it costs as much as a row or two. FTS5 gains
    /// nothing by it.
    var rowsAtOnce: Int { self == .words ? 1 : 128 }
}

extension SQLiteConnection {
    /// Adds rows to a table; what waits to be written stays where it is.
    func insert(_ rows: Values, into table: Table) throws {
        var place = 0
        while place < rows.count {
            let many = table.rowsAtOnce * table.columns
            let next = place + (rows.count - place < many ? table.columns : many)
            do {
                try insert(rows, place..<next, into: table)
            } catch let fault as SQLiteFault where table == .words && fault.isOfContent {
                throw StoreError.searchIndex
            } catch let fault as SQLiteFault where fault.primary == SQLITE_CONSTRAINT {
                throw try refusal(of: rows, place..<next, by: table, fault)
            }
            place = next
        }
    }

    private func insert(_ rows: Values, _ range: Range<Int>, into table: Table) throws {
        let row = "(?" + String(repeating: ", ?", count: table.columns - 1) + ")"
        let more = String(repeating: ", " + row, count: range.count / table.columns - 1)
        try stepping("\(table.insertion) VALUES \(row)\(more)", rows, range) { _ = try $0.step() }
    }

    /// What is wrong with these rows: that a name is taken, and which, or SQLite's own words. A statement that fails has
    /// added nothing, so that its rows can be gone through one by one.
    private func refusal(
        of rows: Values, _ range: Range<Int>, by table: Table, _ fault: SQLiteFault
    ) throws -> any Error {
        guard table == .owners, fault.message.contains("owners.name_key") else { return fault }
        var place = range.lowerBound
        while range.count > table.columns, place < range.upperBound {
            do { try insert(rows, place..<place + table.columns, into: table) } catch is SQLiteFault { break }
            place += table.columns
        }
        guard place < range.upperBound else { return fault }
        return StoreError.nameTaken(
            kind: rows.text(place + 2), name: rows.text(place + 4), nameKey: rows.text(place + 5))
    }
}
