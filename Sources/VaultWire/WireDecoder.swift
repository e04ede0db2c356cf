import VaultLedger
import VaultMemory

/// Decodes a value from JSON and the secrets that are referenced in it.
func decodeWire<T: Decodable>(_ type: T.Type, _ json: JSON, _ secrets: [SharedSecret]) throws -> T {
    try T(from: WireDecoder(json, SecretCarrier(secrets)))
}

/// A node of the JSON tree.
private final class WireDecoder: SecretCoder, Decoder, SingleValueDecodingContainer {
    private let json: JSON
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ json: JSON, _ carrier: SecretCarrier) {
        self.json = json
        super.init(carrier)
    }

    func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let members = json.object else { throw mismatch("not an object") }
        return KeyedDecodingContainer(Keyed(carrier: carrier, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let items = json.array else { throw mismatch("not an array") }
        return Unkeyed(carrier: carrier, items: items)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { json == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let value) = json else { throw mismatch("not a Boolean") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard let value = json.string else { throw mismatch("not a string") }
        return value
    }

    func decode<T: BinaryInteger & Decodable>(_ type: T.Type) throws -> T {
        guard let value = json.integer.flatMap({ T(exactly: $0) }) else {
            throw mismatch("not an integer of this size")
        }
        return value
    }

    func decode<T: BinaryFloatingPoint & Decodable>(_ type: T.Type) throws -> T {
        throw mismatch("floating-point numbers are not supported")
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }
}

private func mismatch(_ what: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: [], debugDescription: what))
}

/// The generic `decode` also satisfies the protocol's overloads for the basic types, here and in `Unkeyed`.
private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let carrier: SecretCarrier
    let members: JSON.Members
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { members.pairs.compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
    func decodeNil(forKey key: Key) -> Bool { members[key.stringValue] == .null }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try T(from: member(key.stringValue))
    }

    func nestedContainer<Nested>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try member(key.stringValue).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try member(key.stringValue).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try member("super") }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key.stringValue) }

    private func member(_ key: String) throws -> WireDecoder {
        guard let json = members[key] else { throw mismatch("missing \(key)") }
        return WireDecoder(json, carrier)
    }
}

private struct Unkeyed: UnkeyedDecodingContainer {
    let carrier: SecretCarrier
    let items: [JSON]
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex == items.count }

    mutating func decodeNil() -> Bool {
        guard !isAtEnd, items[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: next()) }

    mutating func nestedContainer<Nested>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested>
    {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try next() }

    private mutating func next() throws -> WireDecoder {
        guard !isAtEnd else { throw mismatch("the array is too short") }
        currentIndex += 1
        return WireDecoder(items[currentIndex - 1], carrier)
    }
}
