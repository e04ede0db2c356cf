import VaultText

/// Paths that every server interprets in the same way. A path rule covers no others.
///
/// Servers, proxies and frameworks decode a path once, twice or not at all, change letters, remove parameters, dots and
/// spaces. So this is an allow list, not a list of known attacks: each segment is percent-decoded once, and the result
/// must be letters, digits, marks and some ASCII punctuation. In particular, these are rejected: malformed (`%u002e`) and
/// double escapes (`%252e`), bytes that are not UTF-8 (the overlong `%c0%ae`), encoded slashes and backslashes, control
/// characters (`%00`), parameters (`;`), characters that resemble dots (`．`, `…`), and segments that begin with a dot
/// without a name after it, or end with a dot or space (`..%20`).
enum UnambiguousPath {
    /// Returns the decoded segments, or nil if the path is ambiguous.
    ///
    /// - Parameter path: A path that begins with a slash, without a query.
    static func segments(of path: String) -> [String]? {
        let raw = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        let segments = raw.compactMap(segment)
        return segments.count == raw.count ? segments : nil
    }

    private static func segment(_ raw: Substring.UTF8View) -> String? {
        let (bytes, isMalformed) = RequestPath.percentDecodedOnce(raw)
        guard !isMalformed, let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy(isUnambiguous)
        else { return nil }
        guard let first = bytes.first, let last = bytes.last else { return text }
        let edges = [UInt8(ascii: " "), UInt8(ascii: ".")]
        guard !edges.contains(last), first != edges[0] else { return nil }
        guard first == edges[1] else { return text }
        // A name such as `.well-known`. There is a second byte, because the last one is not a dot.
        return bytes[1].isASCIIAlphanumeric || bytes[1] == UInt8(ascii: "_") ? text : nil
    }

    private static func isUnambiguous(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            let byte = UInt8(scalar.value)
            return byte.isASCIIAlphanumeric || "-._~!$&'()*+,=:@ ".utf8.contains(byte)
        }
        guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
        // The compatibility forms of letters, marks and digits have no ASCII punctuation.
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber:
            true
        default: false
        }
    }
}
