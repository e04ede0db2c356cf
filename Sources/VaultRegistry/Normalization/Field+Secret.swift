extension Field {
    /// Returns the range of a secret's bytes to store, without pasted white space and prefixes.
    ///
    /// It never creates a `String` from the secret.
    ///
    /// - Throws: `Problem` if the secret is empty, a mask (`****`, `••••`, `<redacted>`), longer than `maximumLength`
    ///   bytes or a secret of another kind, or contains a NUL byte or, without `isMultiline`, a line break. The error
    ///   contains no part of the secret, and not its length.
    public func acceptedRange(of secret: UnsafeRawBufferPointer) throws(Problem) -> Range<Int> {
        var range = unsafe trimmed(secret, 0..<secret.count)
        try unsafe rejectForeign(secret, range)
        while let prefix = strippedPrefixes.first(where: { unsafe secret.begins($0.utf8, at: range) }) {
            range = unsafe trimmed(secret, (range.lowerBound + prefix.utf8.count)..<range.upperBound)
            try unsafe rejectForeign(secret, range)
        }
        for prefix in strippedPrefixes where unsafe secret.equals(prefix.trimmed, at: range) {
            throw problem("has a prefix but no value", "enter all of it")
        }
        let again = "check the value, and enter it again"
        guard !range.isEmpty else { throw problem("can't be empty", again) }
        guard range.count <= maximumLength else {
            throw problem("can't be longer than \(maximumLength) bytes", "check that it is the right value")
        }
        for index in range {
            let byte = unsafe secret[index]
            if byte == 0 { throw problem("can't contain a NUL byte", again) }
            if !isMultiline, byte == 0x0A || byte == 0x0D {
                throw problem("can't have more than one line", "enter one line")
            }
        }
        guard unsafe !secret.isMask(range) else {
            throw problem("is a mask, not the secret", "copy the secret itself")
        }
        return range
    }

    private func rejectForeign(_ secret: UnsafeRawBufferPointer, _ range: Range<Int>) throws(Problem) {
        for foreign in foreignPrefixes {
            let word = foreign.prefix.trimmed
            let isForeign =
                unsafe (secret.begins(foreign.prefix.utf8, at: range) || secret.equals(word, at: range))
            if isForeign { throw problem("can't begin with '\(word)'", foreign.means) }
        }
    }

    /// Trims white space at both ends; of a multiline secret only at the beginning, because some programs cannot read a
    /// key without its last line feed.
    private func trimmed(_ secret: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int> {
        let range = unsafe secret.dropping(padding, from: range)
        if isMultiline { return range }
        var upper = range.upperBound
        while let padding = padding.first(where: {
            unsafe (upper - $0.count >= range.lowerBound
                && secret.begins($0, at: (upper - $0.count)..<upper))
        }) {
            upper -= padding.count
        }
        return range.lowerBound..<upper
    }

    private func problem(_ message: String, _ hint: String) -> Problem {
        Problem("\(label) \(message)", hint, field: key)
    }
}

/// White space that pasting adds, in UTF-8: ASCII, no-break and zero-width spaces, byte order marks.
private let padding: [[UInt8]] = [
    " ", "\n", "\r", "\t", "\u{0B}", "\u{0C}", "\u{A0}", "\u{200B}", "\u{202F}", "\u{2060}", "\u{FEFF}",
].map { Array($0.utf8) }

/// Texts that exports and screens show instead of a secret.
private let placeholders = [
    "<redacted>", "[redacted]", "redacted", "<hidden>", "[hidden]", "<secret>", "<masked>", "[masked]",
    "[filtered]", "<sensitive>", "(sensitive value)",
]

/// Characters that screens show instead of those of a secret, in UTF-8. "x" is not one, because it can be a secret.
private let maskCharacters: [[UInt8]] = ["*", "•", "●", "∙", "·", "▪", "■", "⬤", "＊", "∗", "⚫", "…"].map {
    Array($0.utf8)
}

extension UnsafeRawBufferPointer {
    fileprivate func isMask(_ range: Range<Int>) -> Bool {
        let isPlaceholder = placeholders.contains { unsafe equals($0, at: range) }
        return unsafe isPlaceholder || dropping(maskCharacters, from: range).isEmpty
    }

    /// The range without those of these texts that it begins with.
    fileprivate func dropping(_ texts: [[UInt8]], from range: Range<Int>) -> Range<Int> {
        var range = range
        while let found = texts.first(where: { unsafe begins($0, at: range) }) {
            range = (range.lowerBound + found.count)..<range.upperBound
        }
        return range
    }

    /// Whether a range begins with a text. ASCII case is ignored, and a tab counts as a space.
    fileprivate func begins(_ text: some Collection<UInt8>, at range: Range<Int>) -> Bool {
        guard !text.isEmpty, text.count <= range.count else { return false }
        for (offset, expected) in text.enumerated() {
            let byte = unsafe self[range.lowerBound + offset]
            let isBlank = expected == 0x20 && byte == 0x09
            guard isBlank || byte.asciiLowercased == expected.asciiLowercased else { return false }
        }
        return true
    }

    fileprivate func equals(_ text: some StringProtocol, at range: Range<Int>) -> Bool {
        unsafe (text.utf8.count == range.count && begins(text.utf8, at: range))
    }
}
