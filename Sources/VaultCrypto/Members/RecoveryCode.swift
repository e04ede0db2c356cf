/// Errors of parsing a recovery code.
public enum RecoveryCodeError: Error, Sendable, Equatable {
    /// There are not 56 symbols, without separators.
    case length
    /// A symbol is not in the alphabet; its position, from 1, without separators.
    case symbol(Int)
    /// The check bytes do not match: a symbol was mistyped.
    case checksum
}

/// A code of 32 random bytes, written as 14 groups of 4 symbols (docs/format.md, section 4).
///
/// The text is Crockford's base 32 of 35 bytes: the code, and the first 3 bytes of
/// `B2b(code, "vault/code-check", "", 32)`. Parsing ignores case, hyphens and white space, and accepts I and L for 1
/// and O for 0. Both forms stay in secret memory.
public enum RecoveryCode {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let codeLength = 32
    private static let checkLength = 3
    private static let symbols = 56
    private static let groupLength = 4

    /// Generates a code of 32 bytes.
    public static func generate() -> SecretBytes { SecretBytes.random(codeLength) }

    /// The text of a code, in ASCII.
    ///
    /// - Precondition: `code` has 32 bytes.
    public static func text(of code: borrowing SecretBytes) -> SecretBytes {
        precondition(code.count == codeLength, "a recovery code has 32 bytes")
        let check = Derivation.codeCheck.secret(from: code)
        return unsafe SecretBytes(count: symbols + symbols / groupLength - 1) { out in
            var (bits, width, written, next) = (UInt32(0), UInt32(0), 0, 0)
            for index in 0..<(codeLength + checkLength) {
                let byte = index < codeLength ? code[index] : check[index - codeLength]
                bits = (bits << 8 | UInt32(byte)) & 0xfff
                width += 8
                while width >= 5 {
                    if written > 0, written.isMultiple(of: groupLength) {
                        unsafe out[next] = UInt8(ascii: "-")
                        next += 1
                    }
                    width -= 5
                    unsafe out[next] = alphabet[Int(bits >> width) & 31]
                    next += 1
                    written += 1
                }
            }
        }
    }

    /// Parses a typed text into a code of 32 bytes.
    ///
    /// - Throws: `RecoveryCodeError`.
    public static func parse(_ text: borrowing SecretBytes) throws(RecoveryCodeError) -> SecretBytes {
        let decoded = try unsafe SecretBytes(count: codeLength + checkLength) {
            out throws(RecoveryCodeError) in
            var (bits, width, read, next) = (UInt32(0), UInt32(0), 0, 0)
            for index in 0..<text.count {
                let symbol = text[index]
                if isSeparator(symbol) { continue }
                read += 1
                guard let value = value(of: symbol) else { throw .symbol(read) }
                guard read <= symbols else { throw .length }
                bits = (bits << 5 | value) & 0xfff
                width += 5
                if width >= 8 {
                    width -= 8
                    unsafe out[next] = UInt8(truncatingIfNeeded: bits >> width)
                    next += 1
                }
            }
            guard read == symbols else { throw .length }
        }
        let code = decoded.clone(0..<codeLength)
        let check = Derivation.codeCheck.secret(from: code)
        guard SecretBytes.equal(check.clone(0..<checkLength), decoded.clone(codeLength..<decoded.count))
        else { throw .checksum }
        return code
    }

    private static func isSeparator(_ symbol: UInt8) -> Bool {
        symbol == UInt8(ascii: "-") || symbol == UInt8(ascii: " ") || (9...13).contains(symbol)
    }

    /// Compares with the whole alphabet, so that no table is indexed by a secret.
    private static func value(of symbol: UInt8) -> UInt32? {
        var upper = symbol
        if (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(symbol) { upper -= 32 }
        switch upper {
        case UInt8(ascii: "O"): upper = UInt8(ascii: "0")
        case UInt8(ascii: "I"), UInt8(ascii: "L"): upper = UInt8(ascii: "1")
        default: break
        }
        var found: UInt32?
        for (value, candidate) in alphabet.enumerated() where candidate == upper { found = UInt32(value) }
        return found
    }
}

extension SecretBytes {
    /// The byte at `index`, bounds-checked.
    fileprivate subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "index outside the secret")
        return unsafe base.load(fromByteOffset: index, as: UInt8.self)
    }
}
