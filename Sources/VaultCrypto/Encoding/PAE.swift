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
        append(pieces, to: &out)
        return out
    }

    /// Encodes the pieces in order.
    public static func encode(_ pieces: Piece...) -> [UInt8] { encode(pieces) }

    private static func append(_ pieces: [Piece], to out: inout [UInt8]) {
        out.appendLE64(UInt64(pieces.count))
        for piece in pieces {
            switch piece {
            case .text(let text): out.appendPiece(text)
            case .number(let number): out.appendPiece(number)
            case .bytes(let bytes): out.appendPiece(bytes)
            case .list(let items): out.appendPiece(encode(items))
            }
        }
    }
}

extension [UInt8] {
    /// Appends eight bytes, little-endian.
    mutating func appendLE64(_ number: UInt64) {
        unsafe Swift.withUnsafeBytes(of: number.littleEndian) { unsafe append(contentsOf: $0) }
    }

    mutating func appendPiece(_ text: String) {
        appendLE64(UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    mutating func appendPiece(_ number: UInt64) {
        appendLE64(8)
        appendLE64(number)
    }

    mutating func appendPiece(_ bytes: [UInt8]) {
        appendLE64(UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}
