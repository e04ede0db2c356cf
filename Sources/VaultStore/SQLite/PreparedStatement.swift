import CSQLite

/// A prepared statement, finalized with this object.
@safe final class PreparedStatement {
    let pointer: OpaquePointer
    /// Whether its rows are being read.
    var isInUse = false

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe sqlite3_finalize(pointer) }

    /// Advances to the next row; false after the last one.
    func step() throws -> Bool {
        switch unsafe sqlite3_step(pointer) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw fault(code)
        }
    }

    var isReadOnly: Bool { unsafe sqlite3_stmt_readonly(pointer) != 0 }

    /// The current row, valid until the next step.
    var row: ResultRow { unsafe ResultRow(pointer) }

    /// Ends the execution, and clears the bindings.
    func reset() {
        unsafe sqlite3_reset(pointer)
        unsafe sqlite3_clear_bindings(pointer)
    }

    func fault(_ code: Int32) -> SQLiteError {
        unsafe SQLiteError(code, of: sqlite3_db_handle(pointer))
    }
}
