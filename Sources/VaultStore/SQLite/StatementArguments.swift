import CSQLite

/// The arguments of a statement, in one buffer that SQLite reads in place. Can be sent to another thread.
struct StatementArguments: Sendable {
    private enum Value: Sendable {
        case null
        case integer(Int64)
        case text(Range<Int>)
        case blob(Range<Int>)
    }

    private var values: [Value] = []
    /// Starts with an unused byte, so that an empty text has an address: SQLite treats a null pointer as NULL.
    private var bytes: [UInt8] = [0]

    init() {}

    init(_ values: [any Bindable]) {
        for value in values { value.append(to: &self) }
    }

    var count: Int { values.count }

    /// Removes all values, and keeps the memory.
    mutating func removeAll() {
        values.removeAll(keepingCapacity: true)
        bytes.removeLast(bytes.count - 1)
    }

    mutating func append<each Value: Bindable>(_ value: repeat each Value) {
        for value in repeat each value { value.append(to: &self) }
    }

    mutating func appendNull() { values.append(.null) }
    mutating func append(integer: Int64) { values.append(.integer(integer)) }

    mutating func append(text: String) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        values.append(.text(start..<bytes.count))
    }

    mutating func append(blob: [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: blob)
        values.append(.blob(start..<bytes.count))
    }

    /// The text at an index; empty for a value of another type.
    func text(_ index: Int) -> String {
        guard case .text(let range) = values[index] else { return "" }
        return String(decoding: bytes[range], as: UTF8.self)
    }
}

extension StatementArguments {
    /// Binds a range of the arguments to a statement while `body` runs.
    func bind<T>(
        _ range: Range<Int>, to statement: PreparedStatement, _ body: () throws -> T
    ) throws -> T {
        try unsafe bytes.withUnsafeBytes { bytes in
            defer { statement.reset() }
            for (parameter, index) in range.enumerated() {
                let code = unsafe Self.bind(
                    values[index], of: bytes, to: statement.pointer, Int32(parameter + 1))
                guard code == SQLITE_OK else { throw statement.fault(code) }
            }
            return try body()
        }
    }

    private static func bind(
        _ value: Value, of bytes: UnsafeRawBufferPointer, to statement: OpaquePointer, _ index: Int32
    ) -> Int32 {
        switch value {
        case .null: unsafe sqlite3_bind_null(statement, index)
        case .integer(let number): unsafe sqlite3_bind_int64(statement, index, number)
        case .text(let range):
            unsafe sqlite3_bind_text64(
                statement, index, (bytes.baseAddress! + range.lowerBound).assumingMemoryBound(to: CChar.self),
                UInt64(range.count), nil, UInt8(SQLITE_UTF8))
        case .blob(let range):
            unsafe sqlite3_bind_blob64(
                statement, index, bytes.baseAddress! + range.lowerBound, UInt64(range.count), nil)
        }
    }
}
