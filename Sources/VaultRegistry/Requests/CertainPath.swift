/// The segments of a path that every server reads in the same way; a path rule covers no other path.
///
/// Servers, proxies and frameworks decode a path once, twice or not at all, fold letters, cut parameters, and strip dots
/// and spaces. So this is a list of what passes, not of known attacks: a segment is percent-decoded exactly once, and
/// what remains are letters, digits, marks and a few signs. In particular these do not pass: an escape that is
/// malformed (`%u002e`) or double (`%252e`), bytes that are not UTF-8 (the overlong `%c0%ae`), an encoded slash or
/// backslash, control characters (`%00`), parameters (`;`), dots that other characters stand for (`．`, `…`), and a
/// segment that begins with a dot and does not go on with a name, or ends in a dot or space (`..%20`).
enum CertainPath {
    /// The decoded segments; nil when the path could be read in two ways.
    ///
    /// - Parameter path: a path without its query, which begins with a slash.
    static func segments(of path: String) -> [String]? {
        var segments: [String] = []
        for raw in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        {
            guard let segment = segment(raw) else { return nil }
            segments.append(segment)
        }
        return segments
    }

    private static func segment(_ raw: Substring.UTF8View) -> String? {
        guard let bytes = decoded(raw), let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy(isCertain)
        else { return nil }
        guard let first = bytes.first, let last = bytes.last else { return text }
        let edges = [UInt8(ascii: " "), UInt8(ascii: ".")]
        guard !edges.contains(last), first != edges[0] else { return nil }
        guard first == edges[1] else { return text }
        // A hidden name, such as `.well-known`; there is a second byte, as the last one is no dot.
        return bytes[1].isASCIIAlphanumeric || bytes[1] == UInt8(ascii: "_") ? text : nil
    }

    /// Percent-decoded once; nil for an escape that is not complete.
    private static func decoded(_ raw: Substring.UTF8View) -> [UInt8]? {
        guard raw.contains(UInt8(ascii: "%")) else { return Array(raw) }
        var result: [UInt8] = []
        var rest = raw
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit else {
                return nil
            }
            result.append(high << 4 | low)
        }
        return result
    }

    private static func isCertain(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            let byte = UInt8(scalar.value)
            return byte.isASCIIAlphanumeric || "-._~!$&'()*+,=:@ ".utf8.contains(byte)
        }
        guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
        // No letter, mark or digit has a compatibility form with a sign of ASCII in it, other than a space.
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber:
            true
        default: false
        }
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit; nil for any other byte.
    var hexDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }
}
