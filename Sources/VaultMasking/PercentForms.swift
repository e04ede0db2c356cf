/// A secret percent-encoded (RFC 3986, section 2.1), as the common encoders do it, with both cases of digits.
enum PercentForms {
    /// Which bytes an encoder leaves as they are, besides letters and digits.
    private struct Writer {
        let kept: StaticString
        /// Whether it leaves bytes beyond ASCII as they are.
        var keepsHigh = false
        /// Whether it writes a space as a plus sign, in one of its modes.
        var hasPlus = false

        init(_ kept: StaticString, keepsHigh: Bool = false, hasPlus: Bool = false) {
            (self.kept, self.keepsHigh, self.hasPlus) = (kept, keepsHigh, hasPlus)
        }

        func keeps(_ byte: UInt8) -> Bool {
            if byte.isASCIILetterOrDigit { return true }
            return byte < 0x80 ? kept.withUTF8Buffer { unsafe $0.contains(byte) } : keepsHigh
        }
    }

    private static let writers = [
        Writer("-_.~", hasPlus: true),  // RFC 3986: curl --data-urlencode, Go's queries, Java's newer ones
        Writer("-_.~/", hasPlus: true),  // paths: Python's quote
        Writer("-_.~!*'()"),  // JavaScript's encodeURIComponent
        Writer("-_.~!*'();/?:@&=+$,#"),  // JavaScript's encodeURI
        Writer("-_.*", hasPlus: true),  // forms: HTML, Java's URLEncoder
        Writer("-_.", hasPlus: true),  // PHP's urlencode
        Writer("-_.!*()", hasPlus: true),  // .NET's HttpUtility
        Writer("-_.~$&+,;="),  // Go's user info
        Writer("-_.~$&+:=@"),  // Go's path segments
        Writer("-_.~$&+,/:;=@"),  // Go's paths
        Writer("-_.~!$&'()*+,;="),  // RFC 3986 user info
        Writer("-_.~!$&'()*+,;=:"),  // the same with a password in it: urllib3
        Writer("-_.~!$&'()*+,;=:@"),  // RFC 3986 path segments
        Writer("-_.~!$&'()*+,;=:@/"),  // RFC 3986 paths
        Writer("-_.~!$&'()*+,;=:@/?"),  // RFC 3986 queries
        Writer("-_.~!$%&'()*+,"),  // WHATWG user info: browsers, Node, Rust
        Writer("-_.~!$%&'()*+,./:;=@[\\]|"),  // WHATWG paths
        Writer("-_.~!$%&'()*+,./:;=@[\\]^|"),  // the same, before 2023
        Writer("-_.~!$%&()*+,./:;=?@[\\]^`{|}"),  // WHATWG queries
        Writer("-_.~!$%&'()*+,./:;=?@[\\]^`{|}"),
        Writer("-_.~!#$%&'()*+,./:;=?@[]"),  // requests
        Writer("-_.~ +"),  // SQLAlchemy 2
        Writer(" !\"#$%&'()*+,-.;<=>?[\\]^_`{|}~", keepsHigh: true),  // SQLAlchemy 1
    ]

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        let hasSpace = unsafe secret.contains(UInt8(ascii: " "))
        for upper in [true, false] {
            for (index, writer) in writers.enumerated() {
                if unsafe differs(secret, at: index) {
                    unsafe appendEncoded(secret, by: writer, space: "%20", upper: upper, to: &buffer)
                }
                if hasSpace, writer.hasPlus {
                    unsafe appendEncoded(secret, by: writer, space: "+", upper: upper, to: &buffer)
                }
            }
            for index in secret.indices {
                let byte = unsafe secret[index]
                buffer.append(UInt8(ascii: "%"))
                buffer.appendHex(byte, upper: upper)
            }
            buffer.endPattern()
        }
    }

    /// Whether the form is neither the secret itself nor the same as one before it in the list.
    private static func differs(_ secret: UnsafeRawBufferPointer, at index: Int) -> Bool {
        let own = writers[index]
        guard unsafe secret.contains(where: { !own.keeps($0) }) else { return false }
        return writers[..<index].allSatisfy { earlier in
            unsafe secret.contains { own.keeps($0) != earlier.keeps($0) }
        }
    }

    private static func appendEncoded(
        _ secret: UnsafeRawBufferPointer, by writer: Writer, space: StaticString, upper: Bool,
        to buffer: inout PatternBuffer
    ) {
        for index in secret.indices {
            let byte = unsafe secret[index]
            if writer.keeps(byte) {
                buffer.append(byte)
            } else if byte == UInt8(ascii: " ") {
                buffer.append(space)
            } else {
                buffer.append(UInt8(ascii: "%"))
                buffer.appendHex(byte, upper: upper)
            }
        }
        buffer.endPattern()
    }
}
