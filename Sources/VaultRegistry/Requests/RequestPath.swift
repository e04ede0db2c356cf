/// The path and query of a request to a connection's own host, checked.
///
/// Rule of this folder: what a caller may ask of a host is judged by its text alone, before anything is opened or
/// sent. Text that two programs could read differently is refused, not repaired.
public struct RequestPath: Sendable, Equatable {
    /// Path and query, as they are sent.
    public let text: String
    /// The path without the query.
    public var path: String { String(text.utf8.prefix { $0 != UInt8(ascii: "?") }) ?? "" }

    /// The longest that is sent, in bytes.
    public static let maximumLength = 8192

    /// - Throws: a problem of its own for each way in which a path can leave its host, or be two things at once.
    public init(_ text: String) throws(Problem) {
        self.text = text
        if Self.isPlain(text) { return }
        func refuse(
            _ message: String, _ fits: String = "a path of the connection's own host, such as /api/me"
        )
            -> Problem
        { Problem(field: "path", message: message, fits: fits) }
        guard text.utf8.count <= Self.maximumLength else {
            throw refuse("the path is longer than \(Self.maximumLength) bytes")
        }
        try Self.checkCharacters(text, refuse)
        if text.hasPrefix("//") || text.hasPrefix("/\\") || text.hasPrefix("\\") {
            throw refuse("a path that begins with two slashes names another host")
        }
        if let colon = text.firstIndex(of: ":"), text[..<colon].utf8.allSatisfy(\.isASCIIAlphanumeric),
            colon > text.startIndex
        {
            throw refuse("a whole address is given: the host is always the connection's own")
        }
        if text.hasPrefix("@") {
            throw refuse("a path that begins with '@' would make the host a user name")
        }
        guard text.hasPrefix("/") else { throw refuse("the path does not begin with '/'") }
        let path = self.path
        guard !path.utf8.contains(UInt8(ascii: "\\")) else {
            throw refuse(
                "the path has a backslash, which programs read in different ways", "%5C, if it is meant")
        }
        guard !text.utf8.contains(UInt8(ascii: "#")) else {
            throw refuse("the path has a '#': what follows it is never sent", "%23, if it is meant")
        }
        for segment in Self.segments(of: path) where Self.isDots(segment) {
            throw refuse("the path has a segment '\(segment)', which leads out of where it stands")
        }
    }

    /// Whether nothing in the text can be read in two ways, which is seen in one pass: most are like this. What is not
    /// plain is looked at closely.
    private static func isPlain(_ text: String) -> Bool {
        guard text.utf8.count <= maximumLength, text.utf8.first == UInt8(ascii: "/") else { return false }
        var (isPath, beginsSegment) = (true, true)
        for byte in text.utf8.dropFirst() {
            switch byte {
            case _ where !isPath:
                guard (0x21...0x7e).contains(byte), byte != UInt8(ascii: "#") else { return false }
            case UInt8(ascii: "?"): isPath = false
            case UInt8(ascii: "/") where !beginsSegment: beginsSegment = true
            case UInt8(ascii: ".") where !beginsSegment: break
            case _ where byte.isASCIIAlphanumeric, UInt8(ascii: "-"), UInt8(ascii: "_"): beginsSegment = false
            default: return false
            }
        }
        return true
    }

    private static func checkCharacters(
        _ text: String, _ refuse: (String, String) -> Problem
    ) throws(Problem) {
        for scalar in text.unicodeScalars {
            if scalar == "\n" || scalar == "\r" {
                throw refuse("the path has a line break", "one line; %0A, if it is meant")
            }
            guard (0x21...0x7e).contains(scalar.value) else {
                let name = scalar == " " ? "a space" : "the character \(scalar.codePoint)"
                throw refuse("the path has \(name)", "percent-encoding, such as %20 for a space")
            }
        }
    }

    /// The segments as a server could read them: percent-decoded, and split at an encoded slash or backslash too.
    static func segments(of path: String) -> [String] {
        percentDecoded(path).split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    }

    /// Dots alone, also with parameters behind them (`..;x`), which some servers take off.
    private static func isDots(_ segment: String) -> Bool {
        let name = segment.prefix { $0 != ";" }
        return name == "." || name == ".."
    }

    /// Decoded until nothing changes, since some servers decode twice; a backslash becomes a slash.
    static func percentDecoded(_ text: String) -> String {
        var bytes = Array(text.utf8)
        while true {
            let decoded = once(bytes)
            if decoded == bytes { break }
            bytes = decoded
        }
        return String(
            decoding: bytes.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
    }

    private static func once(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = bytes[index + 1].hexDigit, let low = bytes[index + 2].hexDigit
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
