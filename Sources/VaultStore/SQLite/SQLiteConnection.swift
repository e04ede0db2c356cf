import CSQLite
import CSQLiteVFS
import Synchronization

/// One connection to a database file, for one thread at a time: whoever else asks waits.
///
/// Statements are prepared once and kept. Rows are read and changed inside of a transaction, so that one reader sees one
/// moment.
/// SQLite is called straight, and not by a library that does more: docs/decisions/0026-no-foundation-in-the-program.md.
@safe final class SQLiteConnection: @unchecked Sendable {
    enum Access {
        case reading, writing
        /// Reading a file that nothing can change: on a read-only file system.
        case immutable

        fileprivate var flags: Int32 {
            switch self {
            case .reading: SQLITE_OPEN_READONLY
            case .writing: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .immutable: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            }
        }
    }

    private let path: String
    private let access: Access
    /// Whether it can only read: because that was asked for, or because SQLite could not open the file for writing.
    var isReadOnly: Bool { unsafe sqlite3_db_readonly(handle, "main") == 1 }
    /// Whether the next one who uses the connection has to open it again (`reopen`).
    private(set) var isLost = false
    private(set) var handle: OpaquePointer?
    private var statements: [String: PreparedStatement] = [:]
    /// Rows that are to be written before anything else is asked (`Rows.gathering`).
    var waiting: WaitingRows?
    /// What `new_blob` looks in (`offering`).
    var blobs: BlobSource?
    /// Milliseconds for which another one's transaction is waited for.
    var patience: Int32 {
        didSet { if unsafe handle != nil { unsafe sqlite3_busy_timeout(handle, patience) } }
    }
    private let turn = Mutex(())
    private var transaction = Transaction.none

    private enum Transaction { case none, looking, changing }
    /// Whether the current transaction has replaced or deleted sealed bytes, which the write-ahead log still holds.
    var discardsSeals = false

    private static let isSetUp: Void = {
        vault_count_no_memory()
        vault_install_vfs()
    }()

    /// Opens the file, or a private database that is gone with this for an empty path.
    init(_ path: String, _ access: Access, patience: Int32) throws {
        Self.isSetUp
        (self.path, self.access, self.patience) = (path, access, patience)
        try open()
    }

    private func open() throws {
        let code = unsafe sqlite3_open_v2(
            access == .immutable ? Self.immutable(path) : Self.plain(path), &handle,
            access.flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK else {
            let fault = unsafe SQLiteFault(code, of: handle)
            close()
            throw fault
        }
        unsafe sqlite3_busy_timeout(handle, patience)
        unsafe vault_refuse_double_quoted_values(handle)
    }

    /// Closes the connection, opens a new one to the same file, and sets that up. Where this throws, the connection stays
    /// closed, and the next one who uses it tries again.
    /// `isTemporary`: the next one who uses it opens another one.
    func reopen(isTemporary: Bool = false, _ setUp: (SQLiteConnection) throws -> Void) throws {
        close()
        isLost = true
        try open()
        do { try setUp(self) } catch {
            close()
            throw error
        }
        isLost = isTemporary
    }

    deinit { close() }

    /// A path as SQLite takes it for nothing but a path: `file:x` alone would be a URI (sqlite.org/uri.html), which names
    /// another file than the one that was looked at. Empty stays empty.
    static func plain(_ path: String) -> String { path.isEmpty || path.hasPrefix("/") ? path : "./" + path }

    /// A URI for a file that cannot change while it is read, so that SQLite makes no file beside it.
    private static func immutable(_ path: String) -> String {
        let escaped = plain(path).utf8.map { byte -> String in
            let isPlain =
                byte < 0x80
                && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
            return isPlain || byte == 0x2f || byte == 0x2e
                ? String(UnicodeScalar(byte))
                : "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        return "file:" + escaped.joined() + "?immutable=1"
    }

    /// Whether the open file was moved, replaced or deleted: its path names another file, or none.
    var hasMoved: Bool {
        var moved: Int32 = 0
        let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code == SQLITE_OK && moved != 0
    }

    /// Gives the file back; what is asked afterwards fails.
    func close() {
        statements = [:]
        blobs = nil
        unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    /// Waits for this thread's turn. Nobody asks for a turn within their own.
    func exclusively<T>(_ body: (SQLiteConnection) throws -> T) throws -> T {
        try turn.withLock { _ in
            guard unsafe handle != nil || isLost else {
                throw SQLiteFault(code: SQLITE_MISUSE, message: "the file was closed")
            }
            // It does not come out of what the lock guards, which is the turn alone.
            nonisolated(unsafe) let result = try body(self)
            return unsafe result
        }
    }
}

// Statements.
extension SQLiteConnection {
    /// Runs a script of statements that take no values, and passes over any rows.
    func execute(_ script: String) throws {
        precondition(transaction != .looking, "a script where nothing is to be changed")
        try waiting?.settle()
        try check(unsafe sqlite3_exec(handle, script, nil, nil, nil))
    }

    /// Runs a statement that gives no rows.
    func run(_ sql: String, _ values: [any Bindable] = []) throws {
        try stepping(sql, values) { statement in
            guard try statement.step() else { return }
            throw SQLiteFault(code: SQLITE_MISUSE, message: "a statement gave a row that nobody reads")
        }
    }

    /// Hands out the rows of a statement.
    func forEach(_ sql: String, _ values: [any Bindable] = [], _ body: (ResultRow) throws -> Void) throws {
        try stepping(sql, values) { statement in
            while try statement.step() { try body(statement.row) }
        }
    }

    /// Hands out the rows of a statement as long as `body` wants more.
    func forEach(_ sql: String, _ values: [any Bindable], while body: (ResultRow) throws -> Bool) throws {
        try stepping(sql, values) { statement in
            while try statement.step(), try body(statement.row) {}
        }
    }

    /// What `read` makes of the rows of a statement.
    func all<T>(
        _ sql: String, _ values: [any Bindable] = [], _ read: (ResultRow) throws -> T
    ) throws -> [T] {
        var found: [T] = []
        try stepping(sql, values) { statement in
            while try statement.step() { found.append(try read(statement.row)) }
        }
        return found
    }

    /// What `read` makes of the first row of a statement; nil when there is none.
    func first<T>(
        _ sql: String, _ values: [any Bindable] = [], _ read: (ResultRow) throws -> T
    ) throws -> T? {
        var found: T?
        try stepping(sql, values) { statement in
            if try statement.step() { found = try read(statement.row) }
        }
        return found
    }

    /// The whole number in the one row and column of a statement.
    func number(_ sql: String, _ values: [any Bindable] = []) throws -> Int64? {
        try first(sql, values) { try $0.optionalNumber(0) } ?? nil
    }

    /// The text in the one row and column of a statement.
    func text(_ sql: String, _ values: [any Bindable] = []) throws -> String? {
        try first(sql, values) { try $0.optionalText(0) } ?? nil
    }

    var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

    private func stepping(_ sql: String, _ values: [any Bindable], _ body: (PreparedStatement) throws -> Void)
        throws
    {
        try waiting?.settle()
        let values = Values(values)
        try stepping(sql, values, 0..<values.count, body)
    }

    /// Lends a statement with some values, whatever waits to be written. One that is asked for within its own rows is
    /// prepared a second time.
    func stepping(
        _ sql: String, _ values: Values, _ range: Range<Int>, _ body: (PreparedStatement) throws -> Void
    ) throws {
        let statement = try idle(sql)
        statement.isLent = true
        defer { statement.isLent = false }
        try mayRun(statement)
        try values.lend(range, to: statement) { try body(statement) }
    }

    /// Refuses a change where only a look was announced; and anything behind the end of a transaction that SQLite itself
    /// has ended, after a full disk for one: it would be a transaction of its own.
    private func mayRun(_ statement: PreparedStatement) throws {
        if transaction == .looking, !statement.changesNothing {
            throw SQLiteFault(code: SQLITE_READONLY, message: "a change where nothing is to be changed")
        }
        if transaction != .none, unsafe sqlite3_get_autocommit(handle) != 0 {
            throw SQLiteFault(code: SQLITE_ABORT, message: "the transaction was ended before")
        }
    }

    private func idle(_ sql: String) throws -> PreparedStatement {
        if let kept = statements[sql] { return kept.isLent ? try prepare(sql) : kept }
        let statement = try prepare(sql)
        statements[sql] = statement
        return statement
    }

    private func prepare(_ sql: String) throws -> PreparedStatement {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement = unsafe statement else {
            throw unsafe SQLiteFault(code == SQLITE_OK ? SQLITE_MISUSE : code, of: handle)
        }
        return unsafe PreparedStatement(statement)
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw unsafe SQLiteFault(code, of: handle) }
    }
}

// Transactions, and the file as a whole.
extension SQLiteConnection {
    /// Runs `body`, which changes nothing, so that it sees one moment.
    func looking<T>(_ body: () throws -> T) throws -> T { try inTransaction(.looking, "BEGIN", body) }

    /// Runs `body` while other writers wait; its changes are durable when this returns.
    ///
    /// - Throws: what `body` throws, and nothing was changed; `CommitFault` when COMMIT returned an error, which leaves
    ///   open whether the changes are in the file (`VaultFile.write` finds out).
    func changing<T>(_ body: () throws -> T) throws -> T {
        try inTransaction(.changing, "BEGIN IMMEDIATE", body)
    }

    private func inTransaction<T>(_ kind: Transaction, _ begin: String, _ body: () throws -> T) throws -> T {
        try run(begin)
        do {
            transaction = kind
            discardsSeals = false
            defer { transaction = .none }
            let result = try body()
            do {
                try run("COMMIT")
            } catch let fault as SQLiteFault where kind == .changing {
                throw CommitFault(fault: fault)
            }
            return result
        } catch {
            // SQLite itself ends a transaction after some faults, such as a full disk.
            if unsafe sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
            throw error
        }
    }

    /// Puts all pages of this database in the place of the other one's, in one transaction there.
    func copyAll(to target: SQLiteConnection) throws {
        guard let backup = unsafe sqlite3_backup_init(target.handle, "main", handle, "main") else {
            throw unsafe SQLiteFault(sqlite3_extended_errcode(target.handle), of: target.handle)
        }
        let stepped = unsafe sqlite3_backup_step(backup, -1)
        let finished = unsafe sqlite3_backup_finish(backup)
        guard stepped == SQLITE_DONE else { throw unsafe SQLiteFault(stepped, of: nil) }
        try target.check(finished)
    }
}
