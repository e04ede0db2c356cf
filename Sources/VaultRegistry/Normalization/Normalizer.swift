/// A step that converts a pasted value to the form that is stored, or rejects it.
///
/// Every normalizer is idempotent. White space at both ends is always removed.
enum Normalizer: Sendable, Equatable {
    /// The host of a host name, URL or page address, in lower case.
    case host
    /// The labels before `.suffix` in the host: `dev1` of `https://dev1.service-now.com/nav`.
    case subdomain(String)
    /// The path segment after the last of these names in a URL; a value that is not a URL is unchanged.
    case segmentAfter([String])
    /// A path segment: `pchar` of RFC 3986, section 3.3, without `%`; neither `.` nor `..`.
    case segment
    /// An absolute path without a query, such as `/api/v1`; without empty, `.` or `..` segments.
    case path
    case upperCase
    case lowerCase
    case port
    /// The value without these texts at its beginning; case is ignored.
    case stripPrefix([String])
    /// An OAuth 2.0 scope (RFC 6749, section 3.3).
    case scope
    /// The name of a header that a connector may set: a token (RFC 9110, section 5.6.2) that is not reserved.
    case headerName
    /// PEM blocks (RFC 7468) with this label only, because a private key among them would be stored in plain text.
    case pem(String)

    /// Applies the step.
    ///
    /// - Throws: `Problem` without a field if the text cannot be converted.
    func apply(_ text: String) throws(Problem) -> String {
        switch self {
        case .host: return try normalizedHost(text)
        case .subdomain(let suffix): return try normalizedSubdomain(text, of: suffix)
        case .segmentAfter(let names): return try normalizedSegment(text, after: names)
        case .segment: return try checkedSegment(text)
        case .path: return try normalizedPath(text)
        case .upperCase: return asciiUppercased(text)
        case .lowerCase: return asciiLowercased(text)
        case .port:
            guard let port = portNumber(text) else {
                throw Problem("invalid port '\(text)'", "use a number from 1 to 65535")
            }
            return String(port)
        case .stripPrefix(let prefixes): return stripped(text, of: prefixes)
        case .scope: return try checkedScope(text)
        case .pem(let label): return try checkedPEM(text, label)
        case .headerName: return try checkedHeaderName(text)
        }
    }
}

private func normalizedHost(_ text: String) throws(Problem) -> String {
    let pasted = try PastedAddress(text)
    let standardPort =
        switch pasted.scheme {
        case "http": 80
        case "https", nil: 443
        default: 5432
        }
    guard pasted.port == nil || pasted.port == standardPort else {
        throw Problem("the URL has a port", "use only the host: \(pasted.host)")
    }
    return pasted.host
}

private func normalizedSubdomain(_ text: String, of suffix: String) throws(Problem) -> String {
    // Unlike a whole host, a subdomain can have only digits, as account numbers do.
    let bare = asciiLowercased(text)
    if Host.isName(bare + "." + suffix), Host.ipv4(bare) == nil, bare != suffix, !bare.hasSuffix("." + suffix)
    {
        return bare
    }
    let pasted = try normalizedHost(text)
    var host = Substring(pasted)
    while host.hasSuffix("." + suffix) { host = host.dropLast(suffix.utf8.count + 1) }
    guard host.utf8.count < pasted.utf8.count, host != suffix, Host.ipv4(host) == nil else {
        throw Problem("'\(pasted)' is not a subdomain of \(suffix)", "use the name before .\(suffix)")
    }
    return String(host)
}

private func normalizedSegment(_ text: String, after names: [String]) throws(Problem) -> String {
    guard text.utf8.contains(UInt8(ascii: "/")) else { return text }
    let path = text.prefix { $0 != "?" && $0 != "#" }
    let segments = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    if let at = segments.lastIndex(where: { names.contains($0) }), at + 1 < segments.count {
        return segments[at + 1]
    }
    throw Problem(
        "the URL has no segment after /\(names.joined(separator: "/ or /"))/",
        "paste the value alone, or an address with a segment after /\(names.first ?? "")/")
}

private func stripped(_ text: String, of prefixes: [String]) -> String {
    var rest = text
    while let prefix = prefixes.first(where: { asciiLowercased(rest).hasPrefix(asciiLowercased($0)) }) {
        let shorter = String(rest.unicodeScalars.dropFirst(prefix.unicodeScalars.count)).trimmed
        if prefix.isEmpty || shorter.utf8.count == rest.utf8.count { break }
        rest = String(shorter)
    }
    return rest
}
