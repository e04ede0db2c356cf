import CSQLite
import Libc

/// An error of SQLite: its result code and message, never a value.
struct SQLiteError: Error, Equatable {
    /// The extended result code (sqlite.org/rescode.html).
    let code: Int32
    let message: String
    /// The errno of an I/O error; 0 if SQLite does not know it.
    var systemError: Int32 = 0

    /// The primary result code.
    var primary: Int32 { code & 0xFF }
}

extension SQLiteError {
    /// The error of the last call on a connection.
    init(_ code: Int32, of connection: OpaquePointer?) {
        self.code = code
        if let connection = unsafe connection, [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xFF) {
            // SQLite loses the errno of a failed COMMIT; for a file size limit it is still the thread's own.
            let number = errno
            systemError = unsafe sqlite3_system_errno(connection)
            if systemError == 0, number == EFBIG { systemError = number }
        }
        if let connection = unsafe connection, let text = unsafe sqlite3_errmsg(connection) {
            message = unsafe String(cString: text)
        } else {
            message = unsafe String(cString: sqlite3_errstr(code))
        }
    }
}

/// A row holds a value of a type that this program never writes (case 41).
struct UnexpectedValue: Error {}

/// COMMIT returned an error. The transaction may be in the file nevertheless: SQLite appends it to the write-ahead log,
/// syncs the log and updates its index, and each of these steps can fail.
struct CommitError: Error {
    let fault: SQLiteError
}

extension SQLiteError {
    /// The reason for error messages: the system's text for an I/O error, and never SQLite's.
    var reason: String {
        if isFull { return "no space left on the disk" }
        if isReadOnly { return "read-only file system, or no permission" }
        switch primary {
        case SQLITE_BUSY, SQLITE_LOCKED: return "another program is using the file"
        case SQLITE_NOMEM: return "out of memory"
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            return switch systemError {
            case 0: "the disk or the file system failed"
            case EFBIG: "file size limit reached; raise it, for example: ulimit -f unlimited"
            default: unsafe String(cString: strerror(systemError))
            }
        default: return "internal database error, code \(code)"
        }
    }

    /// Whether no space was left. SQLite reports this with several codes.
    var isFull: Bool { primary == SQLITE_FULL || [ENOSPC, EDQUOT].contains(systemError) }

    /// Whether the file cannot be written. SQLite reports this with several codes.
    var isReadOnly: Bool { primary == SQLITE_READONLY || [EROFS, EACCES, EPERM].contains(systemError) }

    /// Whether the shared index of the write-ahead log could not be created: the disk is full, or the file system is
    /// read-only.
    var isSharedIndexError: Bool {
        [vault_ioerr_shmopen, vault_ioerr_shmsize, vault_ioerr_shmmap].contains(code)
            || [SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_READONLY].contains(primary)
    }

    /// Whether a COMMIT that failed like this never wrote its last frame, without which the transaction is not valid.
    var isBeforeLastFrame: Bool { primary == SQLITE_FULL || code == vault_ioerr_write }
}
