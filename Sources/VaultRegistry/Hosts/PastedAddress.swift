/// The parts of a host, a URL or a page's address that was pasted where a host is expected.
struct PastedAddress {
    var scheme: String?
    var host: String
    var port: Int?

    /// Parses pasted text.
    ///
    /// - Throws: `Problem` without a field if the text has a user name (`https://good@evil`), a backslash, a percent
    ///   sign, a space, a control character, a letter beyond ASCII or a number that resolvers read as IPv4, or no host.
    init(_ text: String) throws(Problem) {
        func problem(_ message: String, _ hint: String = "use a host name such as api.example.com") -> Problem
        {
            Problem(message, hint)
        }
        var rest = Substring(text)
        if let separator = text.utf8.firstRange(of: "://".utf8) {
            let scheme = asciiLowercased(String(text[..<separator.lowerBound]))
            guard ["https", "http", "postgresql", "postgres"].contains(scheme) else {
                throw problem("the URL must begin with https://")
            }
            self.scheme = scheme
            rest = text[separator.upperBound...]
        }
        let end = rest.firstIndex { "/?#".unicodeScalars.contains($0.unicodeScalars.first!) } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw problem("the URL contains '@', so the part before it is a user name")
        }
        guard !authority.utf8.contains(UInt8(ascii: "\\")) else {
            throw problem("the URL contains a backslash")
        }
        if let odd = authority.unicodeScalars.first(where: { !$0.isASCII }) {
            throw problem(
                "the host contains the character \(odd.codePoint)",
                "use ASCII letters, digits and hyphens; write an international name in its xn-- form")
        }
        let (name, port) = try PastedAddress.split(authority)
        self.port = port
        host = asciiLowercased(String(name))
        if host.hasSuffix(".") { host.removeLast() }
        if let address = Host.address(host) {
            host = address
        } else if !Host.isName(host) {
            throw problem(host.isEmpty ? "the URL has no host" : "invalid host name")
        }
    }

    /// Returns the host and port of an authority without a user name. An IPv6 address can be in brackets.
    private static func split(_ authority: Substring) throws(Problem) -> (host: Substring, port: Int?) {
        var name = authority
        var digits: Substring?
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            name = authority[authority.index(after: authority.startIndex)..<end]
            guard Host.address(String(name))?.contains(":") == true else {
                throw Problem("the brackets don't contain an IPv6 address")
            }
            let after = authority[authority.index(after: end)...]
            if after.hasPrefix(":") { digits = after.dropFirst() } else if !after.isEmpty { digits = "?" }
        } else if authority.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1 {
            let colon = authority.firstIndex(of: ":")!
            name = authority[..<colon]
            digits = authority[authority.index(after: colon)...]
        }
        guard let digits else { return (name, nil) }
        guard let port = portNumber(digits) else {
            throw Problem("invalid port after the host", "use 1 to 65535")
        }
        return (name, port)
    }
}

/// Returns a TCP port from 1 to 65535 in decimal digits, or nil.
func portNumber(_ text: some StringProtocol) -> Int? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
    guard let port = Int(text), (1...65535).contains(port) else { return nil }
    return port
}
