/// A secret in base64 (RFC 4648, sections 4 and 5), alone or within a longer encoded text.
///
/// Within a longer text, such as `user:secret`, the secret's bits start at one of three positions in a group of four
/// characters. For each of them, the characters that depend on the secret alone are a pattern; so are these with the end
/// of a text, with and without padding. At most four bits of the first and of the last byte of a secret within a longer
/// text stay visible.
enum Base64Patterns {
    /// The columns at which common encoders wrap lines: base64(1) and MIME at 76, PEM and openssl(1) at 64.
    private static let columns = [76, 64]

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        let usesBoth = unsafe !sameInBothAlphabets(secret)
        for urlSafe in usesBoth ? [false, true] : [false] {
            for offset in 0..<3 {
                unsafe appendAligned(secret, offset: offset, urlSafe: urlSafe, to: &buffer)
            }
            for column in columns { unsafe appendWrapped(secret, at: column, urlSafe: urlSafe, to: &buffer) }
        }
    }

    /// Skips the characters with bits of the `offset` unknown bytes before the secret.
    private static func appendAligned(
        _ secret: UnsafeRawBufferPointer, offset: Int, urlSafe: Bool, to buffer: inout PatternBuffer
    ) {
        unsafe appendEnds(secret, from: (offset * 8 + 5) / 6, offset: offset, urlSafe: urlSafe, to: &buffer)
    }

    /// The lines of the encoded secret, if it is long enough to be wrapped.
    private static func appendWrapped(
        _ secret: UnsafeRawBufferPointer, at column: Int, urlSafe: Bool, to buffer: inout PatternBuffer
    ) {
        let length = secret.count * 8 / 6
        guard length > column else { return }
        var start = 0
        while start + column <= length {
            for index in start..<start + column {
                unsafe buffer.append(character(index, of: secret, offset: 0, urlSafe: urlSafe))
            }
            buffer.endPattern()
            start += column
        }
        unsafe appendEnds(secret, from: start, offset: 0, urlSafe: urlSafe, to: &buffer)
    }

    /// From the character `start`: the part that depends on the secret alone, then with the end of a text, then with padding.
    private static func appendEnds(
        _ secret: UnsafeRawBufferPointer, from start: Int, offset: Int, urlSafe: Bool,
        to buffer: inout PatternBuffer
    ) {
        let bits = (offset + secret.count) * 8
        let ends = bits % 6 == 0 ? [bits / 6] : [bits / 6, bits / 6 + 1]
        for end in ends {
            for isPadded in end == bits / 6 ? [false] : [false, true] {
                for index in start..<max(start, end) {
                    unsafe buffer.append(character(index, of: secret, offset: offset, urlSafe: urlSafe))
                }
                if isPadded {
                    for _ in 0..<(4 - end % 4) % 4 { buffer.append(UInt8(ascii: "=")) }
                }
                buffer.endPattern()
            }
        }
    }

    private static func sameInBothAlphabets(_ secret: UnsafeRawBufferPointer) -> Bool {
        for offset in 0..<3 {
            for index in 0..<((offset + secret.count) * 8 + 5) / 6 {
                if unsafe sextet(index, of: secret, offset: offset) >= 62 { return false }
            }
        }
        return true
    }

    private static func character(
        _ index: Int, of secret: UnsafeRawBufferPointer, offset: Int, urlSafe: Bool
    ) -> UInt8 {
        let value = unsafe sextet(index, of: secret, offset: offset)
        switch value {
        case 0..<26: return UInt8(ascii: "A") + value
        case 26..<52: return UInt8(ascii: "a") + value - 26
        case 52..<62: return UInt8(ascii: "0") + value - 52
        case 62: return UInt8(ascii: urlSafe ? "-" : "+")
        default: return UInt8(ascii: urlSafe ? "_" : "/")
        }
    }

    private static func sextet(_ index: Int, of secret: UnsafeRawBufferPointer, offset: Int) -> UInt8 {
        let bit = index * 6
        let high = unsafe UInt16(byte(bit / 8 - offset, of: secret))
        let low = unsafe UInt16(byte(bit / 8 + 1 - offset, of: secret))
        return UInt8(truncatingIfNeeded: (high << 8 | low) >> UInt16(10 - bit % 8)) & 63
    }

    private static func byte(_ index: Int, of secret: UnsafeRawBufferPointer) -> UInt8 {
        unsafe secret.indices.contains(index) ? secret[index] : 0
    }
}
