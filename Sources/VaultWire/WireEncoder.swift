import VaultCore
import VaultLedger
import VaultMemory

// Not Foundation's JSONEncoder: it takes some tenths of a millisecond before its first value, and leaves what it
// encodes in memory that is never wiped.

/// Encodes a value as JSON. Its secrets are returned separately, and referenced by index in the JSON.
func encodeWire<T: Encodable>(_ value: T) throws -> (json: JSON, secrets: [SharedSecret]) {
    let carrier = SecretCarrier()
    let root = Branch()
    try value.encode(to: WireEncoder(branch: root, carrier: carrier))
    return (root.json, carrier.secrets)
}

/// A node of the JSON tree under construction.
private final class Branch {
    private var leaf: JSON?
    private var items: [Branch]?
    private var members: [(String, Branch)]?

    func set(_ value: JSON) { leaf = value }
    func beginArray() { items = items ?? [] }
    func beginObject() { members = members ?? [] }

    var count: Int { items?.count ?? 0 }

    func next() -> Branch {
        let branch = Branch()
        items?.append(branch)
        return branch
    }

    func member(_ key: String) -> Branch {
        let branch = Branch()
        members?.append((key, branch))
        return branch
    }

    var json: JSON {
        if let members { return .object(JSON.Members(members.map { ($0.0, $0.1.json) })) }
        if let items { return .array(items.map(\.json)) }
        return leaf ?? .object([:])
    }
}

private final class WireEncoder: SecretCoder, Encoder {
    let branch: Branch
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(branch: Branch, carrier: SecretCarrier) {
        self.branch = branch
        super.init(carrier)
    }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        branch.beginObject()
        return KeyedEncodingContainer(Keyed(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        branch.beginArray()
        return Unkeyed(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

    func at(_ branch: Branch) -> WireEncoder { WireEncoder(branch: branch, carrier: carrier) }
}

/// The generic `encode` also satisfies the protocol's overloads for the basic types, here and in `Unkeyed`.
private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { encoder.branch.member(key.stringValue).set(.null) }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try value.encode(to: encoder.at(encoder.branch.member(key.stringValue)))
    }

    func nestedContainer<Nested>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
    {
        encoder.at(encoder.branch.member(key.stringValue)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.at(encoder.branch.member(key.stringValue)).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.at(encoder.branch.member("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.at(encoder.branch.member(key.stringValue)) }
}

private struct Unkeyed: UnkeyedEncodingContainer {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }
    var count: Int { encoder.branch.count }

    func encodeNil() { encoder.branch.next().set(.null) }
    func encode<T: Encodable>(_ value: T) throws { try value.encode(to: encoder.at(encoder.branch.next())) }

    func nestedContainer<Nested>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder.at(encoder.branch.next()).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        encoder.at(encoder.branch.next()).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.at(encoder.branch.next()) }
}

private struct Single: SingleValueEncodingContainer {
    let encoder: WireEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { encoder.branch.set(.null) }
    func encode(_ value: Bool) { encoder.branch.set(.bool(value)) }
    func encode(_ value: String) { encoder.branch.set(.string(value)) }
    func encode(_ value: Double) throws { try reject(value) }
    func encode(_ value: Float) throws { try reject(value) }
    func encode(_ value: Int) throws { try integer(value) }
    func encode(_ value: Int8) throws { try integer(value) }
    func encode(_ value: Int16) throws { try integer(value) }
    func encode(_ value: Int32) throws { try integer(value) }
    func encode(_ value: Int64) throws { try integer(value) }
    func encode(_ value: UInt) throws { try integer(value) }
    func encode(_ value: UInt8) throws { try integer(value) }
    func encode(_ value: UInt16) throws { try integer(value) }
    func encode(_ value: UInt32) throws { try integer(value) }
    func encode(_ value: UInt64) throws { try integer(value) }
    func encode<T: Encodable>(_ value: T) throws { try value.encode(to: encoder) }

    private func integer(_ value: some BinaryInteger & Encodable) throws {
        guard let number = Int64(exactly: value) else { return try reject(value) }
        encoder.branch.set(.integer(number))
    }

    private func reject(_ value: some Encodable) throws {
        throw EncodingError.invalidValue(
            value, .init(codingPath: [], debugDescription: "only 64-bit integers are supported"))
    }
}
