/// The pre-authentication encoding: an injective encoding of a list of pieces (case 7).
///
/// `LE64(count)`, then for each piece `LE64(length)` and its bytes. A text is encoded as UTF-8, a number as LE64, and a
/// list by this encoding (docs/format.md, section 1).
public enum PAE {
    /// One piece of an encoding.
    public enum Piece: Sendable, Equatable {
        /// Encoded as UTF-8.
        case text(String)
        /// Encoded as eight bytes, little-endian.
        case number(UInt64)
        /// Encoded unchanged.
        case bytes([UInt8])
        /// Encoded like a list of pieces at the top level.
        case list([Piece])
    }

    /// Encodes the pieces in order.
    public static func encode(_ pieces: [Piece]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(256)
        out.append(number: UInt64(pieces.count))
        for piece in pieces {
            switch piece {
            case .text(let text): out.append(piece: text.utf8)
            case .number(let number):
                out.append(number: 8)
                out.append(number: number)
            case .bytes(let bytes): out.append(piece: bytes)
            case .list(let items): out.append(piece: encode(items))
            }
        }
        return out
    }

    /// Encodes the pieces in order.
    public static func encode(_ pieces: Piece...) -> [UInt8] { encode(pieces) }
}

extension [UInt8] {
    /// Appends eight bytes, little-endian.
    fileprivate mutating func append(number: UInt64) {
        unsafe Swift.withUnsafeBytes(of: number.littleEndian) { unsafe append(contentsOf: $0) }
    }

    fileprivate mutating func append(piece: some Collection<UInt8>) {
        append(number: UInt64(piece.count))
        append(contentsOf: piece)
    }
}
