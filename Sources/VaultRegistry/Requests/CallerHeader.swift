/// A header that the caller adds to a request.
///
/// Headers that change the authentication, the target or the framing of the request are rejected.
public struct CallerHeader: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The value, without white space at both ends.
    public let value: String

    /// In lower case: authentication, hop-by-hop fields (RFC 9110, section 7.6.1) and framing.
    private static let reserved: Set<String> = [
        "authorization", "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te",
        "trailer", "upgrade", "expect", "accept-encoding",
    ]

    /// Creates a header.
    ///
    /// - Parameters:
    ///   - name: The name of the header.
    ///   - value: The value of the header.
    ///   - own: The names, in lower case, of the headers that the connection authenticates with.
    /// - Throws: `Problem` if the name or the value is not valid, or the name is reserved or in `own`.
    public init(name: String, value: String, own: Set<String> = []) throws(Problem) {
        guard !name.isEmpty, name.utf8.count <= 256, name.utf8.allSatisfy(\.isToken) else {
            throw Problem("invalid header name", "use a header such as 'Accept: text/csv'", field: "header")
        }
        guard value.unicodeScalars.allSatisfy({ $0 == "\t" || (0x20...0x7e).contains($0.value) }) else {
            throw Problem(
                "invalid value of the header \(name)", "use ASCII characters on one line", field: "header")
        }
        let key = asciiLowercased(name)
        if Self.reserved.contains(key) || key.hasPrefix("proxy-") || own.contains(key) {
            let isOwn = key == "authorization" || own.contains(key)
            throw Problem(
                "the header \(name) can't be set",
                isOwn ? "remove it; the vault adds the connection's own" : "remove it", field: "header")
        }
        self.name = name
        self.value = String(value.trimmed)
    }

    /// Parses a header in the form `Name: value`.
    ///
    /// - Throws: `Problem` if the text has no colon, or for the reasons of `init(name:value:own:)`.
    public init(_ text: String, own: Set<String> = []) throws(Problem) {
        guard let colon = text.firstIndex(of: ":") else {
            // The message does not contain the text, which may be a credential (case 96).
            throw Problem("a header has no colon", "use -H 'Name: value'", field: "header")
        }
        try self.init(
            name: String(text[..<colon]), value: String(text[text.index(after: colon)...]), own: own)
    }
}

extension UInt8 {
    /// Whether this is a character of a token (RFC 9110, section 5.6.2).
    fileprivate var isToken: Bool {
        isASCIIAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
}
