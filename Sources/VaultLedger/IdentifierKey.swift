import VaultCrypto
import VaultText

/// An `Identifier` as two words, which needs no allocation: replay keeps one for every owner that a ledger ever had.
public struct IdentifierKey: Sendable, Hashable, Comparable {
    let high: UInt64
    let low: UInt64

    /// Creates a key; `nil` unless there are exactly 16 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Identifier.size else { return nil }
        func word(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        (high, low) = (word(bytes.prefix(8)), word(bytes.dropFirst(8)))
    }

    /// Parses 32 lower-case hexadecimal digits; `nil` for any other text.
    init?(hex: some Collection<UInt8>) {
        guard hex.count == 2 * Identifier.size else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for digit in hex {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x57
            default: return nil
            }
            words = (words.0 << 4 | words.1 >> 60, words.1 << 4 | UInt64(value))
        }
        (high, low) = words
    }

    /// Orders by the bytes.
    public static func < (a: IdentifierKey, b: IdentifierKey) -> Bool { (a.high, a.low) < (b.high, b.low) }

    /// Parses 32 lower-case hexadecimal digits; `nil` for any other text.
    public init?(hex: String) { self.init(hex: Array(hex.utf8)) }

    /// The 16 bytes.
    public var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
    }

    /// 32 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }
}
