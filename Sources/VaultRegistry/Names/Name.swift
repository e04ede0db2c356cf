@_spi(_Unicode) import Swift

/// Rules for the names of connections, OAuth 2.0 clients, members and tags.
///
/// A name is in composed form (NFC) and has no invisible characters. Names that look the same have the same skeleton,
/// which storage keeps unique.
public enum Name {
    /// The most characters, as a person counts them.
    public static let maximumLength = 100
    /// The most bytes, because one character can have many combining marks.
    static let maximumBytes = 800

    /// Returns the text in the form in which names are stored: composed (NFC), without white space at both ends.
    ///
    /// The result may still fail `check(_:)`.
    public static func canonical(_ text: String) -> String {
        guard text.utf8.count <= maximumBytes * 4 else { return text }
        return composed(String(text.trimmed))
    }

    /// Checks that a name is safe to print, to compare and to pass to a command.
    ///
    /// - Throws: `Problem` with the first rule that the name breaks.
    public static func check(_ name: String) throws(Problem) {
        guard !name.isEmpty else {
            throw problem("a name can't be empty", "use 1 to \(maximumLength) characters")
        }
        // Bytes first, to avoid counting the characters of megabytes. Plain ASCII, the common case, needs no Unicode tables.
        let isPlain = name.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        guard name.utf8.count <= maximumBytes, (isPlain ? name.utf8.count : name.count) <= maximumLength
        else {
            throw problem(
                "a name can't be longer than \(maximumLength) characters",
                "use 1 to \(maximumLength) characters")
        }
        if !isPlain {
            try checkCharacters(name)
            guard composed(name).utf8.elementsEqual(name.utf8) else {
                throw problem(
                    "the name has accents as separate characters", "use the composed form (NFC)")
            }
        }
        let space = UInt8(ascii: " ")
        guard name.utf8.first != space, name.utf8.last != space else {
            throw problem("the name begins or ends with a space", "remove the space")
        }
        guard !zip(name.utf8, name.utf8.dropFirst()).contains(where: { $0 == space && $1 == space }) else {
            throw problem("the name has two spaces in a row", "use one space")
        }
        guard name.utf8.first != UInt8(ascii: "-") else {
            throw problem(
                "a name can't begin with '-', because it would be read as an option",
                "begin it with a letter or digit")
        }
        guard name.utf8.contains(UInt8(ascii: "/")) || name.utf8.first == UInt8(ascii: ".") else { return }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains("."), !parts.contains("..") else {
            throw problem("the name contains the path component '.' or '..'", "remove the dots")
        }
    }

    private static func checkCharacters(_ name: String) throws(Problem) {
        var marks = 0
        for scalar in name.unicodeScalars {
            if scalar.isASCII, !scalar.isUnsafe {
                marks = 0
                continue
            }
            let category = scalar.properties.generalCategory
            if scalar.isUnsafe || category == .spaceSeparator {
                throw problem(
                    "the name contains \(kind(scalar)) \(scalar.codePoint)",
                    "use letters, digits, punctuation and plain spaces")
            }
            let isMark = [.nonspacingMark, .enclosingMark].contains(category)
            marks = isMark ? marks + 1 : 0
            if isMark, marks > 3 || scalar == name.unicodeScalars.first {
                throw problem(
                    "the name has combining marks without a letter, or more than three on one",
                    "use at most three marks on a letter")
            }
        }
    }

    private static func problem(_ message: String, _ hint: String) -> Problem {
        Problem(field: "name", message: message, hint: hint)
    }

    private static func kind(_ scalar: Unicode.Scalar) -> String {
        if scalar.properties.isBidiControl { return "the text direction character" }
        switch scalar.properties.generalCategory {
        case .control: return "the control character"
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return "the unusual space"
        case .privateUse, .unassigned: return "the private or unassigned character"
        default: return "the invisible character"
        }
    }

    static func composed(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text._nfc { scalars.append(scalar) }
        return String(scalars)
    }
}
