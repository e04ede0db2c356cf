import CSQLite

/// The tables that a new owner has rows in; `owners` first, since the others refer to it.
enum Table: Int, CaseIterable {
    case owners, words, tags, secrets, entries, tiles

    /// The INSERT statement up to VALUES.
    fileprivate var insertion: String {
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

    var columns: Int { insertion.utf8.count(where: { $0 == UInt8(ascii: ",") }) + 1 }

    /// The number of rows in a multi-row INSERT: starting a statement costs as much as one or two rows. FTS5 does not gain
    /// from it.
    var rowsAtOnce: Int { self == .words ? 1 : 128 }
}

extension SQLiteConnection {
    /// Inserts rows, without flushing the insert buffer.
    func insert(_ rows: StatementArguments, into table: Table) throws {
        let many = table.rowsAtOnce * table.columns
        var index = 0
        while index < rows.count {
            let next = index + (rows.count - index < many ? table.columns : many)
            try insert(rows, index..<next, into: table)
            index = next
        }
    }

    private func insert(_ rows: StatementArguments, _ range: Range<Int>, into table: Table) throws {
        let row = "(?" + String(repeating: ", ?", count: table.columns - 1) + ")"
        let more = String(repeating: ", " + row, count: range.count / table.columns - 1)
        do {
            try withStatement("\(table.insertion) VALUES \(row)\(more)", rows, range) { _ = try $0.step() }
        } catch let fault as SQLiteError where table == .words && fault.isContentError {
            throw StoreError.searchIndex
        } catch let fault as SQLiteError where table == .owners && fault.isTakenName {
            let first = range.lowerBound
            guard range.count > table.columns else {
                throw StoreError.nameTaken(
                    kind: rows.text(first + 2), name: rows.text(first + 4), nameKey: rows.text(first + 5))
            }
            // The statement has inserted nothing: insert the rows one by one, to find the taken name.
            for start in stride(from: first, to: range.upperBound, by: table.columns) {
                try insert(rows, start..<start + table.columns, into: table)
            }
        }
    }
}

extension SQLiteError {
    fileprivate var isTakenName: Bool {
        primary == SQLITE_CONSTRAINT && message.contains("owners.name_key")
    }
}
