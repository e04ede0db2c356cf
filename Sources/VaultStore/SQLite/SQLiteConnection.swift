import CSQLite
import CSQLiteVFS
import Synchronization
import VaultText

/// A connection to a database file, used by one thread at a time.
///
/// Caches prepared statements. Rows are read and changed in transactions, so that a reader sees one consistent state.
/// Calls SQLite directly, because wrappers link Foundation (decision 0026).
@safe final class SQLiteConnection: @unchecked Sendable {
    private let path: String
    private let access: VaultFile.Access
    /// Whether the connection is read-only: as requested, or because SQLite could not open the file for writing.
    var isReadOnly: Bool { unsafe sqlite3_db_readonly(handle, "main") == 1 }
    /// Whether the next use has to `reopen` the connection.
    private(set) var needsReopen = false
    private(set) var handle: OpaquePointer?
    private var statements: [String: PreparedStatement] = [:]
    /// Rows to write before any other statement (`Rows.bufferingInserts`).
    var insertBuffer: InsertBuffer?
    /// The blobs that `new_blob` returns (`withBlobs`).
    var blobSource: BlobSource?
    /// Milliseconds to wait for another connection's transaction.
    var busyTimeout: Int32 {
        didSet { if unsafe handle != nil { unsafe sqlite3_busy_timeout(handle, busyTimeout) } }
    }
    private let mutex = Mutex(())
    private var transaction = Transaction.none

    private enum Transaction { case none, read, write }
    /// Whether the current transaction has replaced or deleted sealed bytes, which the write-ahead log still holds.
    var discardsSealedBytes = false

    private static let isSetUp: Void = {
        vault_disable_memory_statistics()
        vault_install_vfs()
    }()

    /// Opens a file, or for an empty path a private temporary database.
    init(_ path: String, _ access: VaultFile.Access, busyTimeout: Int32) throws {
        Self.isSetUp
        (self.path, self.access, self.busyTimeout) = (path, access, busyTimeout)
        try open()
    }

    private func open() throws {
        let flags =
            switch access {
            case .reading: SQLITE_OPEN_READONLY
            case .writing, .exclusive: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .immutable: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            }
        let code = unsafe sqlite3_open_v2(
            access == .immutable ? Self.immutableURI(path) : Self.literalPath(path), &handle,
            flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK else {
            let fault = unsafe SQLiteError(code, of: handle)
            close()
            throw fault
        }
        unsafe sqlite3_busy_timeout(handle, busyTimeout)
        unsafe vault_disable_double_quoted_strings(handle)
    }

    /// Closes the connection, opens a new one to the same file, and configures it. On failure it stays closed, and the next
    /// use tries again. With `isTemporary`, the next use reopens it once more.
    func reopen(isTemporary: Bool = false, _ setUp: (SQLiteConnection) throws -> Void) throws {
        close()
        needsReopen = true
        try open()
        do { try setUp(self) } catch {
            close()
            throw error
        }
        needsReopen = isTemporary
    }

    deinit { close() }

    /// A path that SQLite cannot take for a URI (sqlite.org/uri.html): `file:x` would name another file than the
    /// checked one. Empty stays empty.
    static func literalPath(_ path: String) -> String {
        path.isEmpty || path.hasPrefix("/") ? path : "./" + path
    }

    /// A URI for a file that cannot change, for which SQLite needs no lock, log or index.
    private static func immutableURI(_ path: String) -> String {
        "file:" + literalPath(path).utf8.map { "%" + Hex.encode([$0]) }.joined() + "?immutable=1"
    }

    /// Whether the open file was moved, replaced or deleted.
    var hasMoved: Bool {
        var moved: Int32 = 0
        let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code == SQLITE_OK && moved != 0
    }

    /// Closes the connection. Later statements fail.
    func close() {
        statements = [:]
        blobSource = nil
        unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    /// Runs `body` with exclusive use of the connection. Not reentrant.
    func exclusively<T>(_ body: (SQLiteConnection) throws -> T) throws -> T {
        try mutex.withLock { _ in
            guard unsafe handle != nil || needsReopen else {
                throw SQLiteError(code: SQLITE_MISUSE, message: "the file was closed")
            }
            // Safe to send: the mutex guards access, and not a value that `result` could be part of.
            nonisolated(unsafe) let result = try body(self)
            return unsafe result
        }
    }
}

// Statements.
extension SQLiteConnection {
    /// Runs a script of statements without arguments, and ignores their rows.
    func execute(_ script: String) throws {
        precondition(transaction != .read, "a script in a read transaction")
        try insertBuffer?.flush()
        try check(unsafe sqlite3_exec(handle, script, nil, nil, nil))
    }

    /// Runs a statement that returns no rows.
    func run(_ sql: String, _ values: [any Bindable] = []) throws {
        try withStatement(sql, values) { statement in
            guard try statement.step() else { return }
            throw SQLiteError(code: SQLITE_MISUSE, message: "unexpected row")
        }
    }

    /// Calls `body` with the rows of a query.
    func forEach(_ sql: String, _ values: [any Bindable] = [], _ body: (ResultRow) throws -> Void) throws {
        try withStatement(sql, values) { statement in
            while try statement.step() { try body(statement.row) }
        }
    }

    /// Calls `body` with the rows of a query until it returns false.
    func forEach(_ sql: String, _ values: [any Bindable], while body: (ResultRow) throws -> Bool) throws {
        try withStatement(sql, values) { statement in
            while try statement.step(), try body(statement.row) {}
        }
    }

    /// Returns the rows of a query, converted by `read`.
    func all<T>(
        _ sql: String, _ values: [any Bindable] = [], _ read: (ResultRow) throws -> T
    ) throws -> [T] {
        var found: [T] = []
        try forEach(sql, values) { found.append(try read($0)) }
        return found
    }

    /// Returns the first row of a query, converted by `read`; nil if there is none.
    func first<T>(
        _ sql: String, _ values: [any Bindable] = [], _ read: (ResultRow) throws -> T
    ) throws -> T? {
        var found: T?
        try withStatement(sql, values) { statement in
            if try statement.step() { found = try read(statement.row) }
        }
        return found
    }

    /// Returns the integer in the first row and column of a query.
    func number(_ sql: String, _ values: [any Bindable] = []) throws -> Int64? {
        try first(sql, values) { try $0.optionalNumber(0) } ?? nil
    }

    /// Returns the number of rows of a table, which a condition may follow.
    func count(_ source: String, _ values: [any Bindable] = []) throws -> Int {
        Int(try number("SELECT count(*) FROM " + source, values) ?? 0)
    }

    /// Returns the bytes in the first row and column of a query.
    func bytes(_ sql: String, _ values: [any Bindable] = []) throws -> [UInt8]? {
        try first(sql, values) { $0.bytes(0) }
    }

    /// Returns the text in the first row and column of a query.
    func text(_ sql: String, _ values: [any Bindable] = []) throws -> String? {
        try first(sql, values) { try $0.optionalText(0) } ?? nil
    }

    var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

    private func withStatement(
        _ sql: String, _ values: [any Bindable], _ body: (PreparedStatement) throws -> Void
    ) throws {
        try insertBuffer?.flush()
        let values = StatementArguments(values)
        try withStatement(sql, values, 0..<values.count, body)
    }

    /// Calls `body` with a cached statement and bound arguments, without flushing the insert buffer. While the rows of
    /// a statement are being read, it is prepared a second time.
    func withStatement(
        _ sql: String, _ values: StatementArguments, _ range: Range<Int>,
        _ body: (PreparedStatement) throws -> Void
    ) throws {
        let statement = try self.statement(for: sql)
        statement.isInUse = true
        defer { statement.isInUse = false }
        try checkAllowed(statement)
        try values.bind(range, to: statement) { try body(statement) }
    }

    /// Refuses a change in a read transaction, and any statement after SQLite itself has rolled back the transaction, for
    /// example on a full disk: it would be committed separately.
    private func checkAllowed(_ statement: PreparedStatement) throws {
        if transaction == .read, !statement.isReadOnly {
            throw SQLiteError(code: SQLITE_READONLY, message: "a change in a read transaction")
        }
        if transaction != .none, unsafe sqlite3_get_autocommit(handle) != 0 {
            throw SQLiteError(code: SQLITE_ABORT, message: "the transaction was rolled back")
        }
    }

    private func statement(for sql: String) throws -> PreparedStatement {
        if let kept = statements[sql] { return kept.isInUse ? try prepare(sql) : kept }
        let statement = try prepare(sql)
        statements[sql] = statement
        return statement
    }

    private func prepare(_ sql: String) throws -> PreparedStatement {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement = unsafe statement else {
            throw unsafe SQLiteError(code == SQLITE_OK ? SQLITE_MISUSE : code, of: handle)
        }
        return unsafe PreparedStatement(statement)
    }

    func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw unsafe SQLiteError(code, of: handle) }
    }
}

// Transactions and backup.
extension SQLiteConnection {
    /// Runs `body`, which must change nothing, in one consistent state of the file.
    func readTransaction<T>(_ body: () throws -> T) throws -> T { try inTransaction(.read, "BEGIN", body) }

    /// Runs `body` while other writers wait. Its changes are durable when this returns.
    ///
    /// - Throws: errors of `body`, and nothing was changed; `CommitError` if COMMIT failed, which leaves open whether the
    ///   changes are in the file (see `VaultFile.write`).
    func writeTransaction<T>(_ body: () throws -> T) throws -> T {
        try inTransaction(.write, "BEGIN IMMEDIATE", body)
    }

    private func inTransaction<T>(_ kind: Transaction, _ begin: String, _ body: () throws -> T) throws -> T {
        try run(begin)
        do {
            transaction = kind
            discardsSealedBytes = false
            defer { transaction = .none }
            let result = try body()
            do {
                try run("COMMIT")
            } catch let fault as SQLiteError where kind == .write {
                throw CommitError(fault: fault)
            }
            return result
        } catch {
            // SQLite itself rolls back after some errors, such as a full disk.
            if unsafe sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }

    /// Replaces the content of another database by that of this one, in one transaction there.
    func copyPages(to target: SQLiteConnection) throws {
        guard let backup = unsafe sqlite3_backup_init(target.handle, "main", handle, "main") else {
            throw unsafe SQLiteError(sqlite3_extended_errcode(target.handle), of: target.handle)
        }
        let stepped = unsafe sqlite3_backup_step(backup, -1)
        let finished = unsafe sqlite3_backup_finish(backup)
        guard stepped == SQLITE_DONE else { throw unsafe SQLiteError(stepped, of: nil) }
        try target.check(finished)
    }
}
