/// A secret percent-encoded (RFC 3986, section 2.1) by common encoders, with upper- and lower-case digits.
enum PercentPatterns {
    /// The bytes besides letters and digits that an encoder does not escape.
    private struct Encoder {
        let kept: StaticString
        /// Whether it does not escape bytes beyond ASCII.
        var keepsHigh = false
        /// Whether it has a mode that writes a space as a plus sign.
        var hasPlus = false

        init(_ kept: StaticString, keepsHigh: Bool = false, hasPlus: Bool = false) {
            (self.kept, self.keepsHigh, self.hasPlus) = (kept, keepsHigh, hasPlus)
        }

        func keeps(_ byte: UInt8) -> Bool {
            if byte.isASCIILetterOrDigit { return true }
            return byte < 0x80 ? kept.withUTF8Buffer { unsafe $0.contains(byte) } : keepsHigh
        }
    }

    private static let encoders = [
        Encoder("-_.~", hasPlus: true),  // RFC 3986: curl --data-urlencode, Go's queries, Java's newer ones
        Encoder("-_.~/", hasPlus: true),  // paths: Python's quote
        Encoder("-_.~!*'()"),  // JavaScript's encodeURIComponent
        Encoder("-_.~!*'();/?:@&=+$,#"),  // JavaScript's encodeURI
        Encoder("-_.*", hasPlus: true),  // forms: HTML, Java's URLEncoder
        Encoder("-_.", hasPlus: true),  // PHP's urlencode
        Encoder("-_.!*()", hasPlus: true),  // .NET's HttpUtility
        Encoder("-_.~$&+,;="),  // Go's user info
        Encoder("-_.~$&+:=@"),  // Go's path segments
        Encoder("-_.~$&+,/:;=@"),  // Go's paths
        Encoder("-_.~!$&'()*+,;="),  // RFC 3986 user info
        Encoder("-_.~!$&'()*+,;=:"),  // the same with a password in it: urllib3
        Encoder("-_.~!$&'()*+,;=:@"),  // RFC 3986 path segments
        Encoder("-_.~!$&'()*+,;=:@/"),  // RFC 3986 paths
        Encoder("-_.~!$&'()*+,;=:@/?"),  // RFC 3986 queries
        Encoder("-_.~!$%&'()*+,"),  // WHATWG user info: browsers, Node, Rust
        Encoder("-_.~!$%&'()*+,./:;=@[\\]|"),  // WHATWG paths
        Encoder("-_.~!$%&'()*+,./:;=@[\\]^|"),  // the same, before 2023
        Encoder("-_.~!$%&()*+,./:;=?@[\\]^`{|}"),  // WHATWG queries
        Encoder("-_.~!$%&'()*+,./:;=?@[\\]^`{|}"),
        Encoder("-_.~!#$%&'()*+,./:;=?@[]"),  // requests
        Encoder("-_.~ +"),  // SQLAlchemy 2
        Encoder(" !\"#$%&'()*+,-.;<=>?[\\]^_`{|}~", keepsHigh: true),  // SQLAlchemy 1
    ]

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        let hasSpace = unsafe secret.contains(UInt8(ascii: " "))
        for upper in [true, false] {
            for (index, encoder) in encoders.enumerated() {
                if unsafe differs(secret, at: index) {
                    unsafe appendEncoded(secret, by: encoder, space: "%20", upper: upper, to: &buffer)
                }
                if hasSpace, encoder.hasPlus {
                    unsafe appendEncoded(secret, by: encoder, space: "+", upper: upper, to: &buffer)
                }
            }
            unsafe buffer.appendPattern(bytes: secret) { appendEscape($0, upper: upper, to: &$1) }
        }
    }

    /// Whether an encoder changes the secret, and differently than those before it in the list.
    private static func differs(_ secret: UnsafeRawBufferPointer, at index: Int) -> Bool {
        let own = encoders[index]
        guard unsafe secret.contains(where: { !own.keeps($0) }) else { return false }
        return encoders[..<index].allSatisfy { earlier in
            unsafe secret.contains { own.keeps($0) != earlier.keeps($0) }
        }
    }

    private static func appendEncoded(
        _ secret: UnsafeRawBufferPointer, by encoder: Encoder, space: StaticString, upper: Bool,
        to buffer: inout PatternBuffer
    ) {
        unsafe buffer.appendPattern(bytes: secret) { byte, buffer in
            if encoder.keeps(byte) {
                buffer.append(byte)
            } else if byte == UInt8(ascii: " ") {
                buffer.append(space)
            } else {
                appendEscape(byte, upper: upper, to: &buffer)
            }
        }
    }

    private static func appendEscape(_ byte: UInt8, upper: Bool, to buffer: inout PatternBuffer) {
        buffer.append("%")
        buffer.appendHex(byte, upper: upper)
    }
}
