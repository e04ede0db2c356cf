/// A secret with quotes, backslashes or doubled characters: `set -x`, `printf %q`, `export -p`, SQL, CSV, YAML, templates.
/// Without the quotes around it.
enum QuotedPatterns {
    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        guard unsafe secret.contains(where: { !$0.isASCIILetterOrDigit }) else { return }
        unsafe appendDoubled(secret, to: &buffer)
        if unsafe secret.contains(UInt8(ascii: "'")) {
            unsafe appendQuoted(secret, apostrophe: "'\\''", to: &buffer)
            unsafe appendQuoted(secret, apostrophe: "'\"'\"'", to: &buffer)
        }
        for rule in Escaping.all { unsafe appendEscaped(secret, rule, to: &buffer) }
        for keepsBasic in [false, true] { unsafe appendYAML(secret, keepsBasic, to: &buffer) }
    }

    /// The bytes that a program escapes by a backslash, a letter or a number.
    private struct Escaping: Sendable {
        let isSpecial: @Sendable (_ byte: UInt8, _ before: UInt8?) -> Bool
        /// Its escapes of control characters; nil if it does not escape them.
        var letters: [(UInt8, StaticString)]?
        /// Whether it writes other control characters in octal.
        var octalControls = false
        /// Whether it writes bytes beyond ASCII in octal.
        var octalHigh = false

        static let all: [Escaping] = [
            // zsh, and others that escape every character that may be special to a shell.
            Escaping { byte, _ in isSpecial(byte) },
            // Between double quotes.
            Escaping { byte, _ in byte == 0x22 || byte == 0x5c || byte == 0x24 || byte == 0x60 },
            // bash's printf %q, at the start of a word, within one, and after `=`.
            Escaping { byte, before in isSpecialInBash(byte, before) },
            Escaping { byte, before in isSpecialInBash(byte, before ?? 0x78) },
            Escaping { byte, before in isSpecialInBash(byte, before ?? 0x3d) },
            // bash's $'…', in a UTF-8 locale and in the C locale.
            dollarQuotes(octalHigh: false), dollarQuotes(octalHigh: true),
            // The same with the letters of Python, JavaScript and C.
            Escaping(
                isSpecial: { byte, _ in byte == 0x5c || byte == 0x27 },
                letters: [(0x09, "\\t"), (0x0a, "\\n"), (0x0d, "\\r")]),
            // MySQL and PostgreSQL's E'…'.
            Escaping(
                isSpecial: { byte, _ in byte == 0x5c || byte == 0x27 || byte == 0x22 },
                letters: [(0x00, "\\0"), (0x0a, "\\n"), (0x0d, "\\r"), (0x1a, "\\Z")]),
            // Perl's quotemeta.
            Escaping { byte, _ in byte < 0x80 && !byte.isASCIILetterOrDigit && byte != 0x5f },
        ]

        private static func dollarQuotes(octalHigh: Bool) -> Escaping {
            Escaping(
                isSpecial: { byte, _ in byte == 0x5c || byte == 0x27 },
                letters: [
                    (0x07, "\\a"), (0x08, "\\b"), (0x09, "\\t"), (0x0a, "\\n"), (0x0b, "\\v"), (0x0c, "\\f"),
                    (0x0d, "\\r"), (0x1b, "\\E"),
                ], octalControls: true, octalHigh: octalHigh)
        }

        private static func isSpecial(_ byte: UInt8) -> Bool {
            let plain: StaticString = "-_.~/+@%:=,"
            return byte < 0x80 && !byte.isASCIILetterOrDigit
                && plain.withUTF8Buffer { unsafe !$0.contains(byte) }
        }

        /// The rule of bash's `sh_backslash_quote`: `#` and `~` are special at the start of a word or value.
        private static func isSpecialInBash(_ byte: UInt8, _ before: UInt8?) -> Bool {
            switch byte {
            case UInt8(ascii: "#"): return before == nil
            case UInt8(ascii: "~"):
                return before == nil || before == UInt8(ascii: ":") || before == UInt8(ascii: "=")
            default:
                let special: StaticString = "\t\n !\"$&'()*,;<>?[\\]^`{|}"
                return special.withUTF8Buffer { unsafe $0.contains(byte) }
            }
        }
    }

    private static func appendEscaped(
        _ secret: UnsafeRawBufferPointer, _ rule: Escaping, to buffer: inout PatternBuffer
    ) {
        var before: UInt8?
        unsafe buffer.appendPattern(bytes: secret) { byte, buffer in
            defer { before = byte }
            if let letter = rule.letters?.first(where: { $0.0 == byte }) {
                buffer.append(letter.1)
            } else if byte >= 0x80 ? rule.octalHigh : rule.octalControls && (byte < 0x20 || byte == 0x7f) {
                buffer.append("\\")
                for shift in [6, 3, 0] as [UInt8] { buffer.append(0x30 + (byte >> shift) & 7) }
            } else {
                if rule.isSpecial(byte, before) { buffer.append(UInt8(ascii: "\\")) }
                buffer.append(byte)
            }
        }
    }

    private static func appendQuoted(
        _ secret: UnsafeRawBufferPointer, apostrophe: StaticString, to buffer: inout PatternBuffer
    ) {
        unsafe buffer.appendPattern(bytes: secret) { byte, buffer in
            if byte == UInt8(ascii: "'") { buffer.append(apostrophe) } else { buffer.append(byte) }
        }
    }

    /// With some characters doubled: quotes (SQL, CSV, YAML), the closing bracket (Transact-SQL), `%` (printf, systemd), `$`
    /// (make, Docker Compose), backslashes, and braces (format strings of Python and C#).
    private static func appendDoubled(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        let groups: [StaticString] = ["'", "\"", "`", "]", "%", "$", "\\", "{}", "'\\"]
        for group in groups {
            let doubles = { (byte: UInt8) in group.withUTF8Buffer { unsafe $0.contains(byte) } }
            guard unsafe secret.contains(where: doubles) else { continue }
            unsafe buffer.appendPattern(bytes: secret) { byte, buffer in
                if doubles(byte) { buffer.append(byte) }
                buffer.append(byte)
            }
        }
    }

    /// YAML 1.2, section 5.7, in double quotes, with the shortest numeric escapes, as PyYAML and libyaml write it. With
    /// `keepsBasic`, printable characters up to U+FFFF are not escaped.
    private static func appendYAML(
        _ secret: UnsafeRawBufferPointer, _ keepsBasic: Bool, to buffer: inout PatternBuffer
    ) {
        let letters: [(UInt32, StaticString)] = [
            (0x00, "\\0"), (0x07, "\\a"), (0x08, "\\b"), (0x09, "\\t"), (0x0a, "\\n"), (0x0b, "\\v"),
            (0x0c, "\\f"),
            (0x0d, "\\r"), (0x1b, "\\e"), (0x22, "\\\""), (0x5c, "\\\\"), (0x85, "\\N"), (0xa0, "\\_"),
            (0x2028, "\\L"), (0x2029, "\\P"),
        ]
        unsafe buffer.appendPattern(characters: secret) { scalar, buffer in
            if let letter = letters.first(where: { $0.0 == scalar }) {
                buffer.append(letter.1)
                return true
            }
            let isPrintable = (0x20..<0x7f).contains(scalar)
            if isPrintable || keepsBasic && (0xa1...0xfffd).contains(scalar) { return false }
            buffer.append(scalar < 0x100 ? "\\x" : scalar < 0x1_0000 ? "\\u" : "\\U")
            for shift in [24, 16, 8, 0] as [UInt32]
            where shift == 0 || shift == 8 && scalar >= 0x100 || scalar >= 0x1_0000 {
                buffer.appendHex(UInt8(truncatingIfNeeded: scalar >> shift), upper: true)
            }
            return true
        }
    }
}
