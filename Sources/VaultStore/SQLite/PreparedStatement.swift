import CSQLite

/// A statement that SQLite has made ready.
@safe final class PreparedStatement {
    let pointer: OpaquePointer
    /// Whether somebody reads its rows.
    var isLent = false

    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe sqlite3_finalize(pointer) }

    /// Goes to the next row; false behind the last one.
    func step() throws -> Bool {
        switch unsafe sqlite3_step(pointer) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw fault(code)
        }
    }

    /// Whether it leaves the file as it is.
    var changesNothing: Bool { unsafe sqlite3_stmt_readonly(pointer) != 0 }

    /// The row that this stands on; not to be kept.
    var row: ResultRow { unsafe ResultRow(pointer) }

    /// Ends what goes on and forgets the values.
    func reset() {
        unsafe sqlite3_reset(pointer)
        unsafe sqlite3_clear_bindings(pointer)
    }

    func fault(_ code: Int32) -> SQLiteFault {
        unsafe SQLiteFault(code, of: sqlite3_db_handle(pointer))
    }
}
