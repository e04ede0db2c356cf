/// A secret escaped for HTML or XML.
///
/// Libraries differ in which characters they escape, and in how: named, decimal or hexadecimal. Covers the styles of common
/// libraries, and numeric references for all characters, or for all but ASCII letters and digits.
enum EntityPatterns {
    /// The ASCII characters that a library escapes.
    private struct Style {
        private var replaced: [(UInt32, StaticString)]

        init(_ replaced: (UInt32, StaticString)...) { self.replaced = replaced }

        func and(_ more: (UInt32, StaticString)...) -> Style {
            var style = self
            style.replaced += more
            return style
        }

        func replacement(_ scalar: UInt32) -> StaticString? { replaced.first { $0.0 == scalar }?.1 }
    }

    /// How a library writes characters beyond ASCII.
    private enum Number: CaseIterable {
        case raw, decimal, lower, upper
        /// By name. Characters without a name are written as a decimal number, or unchanged (PHP).
        case named, onlyNamed
    }

    private static let (amp, less, greater): (UInt32, UInt32, UInt32) = (0x26, 0x3c, 0x3e)
    private static let (quote, apostrophe, slash, grave): (UInt32, UInt32, UInt32, UInt32) = (
        0x22, 0x27, 0x2f, 0x60
    )

    private static let minimal = Style((amp, "&amp;"), (less, "&lt;"))
    /// Python's saxutils.escape, DOM text.
    private static let text = minimal.and((greater, "&gt;"))
    /// Java's StringEscapeUtils.
    private static let quoted = text.and((quote, "&quot;"))
    /// MarkupSafe, Go's html.
    private static let numbered = text.and((quote, "&#34;"), (apostrophe, "&#39;"))

    private static let styles: [Style] = [
        text, quoted, numbered, minimal,
        Style((amp, "&amp;")), Style((amp, "&amp;"), (quote, "&quot;")), minimal.and((quote, "&quot;")),
        quoted.and((apostrophe, "&#x27;")),  // Python's html.escape, Django, Rust
        quoted.and((apostrophe, "&#39;")),  // .NET, Rails, lodash
        quoted.and((apostrophe, "&#039;")),  // PHP
        quoted.and((apostrophe, "&apos;")),  // XML
        numbered.and((0x2b, "&#43;")),  // Go's html/template
        // mustache
        quoted.and((apostrophe, "&#39;"), (slash, "&#x2F;"), (grave, "&#x60;"), (0x3d, "&#x3D;")),
        quoted.and((apostrophe, "&#x27;"), (slash, "&#x2F;")),  // OWASP
        quoted.and((apostrophe, "&#x27;"), (grave, "&#x60;")),  // underscore
        quoted.and((apostrophe, "&#x27;"), (grave, "&#x60;"), (0x3d, "&#x3D;")),  // Handlebars
        quoted.and((0x09, "&#9;"), (0x0a, "&#10;"), (0x0d, "&#13;")),  // saxutils.quoteattr
        quoted.and((0x09, "&#09;"), (0x0a, "&#10;"), (0x0d, "&#13;")),  // ElementTree
        quoted.and((0x09, "&#x9;"), (0x0a, "&#xA;"), (0x0d, "&#xD;")),  // canonical XML
        numbered.and((0x09, "&#x9;"), (0x0a, "&#xA;"), (0x0d, "&#xD;")),  // Go's encoding/xml
    ]

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        let isASCII = unsafe secret.allSatisfy { $0 < 0x80 }
        for style in styles {
            let changes = unsafe secret.contains { style.replacement(UInt32($0)) != nil }
            for number in isASCII ? [.raw] : Number.allCases where changes || number != .raw {
                unsafe appendEscaped(secret, style, number, to: &buffer)
            }
        }
        let isPlain = unsafe secret.allSatisfy(\.isASCIILetterOrDigit)
        for number in [.decimal, .lower, .upper, .named] as [Number] {
            if number != .named {
                unsafe appendNumbers(secret, number, keepsPlain: false, to: &buffer)
            }
            if !isPlain { unsafe appendNumbers(secret, number, keepsPlain: true, to: &buffer) }
        }
    }

    private static func appendEscaped(
        _ secret: UnsafeRawBufferPointer, _ style: Style, _ number: Number, to buffer: inout PatternBuffer
    ) {
        unsafe buffer.appendPattern(characters: secret) { scalar, buffer in
            if let replacement = style.replacement(scalar) {
                buffer.append(replacement)
                return true
            }
            guard scalar >= 0x80, number != .raw,
                number != .onlyNamed || EntityNames.name(of: scalar) != nil
            else { return false }
            append(scalar, number, to: &buffer)
            return true
        }
    }

    /// Every character as a number or name; with `keepsPlain`, all but ASCII letters and digits.
    private static func appendNumbers(
        _ secret: UnsafeRawBufferPointer, _ number: Number, keepsPlain: Bool, to buffer: inout PatternBuffer
    ) {
        unsafe buffer.appendPattern(characters: secret) { scalar, buffer in
            if keepsPlain, scalar < 0x80, UInt8(scalar).isASCIILetterOrDigit { return false }
            append(scalar, number, to: &buffer)
            return true
        }
    }

    private static func append(_ scalar: UInt32, _ number: Number, to buffer: inout PatternBuffer) {
        if number == .named || number == .onlyNamed {
            guard let name = EntityNames.name(of: scalar) else {
                return append(scalar, .decimal, to: &buffer)
            }
            buffer.append("&")
            buffer.append(name)
            return buffer.append(UInt8(ascii: ";"))
        }
        buffer.append(number == .decimal ? "&#" : "&#x")
        let digits: StaticString = number == .upper ? "0123456789ABCDEF" : "0123456789abcdef"
        let radix: UInt32 = number == .decimal ? 10 : 16
        var divisor: UInt32 = 1
        while scalar / divisor >= radix { divisor *= radix }
        while divisor > 0 {
            digits.withUTF8Buffer { unsafe buffer.append($0[Int(scalar / divisor % radix)]) }
            divisor /= radix
        }
        buffer.append(UInt8(ascii: ";"))
    }
}
