/// A value that can be bound to a statement parameter.
protocol Bindable: Sendable {
    func append(to arguments: inout StatementArguments)
}

extension Int64: Bindable {
    func append(to values: inout StatementArguments) { values.append(integer: self) }
}

extension Int: Bindable {
    func append(to values: inout StatementArguments) { values.append(integer: Int64(self)) }
}

extension UInt64: Bindable {
    func append(to values: inout StatementArguments) { values.append(integer: Int64(clamping: self)) }
}

extension String: Bindable {
    func append(to values: inout StatementArguments) { values.append(text: self) }
}

extension [UInt8]: Bindable {
    func append(to values: inout StatementArguments) { values.append(blob: self) }
}

extension Optional: Bindable where Wrapped: Bindable {
    func append(to values: inout StatementArguments) {
        switch self {
        case .some(let value): value.append(to: &values)
        case .none: values.appendNull()
        }
    }
}
