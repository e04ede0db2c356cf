/// A secret in base64 (RFC 4648, sections 4 and 5), alone or within a longer encoded text.
///
/// Within a longer text, such as `user:secret`, the secret's bits start at one of three positions in a group of four
/// characters. For each of them, the characters that depend on the secret alone are a pattern; so are these with the end
/// of a text, with and without padding. At most four bits of the first and of the last byte of a secret within a longer
/// text stay visible.
package enum Base64Patterns {
    /// The columns at which common encoders wrap lines: base64(1) and MIME at 76, PEM and openssl(1) at 64.
    private static let columns = [76, 64]

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        for urlSafe in [false, true] {
            for offset in 0..<3 {
                // Skips the characters with bits of the `offset` unknown bytes before the secret.
                let start = (offset * 8 + 5) / 6
                unsafe appendEnds(secret, from: start, offset: offset, urlSafe: urlSafe, to: &buffer)
            }
            for column in columns { unsafe appendWrapped(secret, at: column, urlSafe: urlSafe, to: &buffer) }
        }
    }

    /// The lines of the encoded secret, if it is long enough to be wrapped.
    private static func appendWrapped(
        _ secret: UnsafeRawBufferPointer, at column: Int, urlSafe: Bool, to buffer: inout PatternBuffer
    ) {
        let length = secret.count * 8 / 6
        guard length > column else { return }
        for index in 0..<length / column * column {
            unsafe buffer.append(character(index, of: secret, urlSafe: urlSafe))
            if (index + 1).isMultiple(of: column) { buffer.endPattern() }
        }
        unsafe appendEnds(
            secret, from: length / column * column, offset: 0, urlSafe: urlSafe, to: &buffer)
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

    /// Returns one character of the encoding of `offset` zero bytes and a secret.
    package static func character(
        _ index: Int, of secret: UnsafeRawBufferPointer, offset: Int = 0, urlSafe: Bool
    ) -> UInt8 {
        let bit = index * 6
        let high = unsafe UInt16(byte(bit / 8 - offset, of: secret))
        let low = unsafe UInt16(byte(bit / 8 + 1 - offset, of: secret))
        let value = UInt8(truncatingIfNeeded: (high << 8 | low) >> UInt16(10 - bit % 8)) & 63
        switch value {
        case 0..<26: return UInt8(ascii: "A") + value
        case 26..<52: return UInt8(ascii: "a") + value - 26
        case 52..<62: return UInt8(ascii: "0") + value - 52
        case 62: return UInt8(ascii: urlSafe ? "-" : "+")
        default: return UInt8(ascii: urlSafe ? "_" : "/")
        }
    }

    private static func byte(_ index: Int, of secret: UnsafeRawBufferPointer) -> UInt8 {
        unsafe secret.indices.contains(index) ? secret[index] : 0
    }
}
