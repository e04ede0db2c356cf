import CSQLite

/// The tables that a new owner has rows in; `owners` first, since the others refer to it.
enum Table: Int, CaseIterable {
    case owners, words, tags, secrets, entries, tiles

    /// The INSERT statement up to VALUES.
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

    /// The number of rows in a multi-row INSERT: starting a statement costs as much as one or two rows. FTS5 does not gain
    /// from it.
    var rowsAtOnce: Int { self == .words ? 1 : 128 }
}

extension SQLiteConnection {
    /// Inserts rows, without flushing the insert buffer.
    func insert(_ rows: StatementArguments, into table: Table) throws {
        var index = 0
        while index < rows.count {
            let many = table.rowsAtOnce * table.columns
            let next = index + (rows.count - index < many ? table.columns : many)
            do {
                try insert(rows, index..<next, into: table)
            } catch let fault as SQLiteError where table == .words && fault.isContentError {
                throw StoreError.searchIndex
            } catch let fault as SQLiteError where fault.primary == SQLITE_CONSTRAINT {
                throw try constraintError(of: rows, index..<next, in: table, fault)
            }
            index = next
        }
    }

    private func insert(_ rows: StatementArguments, _ range: Range<Int>, into table: Table) throws {
        let row = "(?" + String(repeating: ", ?", count: table.columns - 1) + ")"
        let more = String(repeating: ", " + row, count: range.count / table.columns - 1)
        try withStatement("\(table.insertion) VALUES \(row)\(more)", rows, range) { _ = try $0.step() }
    }

    /// Returns the cause of a failed constraint: a taken name, or the error itself. The failed statement has inserted
    /// nothing, so the rows are retried one by one.
    private func constraintError(
        of rows: StatementArguments, _ range: Range<Int>, in table: Table, _ fault: SQLiteError
    ) throws -> any Error {
        guard table == .owners, fault.message.contains("owners.name_key") else { return fault }
        var index = range.lowerBound
        while range.count > table.columns, index < range.upperBound {
            do { try insert(rows, index..<index + table.columns, into: table) } catch is SQLiteError { break }
            index += table.columns
        }
        guard index < range.upperBound else { return fault }
        return StoreError.nameTaken(
            kind: rows.text(index + 2), name: rows.text(index + 4), nameKey: rows.text(index + 5))
    }
}
