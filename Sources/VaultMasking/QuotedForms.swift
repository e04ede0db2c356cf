/// A secret as a shell writes it (`set -x`, `printf %q`, `export -p`), where that differs from the secret.
///
/// The quotes around it are left out: they stay visible, as they would around any text.
enum QuotedForms {
    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        guard unsafe secret.contains(where: isSpecial) else { return }
        if unsafe secret.contains(UInt8(ascii: "'")) {
            unsafe appendQuoted(secret, apostrophe: "'\\''", to: &buffer)
            unsafe appendQuoted(secret, apostrophe: "'\"'\"'", to: &buffer)
        }
        unsafe appendEscaped(secret, where: isSpecial, to: &buffer)
        unsafe appendEscaped(secret, where: isSpecialInDoubleQuotes, to: &buffer)
        unsafe appendEscaped(secret, where: isSpecialInDollarQuotes, letters: true, to: &buffer)
    }

    private static func appendQuoted(
        _ secret: UnsafeRawBufferPointer, apostrophe: StaticString, to buffer: inout PatternBuffer
    ) {
        for index in secret.indices {
            let byte = unsafe secret[index]
            if byte == UInt8(ascii: "'") { buffer.append(apostrophe) } else { buffer.append(byte) }
        }
        buffer.endPattern()
    }

    /// With a backslash before each byte that is special; `letters` writes line ends and tabs as bash's `$'…'` does.
    private static func appendEscaped(
        _ secret: UnsafeRawBufferPointer, where special: (UInt8) -> Bool, letters: Bool = false,
        to buffer: inout PatternBuffer
    ) {
        let names: [(UInt8, StaticString)] = [(0x09, "\\t"), (0x0a, "\\n"), (0x0d, "\\r"), (0x1b, "\\E")]
        for index in secret.indices {
            let byte = unsafe secret[index]
            if letters, let name = names.first(where: { $0.0 == byte }) {
                buffer.append(name.1)
                continue
            }
            if special(byte) { buffer.append(UInt8(ascii: "\\")) }
            buffer.append(byte)
        }
        buffer.endPattern()
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xff:
            return false
        default:
            let plain: StaticString = "-_.~/+@%:=,"
            return plain.withUTF8Buffer { unsafe !$0.contains(byte) }
        }
    }

    private static func isSpecialInDoubleQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "$")
            || byte == UInt8(ascii: "`")
    }

    private static func isSpecialInDollarQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "'")
    }
}
