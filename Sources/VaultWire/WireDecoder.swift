import VaultCore
import VaultLedger
import VaultMemory

/// Decodes a value from JSON and the secrets that are referenced in it.
func decodeWire<T: Decodable>(_ type: T.Type, _ json: JSON, _ secrets: [SharedSecret]) throws -> T {
    try T(from: WireDecoder(json: json, carrier: SecretCarrier(secrets)))
}

private final class WireDecoder: SecretCoder, Decoder {
    let json: JSON
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(json: JSON, carrier: SecretCarrier) {
        self.json = json
        super.init(carrier)
    }

    func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = json else { throw mismatch("not an object") }
        return KeyedDecodingContainer(Keyed(decoder: self, members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = json else { throw mismatch("not an array") }
        return Unkeyed(decoder: self, items: items)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { Single(decoder: self) }

    func at(_ json: JSON) -> WireDecoder { WireDecoder(json: json, carrier: carrier) }
}

private func mismatch(_ what: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: [], debugDescription: what))
}

/// The generic `decode` also satisfies the protocol's overloads for the basic types, here and in `Unkeyed`.
private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: WireDecoder
    let members: JSON.Members
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { members.pairs.compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
    func decodeNil(forKey key: Key) -> Bool { members[key.stringValue] == .null }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try T(from: value(key)) }

    func nestedContainer<Nested>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try value(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try value(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        guard let json = members["super"] else { throw mismatch("missing super") }
        return decoder.at(json)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }

    private func value(_ key: Key) throws -> WireDecoder {
        guard let json = members[key.stringValue] else { throw mismatch("missing \(key.stringValue)") }
        return decoder.at(json)
    }
}

private struct Unkeyed: UnkeyedDecodingContainer {
    let decoder: WireDecoder
    let items: [JSON]
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex == items.count }

    init(decoder: WireDecoder, items: [JSON]) { (self.decoder, self.items) = (decoder, items) }

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
        return decoder.at(items[currentIndex - 1])
    }
}

private struct Single: SingleValueDecodingContainer {
    let decoder: WireDecoder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { decoder.json == .null }
    func decode(_ type: Double.Type) throws -> Double {
        throw mismatch("floating-point numbers are not supported")
    }
    func decode(_ type: Float.Type) throws -> Float {
        throw mismatch("floating-point numbers are not supported")
    }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: decoder) }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let value) = decoder.json else { throw mismatch("not a Boolean") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let value) = decoder.json else { throw mismatch("not a string") }
        return value
    }

    private func integer<T: BinaryInteger>() throws -> T {
        guard case .integer(let number) = decoder.json, let value = T(exactly: number) else {
            throw mismatch("not an integer of this size")
        }
        return value
    }
}
