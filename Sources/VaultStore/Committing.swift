import CSQLite

// The rule of a commit: once COMMIT has succeeded, the change is done, and nothing that fails later undoes it or reports
// it as failed. Where COMMIT itself returned an error, the file is asked.

/// A transaction that is in the file.
public struct Committed<Value> {
    public let value: Value
    /// Whether sealed bytes were replaced or deleted. The write-ahead log holds them until it is emptied.
    public let discardsSeals: Bool
    /// What COMMIT returned, where the transaction was found in the file all the same.
    public let fault: StoreError?
}

extension Committed: Sendable where Value: Sendable {}

extension VaultFile {
    /// Runs `body` in one transaction.
    ///
    /// - Parameter isWritten: Whether what `body` wrote is in the file. Asked through a new connection when COMMIT returned
    ///   an error.
    /// - Throws: `StoreError.unsafePath` for a file that can only be read; what `body` throws, or the reason why COMMIT
    ///   failed: nothing was changed. `StoreError.moved` when the file is not the one at its path any more, so that nobody
    ///   would find the change. `StoreError.outcomeUnknown` when COMMIT failed and the file cannot be asked.
    public func write<T>(
        isWritten: (Rows) throws -> Bool, _ body: (Rows) throws -> T
    ) throws -> Committed<T> {
        if let exposure { throw exposure }
        return try exclusively { db in
            var value: T?
            do {
                try db.changing {
                    guard isStaged || !db.hasMoved else { throw StoreError.moved(path: path) }
                    value = try body(Rows(db))
                }
                return Committed(value: value!, discardsSeals: db.discardsSeals, fault: nil)
            } catch let failed as CommitFault {
                let discards = db.discardsSeals
                guard try settle(failed.fault, db, isWritten) else { throw failed.fault }
                return Committed(
                    value: value!, discardsSeals: discards, fault: StoreError(failed.fault, path: path))
            }
        }
    }

    /// Finds out through a new connection what became of a transaction whose COMMIT failed, and makes sure that it stays so.
    ///
    /// A transaction that is not there may still be in the write-ahead log, behind the end that the log's index gives: a
    /// recovery after a crash would bring it back. One more commit, of nothing, overwrites it there.
    func settle(
        _ fault: SQLiteFault, _ db: SQLiteConnection, _ isWritten: (Rows) throws -> Bool
    ) throws -> Bool {
        guard !isStaged else { return false }
        // A disk that has just failed is not waited for as long as another program's transaction is.
        db.patience = Self.shortPatience
        defer { db.patience = Self.patience }
        var isAbsent = false
        for _ in 0..<3 {
            do {
                isAbsent = false
                try reopenToRead(db)
                // A file that is still without tables has nothing that could be asked.
                if try db.looking({ try !Rows(db).hasNoTables() && isWritten(Rows(db)) }) { return true }
                isAbsent = true
                try db.changing { try db.rewriteHeader() }
                return false
            } catch {}
        }
        if isAbsent, fault.isBeforeLastFrame { return false }
        throw StoreError.outcomeUnknown(path: path, detail: fault.reason)
    }

    /// Opens a new connection; on a full disk one that shares no index of the log, and keeps others out until the next use.
    private func reopenToRead(_ db: SQLiteConnection) throws {
        do {
            try db.reopen { try Self.prepare($0, .writing) }
        } catch let fault as SQLiteFault where fault.isSharedIndex {
            try db.reopen(isTemporary: true) { try Self.prepare($0, .alone) }
        }
    }
}

extension SQLiteConnection {
    /// Writes the page with the database's header as it is.
    fileprivate func rewriteHeader() throws {
        let version = try number("PRAGMA user_version") ?? 0
        try execute("PRAGMA user_version = \(version)")
    }
}
