extension Field {
    /// The part of a secret's bytes to keep, once pasted white space and prefixes are off.
    ///
    /// Never makes a text of the secret, and no error carries any of it, its length, or whether it is like an
    /// older one. Refused: nothing left, a mask instead of a secret (`****`, `••••`, `<redacted>`), a NUL byte,
    /// more than one line in a field of one line, more than `maximumLength` bytes, and the prefix of another
    /// kind of secret.
    public func acceptedRange(of secret: UnsafeRawBufferPointer) throws(Problem) -> Range<Int> {
        var range = unsafe trimmed(secret, 0..<secret.count)
        try unsafe refuseForeign(secret, range)
        while let prefix = strippedPrefixes.first(where: { unsafe secret.begins($0, at: range) }) {
            range = unsafe trimmed(secret, (range.lowerBound + prefix.utf8.count)..<range.upperBound)
            try unsafe refuseForeign(secret, range)
        }
        for prefix in strippedPrefixes where unsafe secret.equals(prefix.trimmed, at: range) {
            throw refusal("it is only the prefix, without the secret")
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

    private func refuseForeign(_ secret: UnsafeRawBufferPointer, _ range: Range<Int>) throws(Problem) {
        for foreign in foreignPrefixes {
            let word = foreign.prefix.trimmed
            let isForeign =
                unsafe (secret.begins(foreign.prefix, at: range) || secret.equals(word, at: range))
            if isForeign { throw refusal("it begins with '\(word)': \(foreign.means)") }
        }
    }

    /// A field of one line loses white space at both ends; one of many lines only what stands before it, since
    /// some keys are not read without their last line feed.
    private func trimmed(_ secret: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while let padding = padding.first(where: { unsafe secret.begins($0, at: lower..<upper) }) {
            lower += padding.count
        }
        if isMultiline { return lower..<upper }
        while let padding = padding.first(where: {
            unsafe (upper - $0.count >= lower && secret.begins($0, at: (upper - $0.count)..<upper))
        }) {
            upper -= padding.count
        }
        return lower..<upper
    }

    private func refusal(_ reason: String) -> Problem {
        Problem(field: key, message: "the value for \(key) is refused: \(reason)", fits: nil)
    }
}

/// White space that pasting adds, in UTF-8: ASCII's, no-break and zero-width spaces, byte order marks.
private let padding: [[UInt8]] = [
    " ", "\n", "\r", "\t", "\u{0B}", "\u{0C}", "\u{A0}", "\u{200B}", "\u{202F}", "\u{2060}", "\u{FEFF}",
].map { Array($0.utf8) }

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
    for word in placeholders where unsafe secret.equals(word, at: range) { return true }
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
    /// Whether this text begins a range: ASCII letters of either case are the same, and so are space and tab.
    fileprivate func begins(_ text: String, at range: Range<Int>) -> Bool {
        unsafe begins(Array(text.utf8), at: range)
    }

    fileprivate func begins(_ bytes: [UInt8], at range: Range<Int>) -> Bool {
        guard !bytes.isEmpty, bytes.count <= range.count else { return false }
        for (offset, expected) in bytes.enumerated() {
            let byte = unsafe self[range.lowerBound + offset]
            let isBlank = expected == 0x20 && byte == 0x09
            guard isBlank || byte.asciiLowercased == expected.asciiLowercased else { return false }
        }
        return true
    }

    fileprivate func equals(_ text: some StringProtocol, at range: Range<Int>) -> Bool {
        unsafe (text.utf8.count == range.count && begins(Array(text.utf8), at: range))
    }
}
