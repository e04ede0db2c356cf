// Opening a connection to a vault file, also on a full disk and on a read-only file system.

import Libc

extension VaultFile {
    /// Opens and configures a connection.
    ///
    /// Connections share an index of the write-ahead log, the file `-shm`. If that cannot be created, the vault is read
    /// without it: on a read-only file system nothing can change while it is read, and on a full disk this connection locks out
    /// the others.
    ///
    /// - Parameter exposure: Why the file can only be read, if that is known already.
    static func connect(
        _ path: String, _ access: Access, exposure: StoreError? = nil
    ) throws(StoreError) -> VaultFile {
        do {
            let connection = try openConnection(path, access)
            return VaultFile(path: path, connection: connection, exposure: exposure)
        } catch let fault as SQLiteError {
            guard fault.isSharedIndexError, access != .exclusive, !path.isEmpty else {
                throw StoreError(fault, path: path)
            }
            return try connectWithoutSharedIndex(path, fault, exposure)
        } catch {
            throw .io(path: path, detail: "SQLite does not write durably here")
        }
    }

    private static func connectWithoutSharedIndex(
        _ path: String, _ fault: SQLiteError, _ exposure: StoreError?
    ) throws(StoreError) -> VaultFile {
        let canWrite = unsafe access(PathGuard.folder(of: path), W_OK) == 0
        guard canWrite || PathGuard.size(of: path + "-wal") == 0 else { throw .readOnlyLog(path: path) }
        // Not the error of this attempt, such as `busy`: the missing index is the cause.
        let cause = StoreError(fault, path: path)
        guard let connection = try? openConnection(path, canWrite ? .exclusive : .immutable) else {
            throw cause
        }
        return VaultFile(
            path: path, connection: connection,
            exposure: exposure ?? (canWrite ? cause : .readOnly(path: path)))
    }

    private static func openConnection(_ path: String, _ access: Access) throws -> SQLiteConnection {
        let connection = try SQLiteConnection(
            path, access, busyTimeout: access == .exclusive ? shortBusyTimeout : busyTimeout)
        try prepare(connection, access)
        return connection
    }

    /// Configures a new connection. With `.exclusive`, takes the lock of the file and keeps it.
    static func prepare(_ db: SQLiteConnection, _ access: Access) throws {
        // Before the first read, which takes the lock.
        if access == .exclusive { try db.execute("PRAGMA locking_mode = EXCLUSIVE") }
        try db.execute(
            """
            PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; \
            PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -16000; \
            PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0
            """)
        guard try db.number("PRAGMA synchronous") == 2 else { throw UnexpectedValue() }
        if access == .exclusive { _ = try db.count("sqlite_schema") }
    }
}
