/// The forms in which a secret is looked for.
///
/// The secret itself; with CR LF for LF, as a terminal writes it; base64 in both alphabets (`Base64Forms`); hexadecimal;
/// percent-encoded (`PercentForms`); escaped for JSON (`JSONForms`), HTML and XML (`EntityForms`); quoted for shells, SQL,
/// CSV and YAML (`QuotedForms`); and, when it has several lines, each line of at least `shortestLine` bytes in all these
/// forms too. Not found: text that a writer folds at spaces, as YAML does with long lines; encrypted, compressed or hashed
/// secrets, two encodings on top of one another, and base64 that is wrapped at a column that depends on other text.
package enum MaskedForms {
    /// A shorter secret is not masked: it would be found by chance all over the output.
    static let minimum = 4

    /// A shorter line of a secret with several lines is masked only as part of the whole.
    static let shortestLine = 8

    /// Whether a secret is long enough to be masked; if not, the user is to be told.
    package static func covers(_ secret: any LentBytes) -> Bool { secret.count >= minimum }

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        guard secret.count >= minimum else { return }
        unsafe appendForms(of: secret, to: &buffer)
        guard unsafe secret.contains(UInt8(ascii: "\n")) else { return }
        unsafe appendWithCarriageReturns(secret, to: &buffer)
        var start = 0
        while start < secret.count {
            let end = unsafe secret[start...].firstIndex(of: UInt8(ascii: "\n")) ?? secret.count
            unsafe appendLine(UnsafeRawBufferPointer(rebasing: secret[start..<end]), to: &buffer)
            start = end + 1
        }
    }

    private static func appendForms(of secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        for index in secret.indices {
            let byte = unsafe secret[index]
            buffer.append(byte)
        }
        buffer.endPattern()
        for index in secret.indices {
            let byte = unsafe secret[index]
            buffer.appendHex(byte, upper: false)
        }
        buffer.endPattern()
        for index in secret.indices {
            let byte = unsafe secret[index]
            buffer.appendHex(byte, upper: true)
        }
        buffer.endPattern()
        unsafe Base64Forms.append(secret, to: &buffer)
        unsafe PercentForms.append(secret, to: &buffer)
        unsafe JSONForms.append(secret, to: &buffer)
        unsafe QuotedForms.append(secret, to: &buffer)
        unsafe EntityForms.append(secret, to: &buffer)
    }

    private static func appendLine(_ line: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        var count = line.count
        if count > 0, unsafe line[count - 1] == UInt8(ascii: "\r") { count -= 1 }
        // The first and last lines of PEM are the same in every file, and no secret.
        let isFrame = unsafe count >= 5 && line.prefix(5).allSatisfy { $0 == UInt8(ascii: "-") }
        guard count >= shortestLine, !isFrame else { return }
        unsafe appendForms(of: UnsafeRawBufferPointer(rebasing: line[..<count]), to: &buffer)
    }

    private static func appendWithCarriageReturns(
        _ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer
    ) {
        for index in secret.indices {
            let byte = unsafe secret[index]
            if byte == UInt8(ascii: "\n") { buffer.append(UInt8(ascii: "\r")) }
            buffer.append(byte)
        }
        buffer.endPattern()
    }
}

extension PatternBuffer {
    mutating func appendHex(_ byte: UInt8, upper: Bool) {
        append(hexDigit(byte >> 4, upper: upper))
        append(hexDigit(byte & 15, upper: upper))
    }
}

private func hexDigit(_ value: UInt8, upper: Bool) -> UInt8 {
    if value < 10 { return UInt8(ascii: "0") + value }
    return (upper ? UInt8(ascii: "A") : UInt8(ascii: "a")) + value - 10
}
