// The folder's rule: public bytes in an unambiguous shape, without Foundation.

/// The pre-authentication encoding: no two lists of pieces have the same bytes (case 7).
///
/// `LE64(count)`, then for each piece `LE64(length)` and its bytes; a text is its UTF-8, a number its LE64, a
/// list the encoding of its items (docs/format.md, notation).
public enum PAE {
    /// One piece of an encoding.
    public enum Piece: Sendable, Equatable {
        case text(String)
        case number(UInt64)
        case bytes([UInt8])
        case list([Piece])
    }

    /// Encodes the pieces in their order.
    public static func encode(_ pieces: [Piece]) -> [UInt8] {
        var out: [UInt8] = []
        append(pieces, to: &out)
        return out
    }

    /// Encodes the pieces in their order.
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
    /// Eight bytes, the lowest first.
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
