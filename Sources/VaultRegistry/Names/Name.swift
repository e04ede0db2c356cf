@_spi(_Unicode) import Swift

/// Names of connections, OAuth 2.0 clients, members and tags.
///
/// Rule of this folder: a name shows what it is. It is one spelling only (NFC), has nothing invisible in it, and
/// two names that look the same to a person have the same skeleton, which storage keeps unique.
public enum Name {
    /// In characters as a person counts them.
    public static let maximumLength = 100
    /// A character may carry many marks; this bounds them all.
    public static let maximumBytes = 800

    /// The name as it is kept: composed (NFC), without white space at both ends. It still has to be checked.
    public static func canonical(_ text: String) -> String {
        guard text.utf8.count <= maximumBytes * 4 else { return text }
        return composed(String(text.trimmed))
    }

    /// Refuses a name that is not safe to print, to compare or to give to a command.
    public static func check(_ name: String) throws(Problem) {
        func refuse(_ reason: String, _ fits: String? = nil) -> Problem {
            Problem(field: "name", message: "the name is refused: \(reason)", fits: fits)
        }
        guard !name.isEmpty else { throw refuse("it is empty", "1 to \(maximumLength) characters") }
        // Bytes first, so that ten megabytes are not counted.
        // Plain ASCII, as most names are, needs no table of Unicode.
        let isPlain = name.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        guard name.utf8.count <= maximumBytes, (isPlain ? name.utf8.count : name.count) <= maximumLength
        else {
            throw refuse("it is longer than \(maximumLength) characters", "1 to \(maximumLength) characters")
        }
        if !isPlain {
            try checkCharacters(name)
            guard composed(name).utf8.elementsEqual(name.utf8) else {
                throw refuse(
                    "its accents are written as separate characters", "the same in composed form (NFC)")
            }
        }
        let space = UInt8(ascii: " ")
        guard name.utf8.first != space, name.utf8.last != space else {
            throw refuse("it begins or ends with a space")
        }
        guard !zip(name.utf8, name.utf8.dropFirst()).contains(where: { $0 == space && $1 == space }) else {
            throw refuse("it has two spaces in a row")
        }
        guard name.utf8.first != UInt8(ascii: "-") else {
            throw refuse(
                "it begins with '-' and would be read as an option", "begin it with a letter or digit")
        }
        guard name.utf8.contains(UInt8(ascii: "/")) || name.utf8.first == UInt8(ascii: ".") else { return }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains("."), !parts.contains("..") else {
            throw refuse("it has the path '.' or '..' in it", "leave the dots out")
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
                throw Problem(
                    field: "name",
                    message: "the name is refused: it has \(kind(scalar)) \(scalar.codePoint)",
                    fits: "letters, digits, punctuation and plain spaces")
            }
            let isMark = [.nonspacingMark, .enclosingMark].contains(category)
            marks = isMark ? marks + 1 : 0
            if isMark, marks > 3 || scalar == name.unicodeScalars.first {
                throw Problem(
                    field: "name",
                    message: "the name is refused: it has marks that stand on no letter of their own",
                    fits: "letters with at most three marks each")
            }
        }
    }

    private static func kind(_ scalar: Unicode.Scalar) -> String {
        if scalar.properties.isBidiControl { return "the character, which turns the writing direction," }
        switch scalar.properties.generalCategory {
        case .control: return "the control character"
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return "the unusual space"
        case .privateUse, .unassigned: return "a character without an agreed meaning,"
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
