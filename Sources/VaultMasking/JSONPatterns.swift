/// A secret escaped for JSON (RFC 8259, section 7), without the quotes around it.
enum JSONPatterns {
    /// Optional escapes of a JSON encoder.
    private struct Style {
        /// Writes `/` as `\/`, as PHP and Foundation do.
        var slash = false
        /// Writes `<`, `>` and `&` as `\u003c` and so on, as Go does.
        var markup = false
        /// Writes all but ASCII as `\uXXXX`, as Python does.
        var ascii = false
        /// Writes hexadecimal digits in upper case.
        var upper = false
    }

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        var styles = [Style(), Style(upper: true)]
        if unsafe secret.contains(UInt8(ascii: "/")) { styles.append(Style(slash: true)) }
        if unsafe secret.contains(where: isMarkup) { styles.append(Style(markup: true)) }
        if unsafe secret.contains(where: { $0 >= 0x80 }) {
            styles += [Style(ascii: true), Style(slash: true, ascii: true), Style(ascii: true, upper: true)]
        }
        for style in styles where unsafe secret.contains(where: { escapes($0, style) }) {
            unsafe appendEscaped(secret, style, to: &buffer)
        }
    }

    private static func appendEscaped(
        _ secret: UnsafeRawBufferPointer, _ style: Style, to buffer: inout PatternBuffer
    ) {
        var index = 0
        while index < secret.count {
            let byte = unsafe secret[index]
            let (scalar, length) = unsafe UTF8Scalars.decode(secret, at: index)
            if style.ascii, length > 1, let scalar {
                appendScalar(scalar, style, to: &buffer)
                index += length
            } else {
                appendByte(byte, style, to: &buffer)
                index += 1
            }
        }
        buffer.endPattern()
    }

    private static func appendScalar(_ scalar: UInt32, _ style: Style, to buffer: inout PatternBuffer) {
        guard scalar > 0xffff else { return appendUnit(UInt16(scalar), style, to: &buffer) }
        let rest = scalar - 0x1_0000
        appendUnit(UInt16(0xd800 + (rest >> 10) & 0x3ff), style, to: &buffer)
        appendUnit(UInt16(0xdc00 + rest & 0x3ff), style, to: &buffer)
    }

    private static func appendUnit(_ unit: UInt16, _ style: Style, to buffer: inout PatternBuffer) {
        buffer.append("\\u")
        buffer.appendHex(UInt8(unit >> 8), upper: style.upper)
        buffer.appendHex(UInt8(unit & 0xff), upper: style.upper)
    }

    private static func appendByte(_ byte: UInt8, _ style: Style, to buffer: inout PatternBuffer) {
        guard escapes(byte, style), byte < 0x80 else { return buffer.append(byte) }
        let letters: [(UInt8, StaticString)] = [
            (0x08, "\\b"), (0x09, "\\t"), (0x0a, "\\n"), (0x0c, "\\f"), (0x0d, "\\r"), (0x22, "\\\""),
            (0x5c, "\\\\"), (0x2f, "\\/"),
        ]
        if let letter = letters.first(where: { $0.0 == byte }) { return buffer.append(letter.1) }
        appendUnit(UInt16(byte), style, to: &buffer)
    }

    private static func escapes(_ byte: UInt8, _ style: Style) -> Bool {
        switch byte {
        case 0..<0x20, 0x22, 0x5c: true
        case UInt8(ascii: "/"): style.slash
        case 0x80...0xff: style.ascii
        default: style.markup && isMarkup(byte)
        }
    }

    private static func isMarkup(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "&")
    }
}
