/// Escapes text from a vault or a provider for a terminal.
///
/// Characters that a terminal would interpret, reorder or hide become visible escapes: `\n`, `\r`, `\t`, or `\u{1B}`; a
/// byte that is not UTF-8 becomes `\xED`. So a value is one line and shows what it holds (cases 52, 66, 67). A backslash
/// is not escaped, so escaping twice changes nothing.
enum SafeText {
    static func escaped(_ text: String) -> String {
        if text.utf8.allSatisfy(isPlain) { return text }
        var safe = ""
        for scalar in text.unicodeScalars { append(scalar, to: &safe) }
        return safe
    }

    /// Decodes bytes that should be UTF-8, and escapes them.
    static func escaped(bytes: [UInt8]) -> String {
        var safe = ""
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = scalarLength(of: rest)
            if length > 0 {
                for scalar in String(decoding: rest.prefix(length), as: UTF8.self).unicodeScalars {
                    append(scalar, to: &safe)
                }
                rest = rest.dropFirst(length)
            } else {
                safe += "\\x" + hex(UInt32(rest.removeFirst()), digits: 2)
            }
        }
        return safe
    }

    /// Formats a field of a CSV file (RFC 4180, section 2) on one line.
    ///
    /// A field that a spreadsheet would take for a formula (its first character after spaces is `=`, `+`, `-`, `@`, tab or
    /// CR, or a full-width form of them) gets an apostrophe in front, as OWASP recommends; negative numbers too. JSON
    /// output has the exact text.
    static func csvField(_ text: String) -> String {
        var field = escaped(text)
        if let first = text.unicodeScalars.first(where: { $0 != " " }), formulaStarts.contains(first) {
            field = "'" + field
        }
        guard field.utf8.contains(where: { ",\" ".utf8.contains($0) }) else { return field }
        let doubled = field.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
        return "\"\(doubled)\""
    }

    /// Whether a character must not reach a terminal unescaped.
    ///
    /// These are controls (C0, DEL, C1), format characters (including bidirectional ones), line and paragraph separators,
    /// and characters that may be invisible (`Default_Ignorable_Code_Point`, zero-width and filler characters).
    static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        if scalar.value < 0xA0 { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
        default: return scalar.properties.isDefaultIgnorableCodePoint || scalar == "\u{2800}"
        }
    }

    private static let formulaStarts: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]

    static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7F }

    private static func append(_ scalar: Unicode.Scalar, to safe: inout String) {
        guard mustEscape(scalar) else { return safe.unicodeScalars.append(scalar) }
        switch scalar {
        case "\n": safe += "\\n"
        case "\r": safe += "\\r"
        case "\t": safe += "\\t"
        default: safe += "\\u{" + hex(scalar.value, digits: 1) + "}"
        }
    }

    /// The length of the UTF-8 character at the start of the bytes, or 0 if they are invalid.
    private static func scalarLength(of bytes: ArraySlice<UInt8>) -> Int {
        var iterator = bytes.prefix(4).makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        guard case .valid(let encoded) = parser.parseScalar(from: &iterator) else { return 0 }
        return encoded.count
    }

    static func hex(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
