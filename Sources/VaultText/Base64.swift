/// Base64 with the standard alphabet and padding (RFC 4648, section 4), for public bytes.
public enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    /// The number of each symbol, by its byte.
    private static let values: [UInt32?] = alphabet.indices.reduce(into: Array(repeating: nil, count: 256)) {
        $0[Int(alphabet[$1])] = UInt32($1)
    }

    /// Encodes bytes, padded to a multiple of four characters.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for position in 0..<4 {
                let symbol = alphabet[Int(bits >> UInt32(18 - 6 * position)) & 63]
                text.append(position <= group.count ? symbol : padding)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes exactly the texts that `encode` produces.
    ///
    /// - Returns: nil if the text contains white space or other characters, lacks padding, or has nonzero bits before
    ///   the padding (RFC 4648, section 3.5).
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let text = Array(text.utf8)
        guard text.count.isMultiple(of: 4) else { return nil }
        let padded = text.reversed().prefix(2).prefix { $0 == padding }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        for (index, symbol) in text.enumerated() {
            var sextet: UInt32 = 0
            if index < text.count - padded {
                guard let value = values[Int(symbol)] else { return nil }
                sextet = value
            }
            bits = bits << 6 | sextet
            guard index % 4 == 3 else { continue }
            for shift: UInt32 in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
            bits = 0
        }
        let discarded = bytes.suffix(padded)
        guard discarded.allSatisfy({ $0 == 0 }) else { return nil }
        bytes.removeLast(padded)
        return bytes
    }
}
