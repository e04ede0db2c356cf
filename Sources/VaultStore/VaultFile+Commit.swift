import CSQLite

// The commit rule (decision 0036): once COMMIT has succeeded the change is done, and no later failure undoes it or reports
// it as failed. If COMMIT itself returns an error, the file is read to find out whether it holds the change.

/// The result of a committed transaction.
public struct Committed<Value> {
    /// The result of the transaction's body.
    public let value: Value
    /// Whether sealed bytes were replaced or deleted. The write-ahead log holds them until it is truncated.
    public let discardsSealedBytes: Bool
    /// The error that COMMIT returned, although the file holds the transaction.
    public let fault: StoreError?
}

extension VaultFile {
    /// Runs `body` in one transaction.
    ///
    /// - Parameters:
    ///   - isWritten: Returns whether the file holds the changes of `body`. Called with a new connection if COMMIT returns
    ///     an error.
    ///   - body: Makes the changes.
    /// - Throws: `exposure` if the file can only be read; errors of `body`; `StoreError.moved` if the path no longer leads
    ///   to the open file; `StoreError` for errors of SQLite, including a failed COMMIT. Nothing was changed then, except
    ///   with `StoreError.outcomeUnknown`: COMMIT failed, and the file cannot be read.
    public func write<T>(
        isWritten: (Rows) throws -> Bool, _ body: (Rows) throws -> T
    ) throws -> Committed<T> {
        if let exposure { throw exposure }
        return try exclusively { db in
            var value: T?
            do {
                try db.writeTransaction {
                    guard isStaged || !db.hasMoved else { throw StoreError.moved(path: path) }
                    value = try body(Rows(db))
                }
                return Committed(value: value!, discardsSealedBytes: db.discardsSealedBytes, fault: nil)
            } catch let failed as CommitError {
                let discards = db.discardsSealedBytes
                guard try resolveFailedCommit(failed.fault, db, isWritten) else { throw failed.fault }
                return Committed(
                    value: value!, discardsSealedBytes: discards, fault: StoreError(failed.fault, path: path))
            }
        }
    }

    /// After a failed COMMIT, returns whether the file holds the transaction, and ensures that this stays so.
    ///
    /// A transaction that is not in the file may still be in the write-ahead log, past the end that the log's index states,
    /// and recovery after a crash would replay it. An empty commit overwrites it.
    func resolveFailedCommit(
        _ fault: SQLiteError, _ db: SQLiteConnection, _ isWritten: (Rows) throws -> Bool
    ) throws -> Bool {
        guard !isStaged else { return false }
        // After a disk failure, do not wait as long as for another program's transaction.
        db.busyTimeout = Self.shortBusyTimeout
        defer {
            db.busyTimeout = Self.busyTimeout
            // An agent may not use the file again for long.
            if db.needsReopen { db.close() }
        }
        var isAbsent = false
        for _ in 0..<3 {
            do {
                isAbsent = false
                try reopenToRead(db)
                // `isWritten` needs the tables.
                if try db.readTransaction({ try !Rows(db).hasNoTables() && isWritten(Rows(db)) }) {
                    return true
                }
                isAbsent = true
                try db.writeTransaction {
                    // Rewrites the page of the database header with the same content.
                    let version = try db.number("PRAGMA user_version") ?? 0
                    try db.execute("PRAGMA user_version = \(version)")
                }
                return false
            } catch {}
        }
        if isAbsent, fault.isBeforeLastFrame { return false }
        throw StoreError.outcomeUnknown(path: path, detail: fault.reason)
    }

    /// Reopens the connection. On a full disk, without the shared index of the log, which locks out others until it is closed.
    private func reopenToRead(_ db: SQLiteConnection) throws {
        do {
            try db.reopen { try Self.prepare($0, .writing) }
        } catch let fault as SQLiteError where fault.isSharedIndexError {
            try db.reopen(isTemporary: true) { try Self.prepare($0, .exclusive) }
        }
    }
}
