// Module VaultMasking: finds secrets in a stream of bytes, in the encodings that programs use, and replaces them. Data
// derived from a secret (patterns, buffered output) is secret as well: it is accessed only in closures, and copied only
// into locked memory that is wiped (`WipedMemory`).

package import VaultMemory

/// The encodings in which a secret is found.
///
/// The secret itself; with CR LF for LF, as a terminal writes it; base64 in both alphabets (`Base64Patterns`); hexadecimal;
/// percent-encoded (`PercentPatterns`); escaped for JSON (`JSONPatterns`), HTML and XML (`EntityPatterns`); quoted for shells, SQL,
/// CSV and YAML (`QuotedPatterns`); and each line of at least `shortestLine` bytes of a secret with several lines, in the same
/// encodings. Not found: secrets that are folded at spaces (long lines in YAML), encrypted, compressed, hashed or encoded
/// twice, and base64 that is wrapped at a column that depends on other text.
package enum SecretPatterns {
    /// Shorter secrets are not masked: they would match unrelated output.
    static let minimum = 4

    /// Shorter lines of a secret are masked only as part of the whole.
    static let shortestLine = 8

    /// Returns whether a secret is long enough to be masked. If not, warn the user.
    package static func covers(_ secret: SharedSecret) -> Bool { secret.bytes.count >= minimum }

    static func append(_ secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        guard secret.count >= minimum else { return }
        unsafe appendPatterns(of: secret, to: &buffer)
        guard unsafe secret.contains(UInt8(ascii: "\n")) else { return }
        unsafe buffer.appendPattern(bytes: secret) { byte, buffer in
            if byte == UInt8(ascii: "\n") { buffer.append(UInt8(ascii: "\r")) }
            buffer.append(byte)
        }
        var start = 0
        while start < secret.count {
            let end = unsafe secret[start...].firstIndex(of: UInt8(ascii: "\n")) ?? secret.count
            unsafe appendLine(UnsafeRawBufferPointer(rebasing: secret[start..<end]), to: &buffer)
            start = end + 1
        }
    }

    private static func appendPatterns(of secret: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        unsafe buffer.appendPattern(bytes: secret) { $1.append($0) }
        unsafe buffer.appendPattern(bytes: secret) { $1.appendHex($0, upper: false) }
        unsafe buffer.appendPattern(bytes: secret) { $1.appendHex($0, upper: true) }
        unsafe Base64Patterns.append(secret, to: &buffer)
        unsafe PercentPatterns.append(secret, to: &buffer)
        unsafe JSONPatterns.append(secret, to: &buffer)
        unsafe QuotedPatterns.append(secret, to: &buffer)
        unsafe EntityPatterns.append(secret, to: &buffer)
    }

    private static func appendLine(_ line: UnsafeRawBufferPointer, to buffer: inout PatternBuffer) {
        var count = line.count
        if count > 0, unsafe line[count - 1] == UInt8(ascii: "\r") { count -= 1 }
        // The first and last lines of PEM are not secret.
        let isFrame = unsafe count >= 5 && line.prefix(5).allSatisfy { $0 == UInt8(ascii: "-") }
        guard count >= shortestLine, !isFrame else { return }
        unsafe appendPatterns(of: UnsafeRawBufferPointer(rebasing: line[..<count]), to: &buffer)
    }
}
