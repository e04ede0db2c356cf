import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

// A vault's file as a whole: copied while others write, and put back in one transaction. Nothing is opened for it.

extension VaultFile {
    /// Writes what this file holds at one moment into a new file of one piece, without a log beside it.
    ///
    /// Others may write meanwhile. The file has its name only when `check` has looked at it and it is on the disk; one
    /// that is there already is never touched. What is left of a copy that was killed (`PATH.part`) is written over.
    public func copy(to path: String, check: (VaultFile) throws -> Void) throws {
        let part = try NewFile(at: path)
        do {
            // A journal of a copy that was killed would be played back into this one.
            unsafe platform_unlink(part.part + "-journal")
            try exclusively { try Self.vacuum($0, into: SQLiteConnection.plain(part.part)) }
            let copy = VaultFile(
                path: part.part, connection: try Self.connect(part.part, .reading).connection, isStaged: true)
            try copy.checkForm(.reading)
            try check(copy)
            copy.connection.close()
            try part.keep()
        } catch {
            part.drop()
            unsafe platform_unlink(part.part + "-journal")
            throw error
        }
    }

    /// SQLite cannot VACUUM INTO another file from one that it can only read: it counts generated columns among the
    /// stored ones. So that is copied into a temporary database first.
    private static func vacuum(_ db: SQLiteConnection, into path: String) throws {
        guard db.isReadOnly else { return try db.run("VACUUM INTO ?", [path]) }
        let copy = try SQLiteConnection("", .writing, patience: 0)
        defer { copy.close() }
        try db.copyAll(to: copy)
        try copy.run("VACUUM INTO ?", [path])
    }

    /// Reads a copy into a private temporary database, which is gone when the process ends, and steps it forward if it
    /// is of an older form: what is checked is then what is put back, whatever happens to the file meanwhile.
    public static func stage(_ path: String) throws -> VaultFile {
        try WholeFile.check(path)
        let source = try connect(path, .reading)
        let staged = try connect("", .writing)
        try source.exclusively { try $0.copyAll(to: staged.connection) }
        let file = VaultFile(path: path, connection: staged.connection, isStaged: true)
        try file.checkForm(.writing)
        return file
    }

    /// Puts all of this file in the place of what is at `path`, or makes that file: one transaction of SQLite's.
    ///
    /// `check` sees what would be replaced, when that is a vault, while nobody else has it open.
    /// - Throws: `inUse` when another program has it open; `notAVault` for what is no vault.
    public func install(at path: String, check: (Rows) throws -> Void) throws {
        try PathGuard.create(path)
        try PathGuard.checkPrivate(path)
        let target: VaultFile
        do { target = try Self.connect(path, .alone) } catch StoreError.busy {
            throw StoreError.inUse(path: path)
        }
        try target.exclusively { db in
            if try db.number("SELECT count(*) FROM sqlite_schema") != 0 {
                guard try db.number("PRAGMA application_id") == Self.applicationID else {
                    throw StoreError.notAVault(path: path)
                }
                try check(Rows(db))
            }
            try target.keepLog(db)
            try putAll(into: db, of: target)
            // What fails is done again by the next process that closes the file.
            try? db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
        }
    }

    /// Copies all of this file. A copy whose commit failed, and which is there all the same, is done.
    private func putAll(into db: SQLiteConnection, of target: VaultFile) throws {
        try connection.exclusively { source in
            let version = try db.number("PRAGMA schema_version") ?? 0
            do {
                try source.copyAll(to: db)
            } catch let fault as SQLiteFault {
                // A backup that is whole counts the target's schema version up (sqlite3_backup_step), whatever it holds: a
                // damaged vault may have the very head of the backup.
                let isThere = try target.settle(fault, db) { rows in
                    try rows.db.number("PRAGMA schema_version") == version + 1
                }
                guard isThere else { throw fault }
            }
        }
    }
}
