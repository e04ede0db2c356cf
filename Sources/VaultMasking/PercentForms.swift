/// A secret percent-encoded (RFC 3986, section 2.1), as the common encoders do it, with both cases of digits.
enum PercentForms {
    /// Which bytes an encoder leaves as they are, besides letters and digits.
    private static let plain: [StaticString] = [
        "-_.~",  // RFC 3986: curl --data-urlencode, Go, Java's newer ones
        "-_.~/",  // paths: Python's quote
        "-_.~!*'()",  // JavaScript's encodeURIComponent
        "-_.~!*'();/?:@&=+$,#",  // JavaScript's encodeURI
        "-_.*",  // forms: HTML, Java's URLEncoder
        "-_.",  // PHP's urlencode
    ]

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        for upper in [true, false] {
            for (index, kept) in plain.enumerated() where unsafe differs(secret, keeping: index) {
                unsafe appendEncoded(secret, keeping: kept, space: "%20", upper: upper, to: &buffer)
            }
            if unsafe secret.contains(UInt8(ascii: " ")) {
                for kept in [plain[0], plain[1], plain[4], plain[5]] {
                    unsafe appendEncoded(secret, keeping: kept, space: "+", upper: upper, to: &buffer)
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
    private static func differs(_ secret: UnsafeRawBufferPointer, keeping index: Int) -> Bool {
        let own = plain[index]
        guard unsafe secret.contains(where: { !keeps($0, own) }) else { return false }
        return plain[..<index].allSatisfy { earlier in
            unsafe secret.contains { keeps($0, own) != keeps($0, earlier) }
        }
    }

    private static func appendEncoded(
        _ secret: UnsafeRawBufferPointer, keeping kept: StaticString, space: StaticString, upper: Bool,
        to buffer: inout PatternBuffer
    ) {
        for index in secret.indices {
            let byte = unsafe secret[index]
            if keeps(byte, kept) {
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

    private static func keeps(_ byte: UInt8, _ kept: StaticString) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: kept.withUTF8Buffer { unsafe $0.contains(byte) }
        }
    }
}
