import VaultLedger
import VaultMemory

// Not Foundation's JSONEncoder: it takes some tenths of a millisecond before its first value, and leaves what it
// encodes in memory that is never wiped.

/// Encodes a value as JSON. Its secrets are returned separately, and referenced by index in the JSON.
func encodeWire(_ value: some Encodable) throws -> (json: JSON, secrets: [SharedSecret]) {
    let root = WireEncoder(SecretCarrier())
    try value.encode(to: root)
    return (root.json, root.carrier.secrets)
}

/// A node of the JSON tree under construction.
private final class WireEncoder: SecretCoder, Encoder, SingleValueEncodingContainer {
    private var leaf = JSON.object([:])
    private var items: [WireEncoder]?
    private var members: [(String, WireEncoder)]?
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    var json: JSON {
        if let members { return .object(JSON.Members(members.map { ($0, $1.json) })) }
        if let items { return .array(items.map(\.json)) }
        return leaf
    }

    var count: Int { items?.count ?? 0 }

    func next() -> WireEncoder {
        let item = WireEncoder(carrier)
        items?.append(item)
        return item
    }

    func member(_ key: String) -> WireEncoder {
        let member = WireEncoder(carrier)
        members?.append((key, member))
        return member
    }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        members = members ?? []
        return KeyedEncodingContainer(Keyed(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        items = items ?? []
        return Unkeyed(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { leaf = .null }
    func encode(_ value: Bool) { leaf = .bool(value) }
    func encode(_ value: String) { leaf = .string(value) }
    func encode<T: BinaryInteger & Encodable>(_ value: T) throws {
        guard let number = Int64(exactly: value) else { throw unsupported(value) }
        leaf = .integer(number)
    }
    func encode<T: BinaryFloatingPoint & Encodable>(_ value: T) throws { throw unsupported(value) }
    func encode<T: Encodable>(_ value: T) throws { try value.encode(to: self) }

    private func unsupported(_ value: Any) -> EncodingError {
        .invalidValue(value, .init(codingPath: [], debugDescription: "only 64-bit integers are supported"))
    }
}

/// The generic `encode` also satisfies the protocol's overloads for the basic types, here and in `Unkeyed`.
private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { at(key).encodeNil() }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try value.encode(to: at(key)) }

    func nestedContainer<Nested>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
    {
        at(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        at(key).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { encoder.member("super") }
    func superEncoder(forKey key: Key) -> any Encoder { at(key) }

    private func at(_ key: Key) -> WireEncoder { encoder.member(key.stringValue) }
}

private struct Unkeyed: UnkeyedEncodingContainer {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }
    var count: Int { encoder.count }

    func encodeNil() { encoder.next().encodeNil() }
    func encode<T: Encodable>(_ value: T) throws { try value.encode(to: encoder.next()) }

    func nestedContainer<Nested>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder.next().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.next().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder.next() }
}
