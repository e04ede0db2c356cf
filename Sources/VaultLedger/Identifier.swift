import VaultCrypto

/// The name that a member, slot, connection, client or operation has for ever: 16 bytes, written as 32 hex digits.
public struct Identifier: Sendable, Hashable, CustomStringConvertible {
    public static let size = 16
    public let bytes: [UInt8]

    /// Nil unless there are exactly 16 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    public var hex: String { Hex.encode(bytes) }
    public var description: String { hex }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try String(from: decoder)
        guard let identifier = Identifier(hex: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no identifier"))
        }
        self = identifier
    }

    public func encode(to encoder: any Encoder) throws { try hex.encode(to: encoder) }
}

/// Makes identifiers that sort in the order they were made: 6 bytes of milliseconds, 4 of a counter, 6 of randomness.
///
/// Sorted, because a database appends sorted keys several times faster than it scatters random ones. The randomness
/// keeps two machines apart that make one in the same millisecond; nothing depends on an identifier being secret.
public struct IdentifierSource: Sendable {
    private let prefix: [UInt8]
    private var counter: UInt32
    private var pool: ArraySlice<UInt8> = []

    public init(at time: Timestamp) {
        let milliseconds = UInt64(bitPattern: time.seconds) &* 1000
        prefix = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * $0)) }
        // The upper bit stays free, so that a long import cannot run over.
        counter = Randomness.bytes(4).reduce(0) { $0 << 8 | UInt32($1) } >> 1
    }

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
