import GRDB
import GRDBSQLite

/// A value that a statement takes.
///
/// Bound straight to SQLite's statement: the way through GRDB's own arguments costs an import of many rows more than
/// SQLite itself does. The statement, its cache and its errors are GRDB's.
protocol Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
}

extension Int64: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        unsafe sqlite3_bind_int64(statement, index, self)
    }
}

extension Int: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        unsafe sqlite3_bind_int64(statement, index, Int64(self))
    }
}

extension UInt64: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        unsafe sqlite3_bind_int64(statement, index, Int64(clamping: self))
    }
}

extension String: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { utf8 in
            unsafe utf8.withMemoryRebound(to: CChar.self) { bytes in
                unsafe sqlite3_bind_text64(
                    statement, index, bytes.baseAddress, UInt64(bytes.count), copied, UInt8(SQLITE_UTF8))
            }
        }
    }
}

extension [UInt8]: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        unsafe withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else {
                return unsafe sqlite3_bind_zeroblob(statement, index, 0)
            }
            return unsafe sqlite3_bind_blob64(statement, index, start, UInt64(bytes.count), copied)
        }
    }
}

extension Optional: Bindable where Wrapped: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .some(let value): unsafe value.bind(to: statement, at: index)
        case .none: unsafe sqlite3_bind_null(statement, index)
        }
    }
}

extension Rows {
    /// Runs one statement that gives no rows; it was prepared before and is kept.
    ///
    /// - Throws: `DatabaseError` with SQLite's code and message, and no value.
    func run(_ sql: String, _ values: [any Bindable]) throws {
        let statement = unsafe try db.cachedStatement(sql: sql).sqliteStatement
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() {
            try check(unsafe value.bind(to: statement, at: Int32(index + 1)), done: SQLITE_OK)
        }
        try check(unsafe sqlite3_step(statement), done: SQLITE_DONE)
    }

    /// Hands out the rows of one statement, for the few that read very many.
    func forEachRow(_ sql: String, _ values: [any Bindable], _ body: (ColumnReader) throws -> Void) throws {
        let statement = unsafe try db.cachedStatement(sql: sql).sqliteStatement
        defer {
            unsafe sqlite3_reset(statement)
            unsafe sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() {
            try check(unsafe value.bind(to: statement, at: Int32(index + 1)), done: SQLITE_OK)
        }
        var code = unsafe sqlite3_step(statement)
        while code == SQLITE_ROW {
            try body(unsafe ColumnReader(statement: statement))
            code = unsafe sqlite3_step(statement)
        }
        try check(code, done: SQLITE_DONE)
    }

    private func check(_ code: Int32, done: Int32) throws {
        guard code != done else { return }
        let message = unsafe db.sqliteConnection.map { unsafe String(cString: sqlite3_errmsg($0)) }
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}

/// The columns of the row that a statement stands on; not to be kept.
@safe struct ColumnReader {
    fileprivate let statement: OpaquePointer

    func integer(_ index: Int32) -> Int64 { unsafe sqlite3_column_int64(statement, index) }

    /// The column's bytes, of a text or a blob; empty for NULL.
    func bytes(_ index: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(statement, index) else { return [] }
        return unsafe Array(
            UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index))))
    }

    func text(_ index: Int32) -> String { String(decoding: bytes(index), as: UTF8.self) }
}

/// SQLite copies what is bound (`SQLITE_TRANSIENT`).
private let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
