import VaultText

/// The validated path and query of a request to a connection's host.
///
/// A path that two programs could interpret differently is rejected, not corrected.
public struct RequestPath: Sendable, Equatable {
    /// The path and query as they are sent.
    public let text: String
    /// The path without the query.
    public var path: String { String(text.utf8.prefix { $0 != UInt8(ascii: "?") }) ?? "" }

    /// The maximum length in bytes.
    private static let maximumLength = 8192

    /// Validates a path and query.
    ///
    /// - Throws: `Problem` if the text could address another host, leaves its directory (`..`), or is ambiguous.
    public init(_ text: String) throws(Problem) {
        self.text = text
        if Self.isPlain(text) { return }
        func problem(_ message: String, _ hint: String = "use a path such as /api/me") -> Problem {
            Problem(field: "path", message: message, hint: hint)
        }
        guard text.utf8.count <= Self.maximumLength else {
            throw problem("the path can't be longer than \(Self.maximumLength) bytes")
        }
        try Self.checkCharacters(text, problem)
        if text.hasPrefix("//") || text.hasPrefix("/\\") || text.hasPrefix("\\") {
            throw problem("the path begins with two slashes, which would address another host")
        }
        if let colon = text.firstIndex(of: ":"), text[..<colon].utf8.allSatisfy(\.isASCIIAlphanumeric),
            colon > text.startIndex
        {
            throw problem("expected a path, found a URL; the host is always the connection's")
        }
        if text.hasPrefix("@") {
            throw problem("the path begins with '@', which would turn the host into a user name")
        }
        guard text.hasPrefix("/") else { throw problem("the path must begin with '/'") }
        let path = self.path
        guard !path.utf8.contains(UInt8(ascii: "\\")) else {
            throw problem("the path contains a backslash", "use / or %5C")
        }
        guard !text.utf8.contains(UInt8(ascii: "#")) else {
            throw problem("the path contains '#', and the part after it would not be sent", "use %23")
        }
        for segment in Self.segments(of: path) where Self.isDots(segment) {
            throw problem("the path contains the segment '\(segment)'")
        }
    }

    /// Whether the text is obviously valid. This is a fast path for most texts; the others are checked in detail.
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
        _ text: String, _ problem: (String, String) -> Problem
    ) throws(Problem) {
        for scalar in text.unicodeScalars {
            if scalar == "\n" || scalar == "\r" {
                throw problem("the path contains a line break", "use one line, or %0A")
            }
            guard (0x21...0x7e).contains(scalar.value) else {
                let name = scalar == " " ? "a space" : "the character \(scalar.codePoint)"
                throw problem("the path contains \(name)", "use percent-encoding, such as %20 for a space")
            }
        }
    }

    /// The segments as a lenient server sees them: percent-decoded, and also split at encoded slashes and backslashes.
    static func segments(of path: String) -> [String] {
        percentDecoded(path).split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    }

    /// Whether the segment is `.` or `..`, also with parameters (`..;x`), which some servers remove.
    private static func isDots(_ segment: String) -> Bool {
        let name = segment.prefix { $0 != ";" }
        return name == "." || name == ".."
    }

    /// Percent-decodes until nothing changes, because some servers decode twice, and turns backslashes into slashes.
    static func percentDecoded(_ text: String) -> String {
        var bytes = Array(text.utf8)
        while true {
            let decoded = percentDecodedOnce(bytes).bytes
            if decoded == bytes { break }
            bytes = decoded
        }
        return String(
            decoding: bytes.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }, as: UTF8.self)
    }

    /// Percent-decodes once. A malformed escape is not changed.
    static func percentDecodedOnce(_ text: some Sequence<UInt8>) -> (bytes: [UInt8], isMalformed: Bool) {
        var (result, isMalformed): ([UInt8], Bool) = ([], false)
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                let digits = rest.prefix(2).compactMap(Hex.value)
                if digits.count == 2 {
                    result.append(digits[0] << 4 | digits[1])
                    rest.removeFirst(2)
                    continue
                }
                isMalformed = true
            }
            result.append(byte)
        }
        return (result, isMalformed)
    }
}
