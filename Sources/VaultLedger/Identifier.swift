import VaultCrypto
import VaultText

/// The permanent ID of a member, slot, connection, client or operation: 16 bytes, written as 32 hexadecimal digits.
public struct Identifier: Sendable, Hashable, CustomStringConvertible {
    /// The number of bytes.
    static let size = 16
    /// The 16 bytes.
    public let bytes: [UInt8]

    /// Creates an ID; `nil` unless there are exactly 16 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// Creates the ID of a key.
    init(_ key: IdentifierKey) { bytes = key.bytes }

    /// Parses 32 lower-case hexadecimal digits; `nil` for any other text.
    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// 32 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }
    /// The same as `hex`.
    public var description: String { hex }
}

extension Identifier: Codable {
    /// Decodes 32 hexadecimal digits.
    ///
    /// - Throws: `DecodingError` for any other value.
    public init(from decoder: any Decoder) throws {
        let text = try String(from: decoder)
        guard let identifier = Identifier(hex: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not an identifier"))
        }
        self = identifier
    }

    /// Encodes 32 hexadecimal digits.
    ///
    /// - Throws: What the encoder throws.
    public func encode(to encoder: any Encoder) throws { try hex.encode(to: encoder) }
}

/// Generates IDs that sort in the order of their creation: 6 bytes of milliseconds, 4 of a counter, 6 random.
///
/// SQLite inserts sorted keys several times faster than random ones. The random bytes prevent collisions between machines;
/// nothing depends on an ID being secret.
public struct IdentifierSource: Sendable {
    private let prefix: [UInt8]
    private var counter: UInt32
    private var pool: ArraySlice<UInt8> = []

    /// Creates a source of IDs that start with this time.
    public init(at time: Timestamp) {
        let milliseconds = UInt64(bitPattern: time.seconds) &* 1000
        prefix = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * $0)) }
        // The upper bit stays clear, so that a long import can't overflow the counter.
        counter = Randomness.bytes(4).reduce(0) { $0 << 8 | UInt32($1) } >> 1
    }

    /// Generates the next ID.
    public mutating func next() -> Identifier {
        if pool.count < 6 { pool = Randomness.bytes(6 * 64)[...] }
        var bytes = prefix
        bytes.reserveCapacity(Identifier.size)
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: counter >> shift)) }
        bytes.append(contentsOf: pool.prefix(6))
        pool = pool.dropFirst(6)
        counter += 1
        return Identifier(bytes: bytes)!
    }
}
