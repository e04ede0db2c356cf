// Helpers that need no Foundation, locale or regular expressions.

extension UInt8 {
    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
    var isASCIIUppercase: Bool { (0x41...0x5A).contains(self) }
    var isASCIIAlphanumeric: Bool { isASCIIDigit || (0x61...0x7A).contains(self | 0x20) }
    var isASCIIHexDigit: Bool { isASCIIDigit || (0x61...0x66).contains(self | 0x20) }
    /// Space, tab, line feed, vertical tab, form feed, carriage return.
    var isASCIISpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    var asciiLowercased: UInt8 { isASCIIUppercase ? self | 0x20 : self }
}

func asciiLowercased(_ text: String) -> String {
    guard text.utf8.contains(where: \.isASCIIUppercase) else { return text }
    return String(decoding: text.utf8.map(\.asciiLowercased), as: UTF8.self)
}

func asciiUppercased(_ text: String) -> String {
    String(decoding: text.utf8.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
}

extension StringProtocol {
    /// The text without white space that pasting adds at both ends: ASCII, no-break spaces, byte order marks.
    var trimmed: SubSequence {
        func isPadding(_ scalar: Unicode.Scalar) -> Bool {
            scalar.isASCII
                ? UInt8(scalar.value).isASCIISpace : [0xA0, 0x2007, 0x202F, 0xFEFF].contains(scalar.value)
        }
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !isPadding($0) }) else { return self[endIndex...] }
        let last = scalars.lastIndex { !isPadding($0) }!
        return self[first..<scalars.index(after: last)]
    }
}

extension Unicode.Scalar {
    /// The code point as in `U+200B`.
    var codePoint: String {
        let hex = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
    }

    /// Whether it is invisible, controls the terminal or the writing direction, or has no assigned meaning.
    var isUnsafe: Bool {
        if isASCII { return value < 0x20 || value == 0x7F }
        switch properties.generalCategory {
        case .control, .format, .privateUse, .unassigned, .surrogate, .lineSeparator, .paragraphSeparator:
            return true
        default: return properties.isDefaultIgnorableCodePoint
        }
    }
}

/// Whether the text is a valid name of a connector or key of a field: `[a-z0-9-]{1,64}`, not beginning with a hyphen.
func isKey(_ text: String) -> Bool {
    let fits = text.utf8.allSatisfy {
        $0.isASCIIAlphanumeric && !$0.isASCIIUppercase || $0 == UInt8(ascii: "-")
    }
    return fits && (1...64).contains(text.utf8.count) && text.utf8.first != UInt8(ascii: "-")
}

let keyHint = "use 1 to 64 of a-z, 0-9 and '-'"

extension Array<String> {
    /// The elements as `a`, `a or b`, or `a, b or c`.
    var alternatives: String { joined(with: "or") }

    /// The elements as `a`, `a and b`, or `a, b and c`, with the given conjunction.
    public func joined(with conjunction: String) -> String {
        guard let last, count > 1 else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }
}
