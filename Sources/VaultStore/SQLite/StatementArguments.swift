import CSQLite

/// A value that can be bound to a statement parameter.
protocol Bindable: Sendable {
    func append(to arguments: inout StatementArguments)
}

/// The arguments of a statement, in one buffer that SQLite reads in place. Can be sent to another thread.
struct StatementArguments: Sendable {
    fileprivate enum Value: Sendable {
        case null
        case integer(Int64)
        case text(Range<Int>)
        case blob(Range<Int>)
    }

    fileprivate var values: [Value] = []
    /// Starts with an unused byte, so that an empty text has an address: SQLite treats a null pointer as NULL.
    private var bytes: [UInt8] = [0]

    init(_ values: [any Bindable] = []) {
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

    /// Copies bytes into the buffer, and returns where they are.
    fileprivate mutating func store(_ new: some Collection<UInt8>) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: new)
        return start..<bytes.count
    }

    /// The text at an index; empty for a value of another type.
    func text(_ index: Int) -> String {
        guard case .text(let range) = values[index] else { return "" }
        return String(decoding: bytes[range], as: UTF8.self)
    }
}

extension StatementArguments {
    /// Binds a range of the arguments to a statement while `body` runs.
    func bind(_ range: Range<Int>, to statement: PreparedStatement, _ body: () throws -> Void) throws {
        try unsafe bytes.withUnsafeBytes { bytes in
            defer { statement.reset() }
            for (parameter, index) in range.enumerated() {
                let code = unsafe Self.bind(
                    values[index], of: bytes, to: statement.pointer, Int32(parameter + 1))
                guard code == SQLITE_OK else { throw statement.fault(code) }
            }
            try body()
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

extension Int64: Bindable {
    func append(to arguments: inout StatementArguments) { arguments.values.append(.integer(self)) }
}

extension Int: Bindable {
    func append(to arguments: inout StatementArguments) { Int64(self).append(to: &arguments) }
}

extension UInt64: Bindable {
    func append(to arguments: inout StatementArguments) { Int64(clamping: self).append(to: &arguments) }
}

extension String: Bindable {
    func append(to arguments: inout StatementArguments) {
        let range = arguments.store(utf8)
        arguments.values.append(.text(range))
    }
}

extension [UInt8]: Bindable {
    func append(to arguments: inout StatementArguments) {
        let range = arguments.store(self)
        arguments.values.append(.blob(range))
    }
}

extension Optional: Bindable where Wrapped: Bindable {
    func append(to arguments: inout StatementArguments) {
        if case .some(let value) = self {
            value.append(to: &arguments)
        } else {
            arguments.values.append(.null)
        }
    }
}
