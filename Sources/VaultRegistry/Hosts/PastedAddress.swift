/// What people paste where a host is asked: a host, a URL, a page's address.
struct PastedAddress {
    var scheme: String?
    var host: String
    var port: Int?
    /// What follows the host: path, query and fragment, as pasted.
    var rest: Substring

    /// Reads what is pasted, or says what is wrong with it.
    ///
    /// Refused rather than guessed at: a user name (`https://good@evil`), a backslash, percent signs, spaces and
    /// control characters, letters beyond ASCII (they look like others), numbers that resolvers read as IPv4.
    init(_ text: String, field: String?) throws(Problem) {
        func refuse(_ message: String, _ fits: String = "a host name such as api.example.com") -> Problem {
            Problem(field: field, message: message, fits: fits)
        }
        var rest = Substring(text)
        if let separator = text.firstRange(ofASCII: "://") {
            let scheme = asciiLowercased(String(text[..<separator.lowerBound]))
            guard ["https", "http", "postgresql", "postgres"].contains(scheme) else {
                throw refuse("the address does not begin with https://")
            }
            self.scheme = scheme
            rest = text[separator.upperBound...]
        }
        let end = rest.firstIndex { "/?#".unicodeScalars.contains($0.unicodeScalars.first!) } ?? rest.endIndex
        let authority = rest[..<end]
        self.rest = rest[end...]
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw refuse("the address has an '@': what stands before it is a user name, not the host")
        }
        guard !authority.utf8.contains(UInt8(ascii: "\\")) else {
            throw refuse("the address has a backslash, which programs read in different ways")
        }
        if let odd = authority.unicodeScalars.first(where: { !$0.isASCII }) {
            throw refuse(
                "the host has the character \(odd.codePoint), which is not a plain letter, digit or hyphen",
                "a plain ASCII name; an international one in its xn-- form")
        }
        let (name, port) = try PastedAddress.split(authority, field: field)
        self.port = port
        host = asciiLowercased(String(name))
        if host.hasSuffix(".") { host.removeLast() }
        if let address = Host.address(host) {
            host = address
        } else if !Host.isName(host) {
            throw refuse(host.isEmpty ? "there is no host in it" : "that is not a host name")
        }
    }

    /// Host and port of an authority without a user name; an IPv6 address may stand in brackets.
    private static func split(
        _ authority: Substring, field: String?
    ) throws(Problem) -> (host: Substring, port: Int?) {
        var name = authority
        var digits: Substring?
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            name = authority[authority.index(after: authority.startIndex)..<end]
            guard Host.address(String(name))?.contains(":") == true else {
                throw Problem(field: field, message: "the brackets do not hold an IPv6 address")
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
            throw Problem(field: field, message: "what follows the host is not a port", fits: "1 to 65535")
        }
        return (name, port)
    }
}

/// A TCP port in decimal digits, 1 to 65535.
func portNumber(_ text: some StringProtocol) -> Int? {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
    guard let port = Int(text), (1...65535).contains(port) else { return nil }
    return port
}
