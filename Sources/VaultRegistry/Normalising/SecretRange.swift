extension Field {
    /// The part of a secret's bytes to keep, once pasted white space and prefixes are off.
    ///
    /// Never makes a text of the secret, and no error carries any of it, its length, or whether it is like an
    /// older one. Refused: nothing left, a mask instead of a secret (`****`, `••••`, `<redacted>`), a NUL byte,
    /// more than one line in a field of one line, more than `maximumLength` bytes, and the prefix of another
    /// kind of secret.
    public func acceptedRange(of secret: UnsafeRawBufferPointer) throws(Problem) -> Range<Int> {
        var range = unsafe trimmedRange(of: secret, in: 0..<secret.count)
        for foreign in foreignPrefixes where unsafe secret.begins(foreign.prefix, at: range) {
            throw refusal("it begins with '\(foreign.prefix.trimmed)': \(foreign.means)")
        }
        while let prefix = strippedPrefixes.first(where: { unsafe secret.begins($0, at: range) }) {
            range = unsafe trimmedRange(
                of: secret, in: (range.lowerBound + prefix.utf8.count)..<range.upperBound)
            for foreign in foreignPrefixes where unsafe secret.begins(foreign.prefix, at: range) {
                throw refusal("it begins with '\(foreign.prefix.trimmed)': \(foreign.means)")
            }
        }
        guard !range.isEmpty else { throw refusal("it is empty") }
        guard range.count <= maximumLength else { throw refusal("it is longer than \(maximumLength) bytes") }
        for index in range {
            let byte = unsafe secret[index]
            if byte == 0 { throw refusal("it has a NUL byte") }
            if !isMultiline, byte == 0x0A || byte == 0x0D { throw refusal("it has more than one line") }
        }
        guard unsafe !isMask(secret, range) else {
            throw refusal("it is a mask as screens show it, not the secret itself")
        }
        return range
    }

    private func refusal(_ reason: String) -> Problem {
        Problem(field: key, message: "the value for \(key) is refused: \(reason)", fits: nil)
    }
}

/// A field of one line loses white space at both ends; so does one of many lines, whose own lines stay as they are.
private func trimmedRange(of secret: UnsafeRawBufferPointer, in range: Range<Int>) -> Range<Int> {
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower < upper, unsafe secret[lower].isASCIISpace { lower += 1 }
    while lower < upper, unsafe secret[upper - 1].isASCIISpace { upper -= 1 }
    return lower..<upper
}

/// Words that stand for a secret in exports and screens, when nothing else is there.
private let placeholders = [
    "<redacted>", "[redacted]", "redacted", "<hidden>", "[hidden]", "<secret>", "<masked>", "[masked]",
    "[filtered]", "<sensitive>", "(sensitive value)",
]

/// UTF-8 of what screens draw instead of a character: * • ● ∙ · ▪ ■ ⬤ ＊ ∗ … and the fullwidth, and "x" never.
private let maskCharacters: [[UInt8]] = ["*", "•", "●", "∙", "·", "▪", "■", "⬤", "＊", "∗", "⚫", "…"].map {
    Array($0.utf8)
}

private func isMask(_ secret: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    for word in placeholders where word.utf8.count == range.count {
        if unsafe secret.begins(word, at: range) { return true }
    }
    var index = range.lowerBound
    while index < range.upperBound {
        let rest = index..<range.upperBound
        guard let found = maskCharacters.first(where: { unsafe secret.begins($0, at: rest) }) else {
            return false
        }
        index += found.count
    }
    return true
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes begin a range, ASCII letters of either case being the same.
    fileprivate func begins(_ text: String, at range: Range<Int>) -> Bool {
        unsafe begins(Array(text.utf8), at: range)
    }

    fileprivate func begins(_ bytes: [UInt8], at range: Range<Int>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= range.count else { return false }
        for (offset, byte) in bytes.enumerated() {
            guard unsafe self[range.lowerBound + offset].asciiLowercased == byte.asciiLowercased else {
                return false
            }
        }
        return true
    }
}
