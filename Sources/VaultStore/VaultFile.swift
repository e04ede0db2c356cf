import Migrations

/// An open vault file.
///
/// Holds one connection. Transactions are durable when they return (WAL with `synchronous=FULL`, which is verified),
/// deleted content is overwritten, and the schema is exactly what the migrations create.
public final class VaultFile: Sendable {
    /// The path that the file was opened at.
    public let path: String
    let connection: SQLiteConnection
    /// Whether this is a copy that is being made or examined, and has no permanent path yet.
    public let isStaged: Bool
    /// Why the file can only be read: other users can reach it, the disk is full, or the file system is read-only. Nil if
    /// it can be written.
    public let exposure: StoreError?

    /// How a file is opened.
    public enum Access: Sendable {
        /// Transactions that change nothing.
        case reading
        /// Reads and changes, next to other connections.
        case writing
        /// Reads and changes, while no other connection has the file open.
        case exclusive
        /// Reads of a file that cannot change, because the file system is read-only.
        case immutable
    }

    /// The SQLite application ID, `vau1`, which tells a vault from other databases.
    static let applicationID: Int64 = 0x7661_7531

    /// Milliseconds to wait for another connection's transaction.
    static let busyTimeout: Int32 = 30_000
    static let shortBusyTimeout: Int32 = 1000

    /// The size in bytes up to which `checkpointLog` leaves a write-ahead log alone: 64 frames. Opening a vault reads the
    /// whole log, at about a microsecond a page.
    private static let checkpointThreshold: Int64 = 64 * 4120

    init(path: String, connection: SQLiteConnection, isStaged: Bool = false, exposure: StoreError? = nil) {
        (self.path, self.connection) = (path, connection)
        (self.isStaged, self.exposure) = (isStaged, exposure)
    }

    /// Opens an existing vault, and migrates it if its schema is older.
    ///
    /// - Throws: `noVault` if no vault is there; `unsafePath` if another user owns the file or can change it, or if it was
    ///   replaced while it was opened; `notAVault`, `tooNew`, `alteredSchema` or `damaged` for its content; `readOnly` if
    ///   it needs a migration and `access` is not `.writing`; `busy`, `full`, `readOnlyLog` and `io` as SQLite reports them.
    public static func open(_ path: String, for access: Access = .writing) throws(StoreError) -> VaultFile {
        let before = try PathGuard.check(path)
        guard before.size > 0 else { throw .noVault(path: path) }
        let file = try connect(path, access, exposure: before.exposure)
        guard try PathGuard.check(path).isSameFile(as: before) else {
            throw .unsafePath(path: path, why: "it was replaced while it was being opened", fix: nil)
        }
        try file.checkSchema(access)
        return file
    }

    /// Creates a vault file, and in one transaction its tables and the rows that `fill` inserts.
    ///
    /// Reuses an empty file, which an interrupted `init` leaves behind.
    ///
    /// - Throws: `StoreError.alreadyExists` if the file has content; `StoreError.unsafePath` if the folder exists and is not
    ///   private; errors of `fill`; the errors of `write(isWritten:_:)`.
    public static func create(_ path: String, fill: (Rows) throws -> Void) throws -> VaultFile {
        try PathGuard.create(path)
        let file = try connect(path, .writing)
        try file.exclusively { try file.enableWAL($0) }
        _ = try file.write(isWritten: { try !$0.hasNoTables() }) { rows in
            guard try rows.hasNoTables() else { throw StoreError.alreadyExists(path: path) }
            for step in Migrations.steps { try rows.db.execute(step) }
            try rows.db.execute(
                "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(Migrations.steps.count)")
            try fill(rows)
        }
        return file
    }

    /// Whether a path has no file, or one without tables, which an interrupted `create` leaves behind.
    public static func isEmpty(_ path: String) -> Bool {
        if PathGuard.size(of: path) == 0 { return true }
        let file = try? connect(path, .reading)
        return (try? file?.read { try $0.hasNoTables() }) ?? false
    }

    /// Runs `body` in a read transaction, which sees one consistent state.
    ///
    /// - Throws: errors of `body`; `StoreError` for errors of SQLite.
    public func read<T>(_ body: (Rows) throws -> T) throws -> T {
        try exclusively { db in try db.readTransaction { try body(Rows(db)) } }
    }

    /// Checkpoints the write-ahead log and truncates it, so that it holds no replaced blob.
    ///
    /// - Throws: `busy` if another connection still reads from the log; other errors as SQLite reports them.
    public func truncateLog() throws(StoreError) {
        try StoreError.catching(path) {
            // The change is already committed, and a later one truncates the log: a long reader is not worth waiting for.
            guard try truncateWAL(busyTimeout: Self.shortBusyTimeout) else {
                throw StoreError.busy(path: path)
            }
        }
    }

    /// Checkpoints a long write-ahead log. Does nothing if another connection reads from it or the disk is full.
    ///
    /// SQLite's automatic checkpoint runs within a commit and never truncates the log of processes that commit once each:
    /// the next process cannot tell which frames are already in the file.
    ///
    /// - Parameter truncating: Whether to truncate the log as well. Not needed if the file is closed soon, which removes
    ///   the log.
    public func checkpointLog(truncating: Bool) {
        guard exposure == nil, PathGuard.size(of: path + "-wal") > Self.checkpointThreshold else { return }
        if truncating {
            _ = try? truncateWAL(busyTimeout: 0)
        } else {
            _ = try? exclusively { try $0.number("PRAGMA wal_checkpoint(PASSIVE)") }
        }
    }

    /// Returns whether the log was truncated: false if another connection reads from it.
    private func truncateWAL(busyTimeout: Int32) throws -> Bool {
        try exclusively { db in
            db.busyTimeout = busyTimeout
            defer { db.busyTimeout = Self.busyTimeout }
            return try db.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0
        }
    }

    /// Sets the journal mode to WAL, which persists in the file.
    func enableWAL(_ db: SQLiteConnection) throws {
        // `all` and not `first`: the pragma takes effect when it is stepped past its row.
        guard try db.all("PRAGMA journal_mode = WAL", [], { try $0.text(0) }) == ["wal"] else {
            throw StoreError.io(path: path, detail: "this file system does not support a write-ahead log")
        }
    }

    /// Runs `body` with exclusive use of the connection, and maps SQLite's errors to `StoreError`. Other errors pass.
    func exclusively<T>(_ body: (SQLiteConnection) throws -> T) throws -> T {
        do {
            return try connection.exclusively { db in
                if db.needsReopen { try db.reopen { try Self.prepare($0, .writing) } }
                return try body(db)
            }
        } catch let error as SQLiteError {
            throw StoreError(error, path: path)
        } catch is UnexpectedValue {
            throw StoreError.damaged(path: path, detail: StoreError.wrongType)
        }
    }
}

extension VaultFile {
    /// Verifies header, version and schema, and migrates an older schema.
    func checkSchema(_ access: Access) throws(StoreError) {
        if let field = connection.header()?.invalidField {
            throw .damaged(path: path, detail: "invalid \(field) in its header")
        }
        try StoreError.catching(path) {
            let version = try read { try $0.schemaVersion(path: path) }
            if version < Migrations.steps.count {
                guard access == .writing else { throw StoreError.readOnly(path: path) }
                try migrate(from: version)
            }
            if let object = try read({ try $0.alteredObject() }) {
                throw StoreError.alteredSchema(path: path, object: object)
            }
        }
    }

    /// Migrates from an older version, after verifying that the file has exactly the schema of that version.
    private func migrate(from version: Int) throws {
        let newest = Migrations.steps.count
        _ = try write(isWritten: { try $0.schemaVersion(path: path) == newest }) { rows in
            guard try rows.schemaVersion(path: path) == version else { return }
            if let object = try rows.alteredObject(from: Self.schema(after: version)) {
                throw StoreError.alteredSchema(path: path, object: object)
            }
            for step in Migrations.steps[version...] { try rows.db.execute(step) }
            try rows.db.execute("PRAGMA user_version = \(newest)")
        }
    }
}
