@_spi(_Unicode) import Swift

/// Rules for the names of connections, OAuth 2.0 clients, members and tags.
///
/// A name is in composed form (NFC) and has no invisible characters. Names that look the same have the same skeleton,
/// which storage keeps unique.
public enum Name {
    /// The maximum length in characters, as a person counts them.
    public static let maximumLength = 100
    /// The maximum length in bytes, since one character can have many combining marks.
    static let maximumBytes = 800
    private static let length = "use 1 to \(maximumLength) characters"

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
        try require(!name.isEmpty, "a name can't be empty", length)
        // Bytes first, to avoid counting the characters of megabytes. Plain ASCII, the common case, needs no Unicode tables.
        let isPlain = name.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        try require(
            name.utf8.count <= maximumBytes && (isPlain ? name.utf8.count : name.count) <= maximumLength,
            "a name can't be longer than \(maximumLength) characters", length)
        if !isPlain {
            try checkCharacters(name)
            try require(
                composed(name).utf8.elementsEqual(name.utf8), "the name has accents as separate characters",
                "use the composed form (NFC)")
        }
        let space = UInt8(ascii: " ")
        try require(
            name.utf8.first != space && name.utf8.last != space, "the name begins or ends with a space",
            "remove the space")
        try require(
            !zip(name.utf8, name.utf8.dropFirst()).contains { $0 == space && $1 == space },
            "the name has two spaces in a row", "use one space")
        try require(
            name.utf8.first != UInt8(ascii: "-"),
            "a name can't begin with '-', because it would be read as an option",
            "begin it with a letter or digit")
        guard name.utf8.contains(UInt8(ascii: "/")) || name.utf8.first == UInt8(ascii: ".") else { return }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        try require(
            !parts.contains(".") && !parts.contains(".."), "the name contains the path component '.' or '..'",
            "remove the dots")
    }

    private static func checkCharacters(_ name: String) throws(Problem) {
        var marks = 0
        for scalar in name.unicodeScalars {
            if scalar.isASCII, !scalar.isUnsafe {
                marks = 0
                continue
            }
            let category = scalar.properties.generalCategory
            try require(
                !scalar.isUnsafe && category != .spaceSeparator,
                "the name contains \(kind(scalar)) \(scalar.codePoint)",
                "use letters, digits, punctuation and plain spaces")
            let isMark = [.nonspacingMark, .enclosingMark].contains(category)
            marks = isMark ? marks + 1 : 0
            try require(
                !isMark || marks <= 3 && scalar != name.unicodeScalars.first,
                "the name has combining marks without a letter, or more than three on one",
                "use at most three marks on a letter")
        }
    }

    private static func require(
        _ isValid: Bool, _ message: @autoclosure () -> String, _ hint: @autoclosure () -> String
    ) throws(Problem) {
        guard isValid else { throw Problem(message(), hint(), field: "name") }
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
        return String(String.UnicodeScalarView(text._nfc))
    }
}
