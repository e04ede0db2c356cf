import Dispatch

extension Rows {
    /// Runs a body that inserts many owners. A second thread writes their rows in batches (decision 0029).
    ///
    /// Any other statement first waits until all rows are written. An error of a row may be thrown late, but before this
    /// returns; the caller must then roll the transaction back.
    ///
    /// - Throws: errors of `body`; those of the rows that it inserted.
    public func bufferingInserts<T>(_ body: () throws -> T) throws -> T {
        precondition(db.insertBuffer == nil, "bufferingInserts is not reentrant")
        let buffer = InsertBuffer(in: db, after: try db.number("SELECT max(id) FROM owners") ?? 0)
        db.insertBuffer = buffer
        defer {
            buffer.waitForWriter()
            db.insertBuffer = nil
        }
        let result = try body()
        try buffer.flush()
        return result
    }

    /// Inserts a row: at once, or with the batch of `bufferingInserts`.
    func insert<each Value: Bindable>(_ table: Table, _ value: repeat each Value) throws {
        guard let buffer = db.insertBuffer else {
            var row = StatementArguments()
            row.append(repeat each value)
            return try db.insert(row, into: table)
        }
        buffer.rows[table.rawValue].append(repeat each value)
        // An entry follows the rows that it describes.
        if table == .entries { try buffer.writeIfFull() }
    }
}

/// Collects rows, and writes them in batches on a second thread while the next batch is collected.
///
/// One thread at a time uses the connection: the writer, until `waitForWriter` or `flush` returns.
final class InsertBuffer: @unchecked Sendable {
    /// The collected rows of each table.
    fileprivate var rows = Table.allCases.map { _ in StatementArguments() }
    /// The rows that the writer inserts. It owns them, and `fault`, until `waitForWriter` returns.
    private var batch = Table.allCases.map { _ in StatementArguments() }
    private var fault: (any Error)?
    private var lastOwner: Int64
    private let db: SQLiteConnection
    private let writer = DispatchQueue(label: "vault.rows")

    /// FTS5 flushes its pending terms when another table changes, so its rows are written in larger batches.
    private static let wordsAtOnce = 8192

    init(in db: SQLiteConnection, after lastOwner: Int64) {
        self.db = db
        self.lastOwner = lastOwner
    }

    /// Returns the row ID that SQLite would assign to the next owner.
    func nextOwnerID() -> Int64 {
        lastOwner += 1
        return lastOwner
    }

    func writeIfFull() throws {
        let many = Table.entries.rowsAtOnce * Table.entries.columns
        if rows[Table.entries.rawValue].count >= many { try write(isAll: false) }
    }

    /// Writes all collected rows, and waits until they are written.
    func flush() throws {
        try write(isAll: true)
        waitForWriter()
        if let fault { throw fault }
    }

    func waitForWriter() { writer.sync {} }

    private func write(isAll: Bool) throws {
        waitForWriter()
        if let fault { throw fault }
        swap(&rows, &batch)
        let words = Table.words.rawValue
        if !isAll, batch[words].count < Self.wordsAtOnce * Table.words.columns {
            swap(&rows[words], &batch[words])
        }
        writer.async { [self] in
            do {
                for table in Table.allCases {
                    try db.insert(batch[table.rawValue], into: table)
                    batch[table.rawValue].removeAll()
                }
            } catch { fault = error }
        }
    }
}
