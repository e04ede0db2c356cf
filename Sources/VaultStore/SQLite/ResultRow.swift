import CSQLite

/// The columns of the current row of a statement, valid until the next step.
///
/// A damaged file may hold any value in any column, regardless of the column's type (case 41). Reading a value of another
/// type throws `UnexpectedValue`, which `VaultFile` reports as damage.
@safe struct ResultRow {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) { unsafe self.statement = statement }

    private func kind(_ index: Int32) -> Int32 { unsafe sqlite3_column_type(statement, index) }

    private func content(_ index: Int32) -> UnsafeRawBufferPointer {
        // The pointer before the size, as SQLite requires (sqlite.org/c3ref/column_blob.html).
        let start = unsafe sqlite3_column_blob(statement, index)
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index)))
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

    func text(_ index: Int32) throws -> String {
        guard let text = try optionalText(index) else { throw UnexpectedValue() }
        return text
    }

    /// An integer; nil for NULL.
    func optionalNumber(_ index: Int32) throws -> Int64? {
        switch kind(index) {
        case SQLITE_NULL: nil
        case SQLITE_INTEGER: unsafe sqlite3_column_int64(statement, index)
        default: throw UnexpectedValue()
        }
    }

    func number(_ index: Int32) throws -> Int64 {
        guard let number = try optionalNumber(index) else { throw UnexpectedValue() }
        return number
    }

    /// An integer that is never negative in a valid file; negative ones are clamped to zero.
    func unsigned(_ index: Int32) throws -> UInt64 { UInt64(clamping: try number(index)) }
}
