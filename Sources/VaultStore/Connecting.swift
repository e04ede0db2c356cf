#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

// Opening a connection to a vault's file, on a full disk and a read-only file system too.
extension VaultFile {
    /// Opens a connection and sets it up.
    ///
    /// SQLite shares an index of the write-ahead log among all connections, in a file beside it. Where that file cannot be
    /// made, reading goes on without it: on a read-only file system nothing can change while it is read, and on a full disk
    /// this connection keeps the others out.
    static func connect(_ path: String, _ access: Access) throws(StoreError) -> VaultFile {
        do {
            return try connect(path, access == .reading ? .reading : .writing, access)
        } catch let fault as SQLiteFault {
            guard fault.isSharedIndex, access != .alone, !path.isEmpty else {
                throw StoreError(fault, path: path)
            }
            return try connectWithoutSharedIndex(path, fault)
        } catch {
            throw .io(path: path, detail: "SQLite does not write durably here")
        }
    }

    private static func connectWithoutSharedIndex(
        _ path: String, _ fault: SQLiteFault
    ) throws(StoreError) -> VaultFile {
        let canWrite = unsafe access(PathGuard.folder(of: path), W_OK) == 0
        guard canWrite || PathGuard.size(of: path + "-wal") == 0 else { throw .readOnlyLog(path: path) }
        do {
            let file = try canWrite ? connect(path, .writing, .alone) : connect(path, .immutable, .reading)
            return VaultFile(
                path: path, connection: file.connection,
                exposure: canWrite ? StoreError(fault, path: path) : .readOnly(path: path))
        } catch {
            // Where another connection has the file open, it is not busy: the index is what is missing.
            throw StoreError(fault, path: path)
        }
    }

    private static func connect(
        _ path: String, _ mode: SQLiteConnection.Access, _ access: Access
    ) throws -> VaultFile {
        let connection = try SQLiteConnection(
            path, mode, patience: access == .alone ? shortPatience : patience)
        try prepare(connection, access)
        return VaultFile(path: path, connection: connection)
    }

    /// Sets a new connection up. `alone` takes the lock of the file, and keeps it.
    static func prepare(_ db: SQLiteConnection, _ access: Access) throws {
        // Before anything looks at the file: the first look takes the lock.
        if access == .alone { try db.execute("PRAGMA locking_mode = EXCLUSIVE") }
        try db.execute(
            """
            PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
            PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -16000; \
            PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0
            """)
        guard try db.number("PRAGMA synchronous") == 2 else {
            throw UnfitValue()
        }
        if access == .alone { _ = try db.number("SELECT count(*) FROM sqlite_schema") }
    }
}
