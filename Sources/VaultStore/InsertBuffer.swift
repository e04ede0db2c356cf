import Dispatch
import Synchronization

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
        buffer.batch[table].append(repeat each value)
        // An entry follows the rows that it describes.
        if table == .entries { try buffer.writeIfFull() }
    }
}

/// New rows by table. Reused, to keep the allocated memory.
private final class RowBatch: @unchecked Sendable {
    private var rows = Table.allCases.map { _ in StatementArguments() }

    subscript(table: Table) -> StatementArguments {
        _read { yield rows[table.rawValue] }
        _modify { yield &rows[table.rawValue] }
    }

    func count(_ table: Table) -> Int { self[table].count / table.columns }

    func write(to db: SQLiteConnection) throws {
        for table in Table.allCases { try db.insert(self[table], into: table) }
    }

    func removeAll() {
        for table in Table.allCases { self[table].removeAll() }
    }
}

/// Collects rows, and writes them in batches on a second thread.
///
/// One thread at a time uses the connection: the writer, until `waitForWriter` or `flush` returns.
final class InsertBuffer: @unchecked Sendable {
    fileprivate private(set) var batch = RowBatch()
    private var lastOwner: Int64
    private let db: SQLiteConnection
    private let writer = DispatchQueue(label: "vault.rows")
    /// Limits the batches in flight, and so the memory of an import of any size.
    private let freeBatches = DispatchSemaphore(value: 4)
    /// Written batches, for reuse.
    private let recycled = Mutex<[RowBatch]>([])
    private let fault = Mutex<(any Error)?>(nil)

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
        if batch.count(.entries) >= Table.entries.rowsAtOnce { try write(isAll: false) }
    }

    /// Writes all collected rows, and waits until they are written.
    func flush() throws {
        try write(isAll: true)
        waitForWriter()
        if let fault = fault.withLock({ $0 }) { throw fault }
    }

    func waitForWriter() { writer.sync {} }

    private func write(isAll: Bool) throws {
        if let fault = fault.withLock({ $0 }) { throw fault }
        let full = batch
        batch = recycled.withLock { $0.popLast() } ?? RowBatch()
        if !isAll, full.count(.words) < Self.wordsAtOnce { swap(&batch[.words], &full[.words]) }
        freeBatches.wait()
        writer.async { [self] in
            if fault.withLock({ $0 }) == nil {
                do { try full.write(to: db) } catch { fault.withLock { $0 = error } }
            }
            full.removeAll()
            recycled.withLock { $0.append(full) }
            freeBatches.signal()
        }
    }
}
