import Dispatch
import Synchronization

extension Rows {
    /// Runs a body that adds many owners, whose rows are written some hundred at a time by a thread of their own.
    ///
    /// All is as without: whatever else is asked of the file waits until they are there. Only what is wrong with a row may
    /// be said later, at the latest at the end; nothing of the transaction is to be kept then.
    public func gathering<T>(_ body: () throws -> T) throws -> T {
        precondition(db.waiting == nil, "gathering within gathering")
        let waiting = WaitingRows(in: db, after: try db.number("SELECT max(id) FROM owners") ?? 0)
        db.waiting = waiting
        defer {
            waiting.rest()
            db.waiting = nil
        }
        let result = try body()
        try waiting.settle()
        return result
    }

    /// Adds a row to a table: at once, or with others.
    func insert<each Value: Bindable>(_ table: Table, _ value: repeat each Value) throws {
        guard let waiting = db.waiting else {
            var row = Values()
            row.add(repeat each value)
            return try db.insert(row, into: table)
        }
        waiting.batch[table].add(repeat each value)
        // Entries come behind the rows that they tell of.
        if table == .entries { try waiting.writeIfMany() }
    }
}

/// New rows by table, in memory that is used again.
private final class Batch: @unchecked Sendable {
    private var rows = Table.allCases.map { _ in Values() }

    subscript(table: Table) -> Values {
        _read { yield rows[table.rawValue] }
        _modify { yield &rows[table.rawValue] }
    }

    /// How many rows of a table there are.
    func count(_ table: Table) -> Int { self[table].count / table.columns }

    func write(to db: SQLiteConnection) throws {
        for table in Table.allCases { try db.insert(self[table], into: table) }
    }

    func removeAll() {
        for table in Table.allCases { self[table].removeAll() }
    }
}

/// Rows that wait to be written, and the thread that writes those before them.
///
/// The connection is used by one thread at a time all the same: by the writer's, until `rest` or `settle` returns.
final class WaitingRows: @unchecked Sendable {
    fileprivate private(set) var batch = Batch()
    private var lastOwner: Int64
    private let db: SQLiteConnection
    private let writer = DispatchQueue(label: "vault.rows")
    /// How many batches may be on their way: an import of any size takes the same memory.
    private let places = DispatchSemaphore(value: 4)
    /// Batches that were written.
    private let spare = Mutex<[Batch]>([])
    private let fault = Mutex<(any Error)?>(nil)

    /// FTS5 brings its words in order with each change of another table, better many than a few.
    private static let words = 8192

    init(in db: SQLiteConnection, after lastOwner: Int64) {
        self.db = db
        self.lastOwner = lastOwner
    }

    /// The number that SQLite would give to the row of the next owner.
    func nextOwner() -> Int64 {
        lastOwner += 1
        return lastOwner
    }

    func writeIfMany() throws {
        if batch.count(.entries) >= Table.entries.rowsAtOnce { try write(isAll: false) }
    }

    /// Writes what waits, and returns when all of it is there.
    func settle() throws {
        try write(isAll: true)
        rest()
        if let fault = fault.withLock({ $0 }) { throw fault }
    }

    /// Waits for the writer.
    func rest() { writer.sync {} }

    private func write(isAll: Bool) throws {
        if let fault = fault.withLock({ $0 }) { throw fault }
        let full = batch
        batch = spare.withLock { $0.popLast() } ?? Batch()
        if !isAll, full.count(.words) < Self.words { swap(&batch[.words], &full[.words]) }
        places.wait()
        writer.async { [self] in
            if fault.withLock({ $0 }) == nil {
                do { try full.write(to: db) } catch { fault.withLock { $0 = error } }
            }
            full.removeAll()
            spare.withLock { $0.append(full) }
            places.signal()
        }
    }
}
