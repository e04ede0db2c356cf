/// A header that a caller gives for a request.
///
/// Refused are those that would change who the request comes from, where it goes, or where it ends.
public struct CallerHeader: Sendable, Equatable {
    public let name: String
    public let value: String

    /// Lower case: the connection's own, and those of one hop (RFC 9110, section 7.6.1), with the framing.
    private static let refused: Set<String> = [
        "authorization", "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te",
        "trailer",
        "upgrade", "expect", "accept-encoding",
    ]

    /// - Parameter own: names, in lower case, of the headers that the connection authenticates with.
    public init(name: String, value: String, own: Set<String> = []) throws(Problem) {
        func refuse(_ message: String, _ fits: String? = nil) -> Problem {
            Problem(field: "header", message: message, fits: fits)
        }
        guard !name.isEmpty, name.utf8.count <= 256, name.utf8.allSatisfy(\.isToken) else {
            throw refuse("a header's name has characters that none may have", "such as 'Accept: text/csv'")
        }
        guard value.unicodeScalars.allSatisfy({ $0 == "\t" || (0x20...0x7e).contains($0.value) }) else {
            throw refuse(
                "the header \(name) has a character that no header may have", "plain ASCII on one line")
        }
        let key = asciiLowercased(name)
        if Self.refused.contains(key) || key.hasPrefix("proxy-") || own.contains(key) {
            throw refuse(
                "the header \(name) is not the caller's to set",
                key == "authorization" || own.contains(key) ? "nothing: the vault adds it" : "leave it out")
        }
        self.name = name
        self.value = String(value.trimmed)
    }

    /// `Name: value`, as for curl.
    public init(_ text: String, own: Set<String> = []) throws(Problem) {
        guard let colon = text.firstIndex(of: ":") else {
            // Not repeated: it may be a credential (case 96).
            throw Problem(field: "header", message: "a header has no colon", fits: "-H 'Name: value'")
        }
        try self.init(
            name: String(text[..<colon]), value: String(text[text.index(after: colon)...]), own: own)
    }
}

extension UInt8 {
    /// A character of a token, RFC 9110, section 5.6.2.
    fileprivate var isToken: Bool {
        isASCIIAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
}
