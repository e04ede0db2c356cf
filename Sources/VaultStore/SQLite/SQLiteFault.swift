import CSQLite

/// What SQLite refused or could not do: its result code and its own words, never a value.
struct SQLiteFault: Error, Equatable {
    /// The extended result code (sqlite.org/rescode.html).
    let code: Int32
    let message: String

    /// The result code without what extends it.
    var primary: Int32 { code & 0xFF }
}

extension SQLiteFault {
    /// The fault of what was last done on a connection.
    init(_ code: Int32, of connection: OpaquePointer?) {
        self.code = code
        if let connection = unsafe connection, let words = unsafe sqlite3_errmsg(connection) {
            message = unsafe String(cString: words)
        } else {
            message = unsafe String(cString: sqlite3_errstr(code))
        }
    }
}

/// A row holds a value of a kind that its column never has: somebody else wrote it (case 41).
struct UnfitValue: Error {}
