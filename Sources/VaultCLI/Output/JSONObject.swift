import VaultCore
import VaultLedger

/// A value in a JSON result.
protocol JSONConvertible {
    var json: JSON { get }
}

/// A JSON object in a result. A member that is nil is left out; `orNull` writes it as null.
struct JSONObject: JSONConvertible, ExpressibleByDictionaryLiteral {
    private var members: JSON.Members

    init(_ members: JSON.Members) { self.members = members }

    init(dictionaryLiteral elements: (String, (any JSONConvertible)?)...) {
        members = JSON.Members()
        for (key, value) in elements { members[key] = value?.json }
    }

    subscript(key: String) -> (any JSONConvertible)? {
        get { members[key] }
        set { members[key] = newValue?.json }
    }

    var json: JSON { .object(members) }
}

extension Optional where Wrapped: JSONConvertible {
    /// The value, or null.
    var orNull: JSON { self?.json ?? .null }
}

extension JSON: JSONConvertible { var json: JSON { self } }
extension Bool: JSONConvertible { var json: JSON { .bool(self) } }
extension String: JSONConvertible { var json: JSON { .string(self) } }
extension Timestamp: JSONConvertible { var json: JSON { .string(text) } }
extension Identifier: JSONConvertible { var json: JSON { .string(hex) } }

extension Array: JSONConvertible where Element: JSONConvertible {
    var json: JSON { .array(map { $0.json }) }
}

extension JSONConvertible where Self: BinaryInteger {
    var json: JSON { .integer(Int64(self)) }
}

extension Int: JSONConvertible {}
extension Int32: JSONConvertible {}
extension Int64: JSONConvertible {}
extension UInt64: JSONConvertible {}

extension JSONConvertible where Self: RawRepresentable, Self.RawValue == String {
    var json: JSON { .string(rawValue) }
}

extension Action: JSONConvertible {}
extension OwnerKind: JSONConvertible {}
extension Role: JSONConvertible {}
