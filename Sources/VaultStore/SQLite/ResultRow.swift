import CSQLite

/// The columns of the row that a statement stands on; not to be kept.
///
/// A damaged file may hold any value in any column, whatever its table says (case 41): a text or a number that is none
/// is `UnfitValue`, and `VaultFile` says that the file is damaged.
@safe struct ResultRow {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) { unsafe self.statement = statement }

    private func kind(_ index: Int32) -> Int32 { unsafe sqlite3_column_type(statement, index) }

    private func content(_ index: Int32) -> UnsafeRawBufferPointer {
        // The bytes first, the count after them, as SQLite asks (sqlite.org/c3ref/column_blob.html).
        let start = unsafe sqlite3_column_blob(statement, index)
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index)))
    }

    /// The bytes of a blob or a text, nil for anything else.
    func optionalBytes(_ index: Int32) -> [UInt8]? {
        let kind = kind(index)
        guard kind == SQLITE_BLOB || kind == SQLITE_TEXT else { return nil }
        return unsafe Array(content(index))
    }

    /// The bytes of a blob or a text; empty for anything else, which every reader of bytes refuses.
    func bytes(_ index: Int32) -> [UInt8] { optionalBytes(index) ?? [] }

    /// A text, nil for NULL.
    func optionalText(_ index: Int32) throws -> String? {
        switch kind(index) {
        case SQLITE_NULL: return nil
        case SQLITE_TEXT:
            let bytes = unsafe content(index)
            // To validate a text Swift looks up types, which takes longer than to read most of them.
            if unsafe bytes.reduce(0, |) < 0x80 { return unsafe String(decoding: bytes, as: UTF8.self) }
            guard let text = unsafe String(validating: bytes, as: UTF8.self) else { throw UnfitValue() }
            return text
        default: throw UnfitValue()
        }
    }

    /// A text that must be there.
    func text(_ index: Int32) throws -> String {
        guard let text = try optionalText(index) else { throw UnfitValue() }
        return text
    }

    /// A whole number, nil for NULL.
    func optionalNumber(_ index: Int32) throws -> Int64? {
        switch kind(index) {
        case SQLITE_NULL: nil
        case SQLITE_INTEGER: unsafe sqlite3_column_int64(statement, index)
        default: throw UnfitValue()
        }
    }

    /// A whole number that must be there.
    func number(_ index: Int32) throws -> Int64 {
        guard let number = try optionalNumber(index) else { throw UnfitValue() }
        return number
    }

    /// A number that is never below zero; one that is, is taken for zero.
    func count(_ index: Int32) throws -> UInt64 { UInt64(clamping: try number(index)) }
}
