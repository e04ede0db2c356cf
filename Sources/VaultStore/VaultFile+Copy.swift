import CPlatform
import Libc

// Backup and restore of the whole file. No secret is opened.

extension VaultFile {
    /// Writes a consistent snapshot of this file to a new file without a write-ahead log. Others may write at the same time.
    ///
    /// The copy gets its name once `check` has passed and it is synced to disk. An existing file is never replaced; the
    /// partial file of a killed copy (`PATH.part`) is overwritten.
    ///
    /// - Throws: `StoreError.alreadyExists` if `path` exists; errors of `check`; the errors of `NewFile` and of SQLite.
    public func copy(to path: String, check: (VaultFile) throws -> Void) throws {
        let part = try NewFile(at: path)
        do {
            // SQLite would roll back the journal of a killed copy into this one.
            unsafe platform_unlink(part.partialPath + "-journal")
            try exclusively { try Self.vacuum($0, into: SQLiteConnection.literalPath(part.partialPath)) }
            let connection = try Self.connect(part.partialPath, .reading).connection
            let copy = VaultFile(path: part.partialPath, connection: connection, isStaged: true)
            try copy.checkSchema(.reading)
            try check(copy)
            copy.connection.close()
            try part.commit()
        } catch {
            part.discard()
            unsafe platform_unlink(part.partialPath + "-journal")
            throw error
        }
    }

    /// From a read-only database, SQLite's VACUUM INTO fails: it counts generated columns among the stored ones. Such a
    /// database is copied into a temporary one first.
    private static func vacuum(_ db: SQLiteConnection, into path: String) throws {
        guard db.isReadOnly else { return try db.run("VACUUM INTO ?", [path]) }
        let copy = try SQLiteConnection("", .writing, busyTimeout: 0)
        defer { copy.close() }
        try db.copyPages(to: copy)
        try copy.run("VACUUM INTO ?", [path])
    }

    /// Loads a backup into a private temporary database, and migrates it if its schema is older.
    ///
    /// What is verified is then what is restored, even if the file changes in between.
    ///
    /// - Throws: `noFile` or `truncated` for a file that is missing or incomplete; the errors of `open(_:for:)` for one
    ///   that is not a vault.
    public static func stage(_ path: String) throws -> VaultFile {
        try FileHeader.checkComplete(path)
        let source = try connect(path, .reading)
        let staged = try connect("", .writing)
        try source.exclusively { try $0.copyPages(to: staged.connection) }
        let file = VaultFile(path: path, connection: staged.connection, isStaged: true)
        try file.checkSchema(.writing)
        return file
    }

    /// Creates or replaces the file at `path` with this one, in one SQLite transaction.
    ///
    /// - Parameters:
    ///   - path: Where to write.
    ///   - check: Examines the vault that would be replaced, while no other program has it open.
    /// - Throws: `StoreError.inUse` if another program has it open; `StoreError.notAVault` if another kind of file is
    ///   there; errors of `check`; other `StoreError`s as for `create(_:fill:)`.
    public func install(at path: String, check: (Rows) throws -> Void) throws {
        try PathGuard.create(path)
        let target: VaultFile
        do { target = try Self.connect(path, .exclusive) } catch StoreError.busy {
            throw StoreError.inUse(path: path)
        }
        try target.exclusively { db in
            if try !Rows(db).hasNoTables() {
                guard try db.number("PRAGMA application_id") == Self.applicationID else {
                    throw StoreError.notAVault(path: path)
                }
                try check(Rows(db))
            }
            try target.enableWAL(db)
            try copyPages(into: db, of: target)
            // If this fails, the next process that closes the file checkpoints.
            try? db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
        }
    }

    /// Copies all pages. Succeeds also if the commit failed and the target nevertheless holds them.
    private func copyPages(into db: SQLiteConnection, of target: VaultFile) throws {
        try connection.exclusively { source in
            let version = try db.number("PRAGMA schema_version") ?? 0
            do {
                try source.copyPages(to: db)
            } catch let fault as SQLiteError {
                // A complete backup increments the target's schema version (sqlite3_backup_step). The newest head would
                // not do: a damaged vault may have the same one as the backup.
                let isThere = try target.resolveFailedCommit(fault, db) { rows in
                    try rows.db.number("PRAGMA schema_version") == version + 1
                }
                guard isThere else { throw fault }
            }
        }
    }
}
