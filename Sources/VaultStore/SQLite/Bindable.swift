import CSQLite

/// A value that a statement takes.
protocol Bindable {
    /// Gives it to the statement, which copies it; SQLite's result code.
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

/// SQLite copies what is bound (`SQLITE_TRANSIENT`).
private let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
