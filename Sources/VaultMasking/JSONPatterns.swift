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

        func escapes(_ scalar: UInt32) -> Bool {
            switch scalar {
            case 0..<0x20, 0x22, 0x5c: true
            case 0x2f: slash
            case 0x80...: ascii
            default: markup && JSONPatterns.markup.contains(scalar)
            }
        }
    }

    /// `&`, `<` and `>`.
    private static let markup: [UInt32] = [0x26, 0x3c, 0x3e]

    private static let letters: [(UInt32, StaticString)] = [
        (0x08, "\\b"), (0x09, "\\t"), (0x0a, "\\n"), (0x0c, "\\f"), (0x0d, "\\r"), (0x22, "\\\""),
        (0x5c, "\\\\"), (0x2f, "\\/"),
    ]

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        var styles = [Style(), Style(upper: true)]
        if unsafe secret.contains(UInt8(ascii: "/")) { styles.append(Style(slash: true)) }
        if unsafe secret.contains(where: { markup.contains(UInt32($0)) }) {
            styles.append(Style(markup: true))
        }
        if unsafe secret.contains(where: { $0 >= 0x80 }) {
            styles += [Style(ascii: true), Style(slash: true, ascii: true), Style(ascii: true, upper: true)]
        }
        for style in styles where unsafe secret.contains(where: { style.escapes(UInt32($0)) }) {
            unsafe buffer.appendPattern(characters: secret) { scalar, buffer in
                guard style.escapes(scalar) else { return false }
                appendEscaped(scalar, style, to: &buffer)
                return true
            }
        }
    }

    private static func appendEscaped(_ scalar: UInt32, _ style: Style, to buffer: inout PatternBuffer) {
        if let letter = letters.first(where: { $0.0 == scalar }) { return buffer.append(letter.1) }
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
}
