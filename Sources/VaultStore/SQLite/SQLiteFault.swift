import CSQLite

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What SQLite refused or could not do: its result code and its own words, never a value.
struct SQLiteFault: Error, Equatable {
    /// The extended result code (sqlite.org/rescode.html).
    let code: Int32
    let message: String
    /// The system's reason (errno) of an I/O error; 0 where SQLite does not know it.
    var systemError: Int32 = 0

    /// The result code without what extends it.
    var primary: Int32 { code & 0xFF }
}

extension SQLiteFault {
    /// The fault of what was last done on a connection.
    init(_ code: Int32, of connection: OpaquePointer?) {
        self.code = code
        if let connection = unsafe connection, [SQLITE_IOERR, SQLITE_CANTOPEN].contains(code & 0xFF) {
            // SQLite does not keep that of a failed COMMIT; a limit of file size is still the thread's own.
            let number = errno
            systemError = unsafe sqlite3_system_errno(connection)
            if systemError == 0, number == EFBIG { systemError = number }
        }
        if let connection = unsafe connection, let words = unsafe sqlite3_errmsg(connection) {
            message = unsafe String(cString: words)
        } else {
            message = unsafe String(cString: sqlite3_errstr(code))
        }
    }
}

/// A row holds a value of a kind that its column never has: somebody else wrote it (case 41).
struct UnfitValue: Error {}

/// COMMIT returned an error. The transaction may be in the file all the same: SQLite writes it to the write-ahead log,
/// synchronizes that, and updates the log's index, and each of these steps can fail.
struct CommitFault: Error {
    let fault: SQLiteFault
}

extension SQLiteFault {
    /// What a person reads of a fault: the system's words for an I/O error, and never SQLite's.
    var reason: String {
        if isFull { return "no space left on the disk" }
        if isReadOnly { return "read-only file system, or no permission" }
        switch primary {
        case SQLITE_BUSY, SQLITE_LOCKED: return "another program keeps the file busy"
        case SQLITE_NOMEM: return "out of memory"
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            return switch systemError {
            case 0: "the disk or the file system failed"
            case EFBIG: "file size limit reached; raise it, for example: ulimit -f unlimited"
            default: unsafe String(cString: strerror(systemError))
            }
        default: return "internal error of the database, code \(code)"
        }
    }

    /// Whether there was no space left, whatever SQLite made of that.
    var isFull: Bool { primary == SQLITE_FULL || [ENOSPC, EDQUOT].contains(systemError) }

    /// Whether nothing can be written there, whatever SQLite made of that.
    var isReadOnly: Bool { primary == SQLITE_READONLY || [EROFS, EACCES, EPERM].contains(systemError) }

    /// Whether the index of the write-ahead log, which every reader shares, could not be made: the disk is full, or the
    /// file system is read-only.
    var isSharedIndex: Bool {
        [vault_ioerr_shmopen, vault_ioerr_shmsize, vault_ioerr_shmmap].contains(code)
            || primary == SQLITE_CANTOPEN
            || primary == SQLITE_FULL || primary == SQLITE_READONLY
    }

    /// Whether a COMMIT that failed like this never wrote its last frame, without which the rest of it means nothing.
    var isBeforeLastFrame: Bool {
        primary == SQLITE_FULL || code == vault_ioerr_write
    }
}
