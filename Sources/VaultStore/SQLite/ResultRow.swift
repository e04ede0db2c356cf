import CSQLite

/// The columns of the current row of a statement, valid until the next step.
///
/// A damaged file may hold any value in any column, regardless of the column's type (case 41). Reading a value of another
/// type throws `UnexpectedValue`, which `VaultFile` reports as damage.
@safe struct ResultRow {
    private let statement: OpaquePointer
    private let first: Int32

    /// The columns from `first` on.
    init(_ statement: OpaquePointer, from first: Int32 = 0) {
        unsafe self.statement = statement
        self.first = first
    }

    /// The columns from an index on, which becomes 0.
    func from(_ index: Int32) -> ResultRow { unsafe ResultRow(statement, from: first + index) }

    private func kind(_ index: Int32) -> Int32 { unsafe sqlite3_column_type(statement, first + index) }

    private func content(_ index: Int32) -> UnsafeRawBufferPointer {
        // The pointer before the size, as SQLite requires (sqlite.org/c3ref/column_blob.html).
        let start = unsafe sqlite3_column_blob(statement, first + index)
        let count = unsafe sqlite3_column_bytes(statement, first + index)
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(count))
    }

    /// The bytes of a blob or text; nil for other types.
    func optionalBytes(_ index: Int32) -> [UInt8]? {
        let kind = kind(index)
        guard kind == SQLITE_BLOB || kind == SQLITE_TEXT else { return nil }
        return unsafe Array(content(index))
    }

    /// The bytes of a blob or text; empty for other types, which every caller rejects.
    func bytes(_ index: Int32) -> [UInt8] { optionalBytes(index) ?? [] }

    /// A text; nil for NULL.
    func optionalText(_ index: Int32) throws -> String? {
        switch kind(index) {
        case SQLITE_NULL: return nil
        case SQLITE_TEXT:
            let bytes = unsafe content(index)
            // `String(validating:)` looks up types at run time, which takes longer than reading most texts.
            if unsafe bytes.reduce(0, |) < 0x80 { return unsafe String(decoding: bytes, as: UTF8.self) }
            guard let text = unsafe String(validating: bytes, as: UTF8.self) else { throw UnexpectedValue() }
            return text
        default: throw UnexpectedValue()
        }
    }

    func text(_ index: Int32) throws -> String { try required(optionalText(index)) }

    /// An integer; nil for NULL.
    func optionalNumber(_ index: Int32) throws -> Int64? {
        switch kind(index) {
        case SQLITE_NULL: nil
        case SQLITE_INTEGER: unsafe sqlite3_column_int64(statement, first + index)
        default: throw UnexpectedValue()
        }
    }

    func number(_ index: Int32) throws -> Int64 { try required(optionalNumber(index)) }

    /// An integer that is never negative in a valid file; negative ones are clamped to zero.
    func unsigned(_ index: Int32) throws -> UInt64 { UInt64(clamping: try number(index)) }

    private func required<T>(_ value: T?) throws -> T {
        guard let value else { throw UnexpectedValue() }
        return value
    }
}
