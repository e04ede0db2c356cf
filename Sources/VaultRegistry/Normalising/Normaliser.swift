/// What is made of a value before it is kept.
///
/// Rule of this folder: what people paste becomes the one spelling that is stored, or is refused with what would
/// fit; applying a normaliser to its own result changes nothing. White space at both ends is always removed.
public enum Normaliser: Sendable, Equatable {
    /// The host of a host, URL or page address, in lower case.
    case host
    /// The labels before `.suffix` in the host of whatever is pasted: `dev1` of `https://dev1.service-now.com/nav`.
    case subdomain(String)
    /// Of a URL, the path segment after one of these names (the last such); of anything else, the value itself.
    case segmentAfter([String])
    /// One segment of a path: RFC 3986 `pchar` without `%`, and neither `.` nor `..`.
    case segment
    /// An absolute path without query, `/api/v1`; no empty, `.` or `..` segments.
    case path
    case upperCase
    case lowerCase
    /// 1 to 65535.
    case port
    /// These texts at the beginning are taken off, whatever their case.
    case stripPrefix([String])
    /// An OAuth 2.0 scope: RFC 6749, section 3.3.
    case scope
    /// The name of a header that a request may set: an RFC 9110 token that is not one of the connection's own.
    case headerName
    /// PEM blocks (RFC 7468) of this label only: a private key among them would be kept in plain text.
    case pem(String)

    func apply(_ text: String, field: String?) throws(Problem) -> String {
        switch self {
        case .host: return try normalisedHost(text, field: field)
        case .subdomain(let suffix): return try normalisedSubdomain(text, of: suffix, field: field)
        case .segmentAfter(let names): return try normalisedSegment(text, after: names, field: field)
        case .segment: return try checkedSegment(text, field: field)
        case .path: return try normalisedPath(text, field: field)
        case .upperCase: return asciiUppercased(text)
        case .lowerCase: return asciiLowercased(text)
        case .port:
            guard let port = portNumber(text) else {
                throw Problem(field: field, message: "that is not a port", fits: "a number from 1 to 65535")
            }
            return String(port)
        case .stripPrefix(let prefixes): return stripped(text, of: prefixes)
        case .scope: return try checkedScope(text, field: field)
        case .pem(let label): return try checkedPEM(text, label, field: field)
        case .headerName: return try checkedHeaderName(text, field: field)
        }
    }
}

private func normalisedHost(_ text: String, field: String?) throws(Problem) -> String {
    let pasted = try PastedAddress(text, field: field)
    let usual =
        switch pasted.scheme {
        case "http": 80
        case "https", nil: 443
        default: 5432
        }
    guard pasted.port == nil || pasted.port == usual else {
        throw Problem(
            field: field, message: "the address names a port", fits: "the host alone: \(pasted.host)")
    }
    return pasted.host
}

private func normalisedSubdomain(_ text: String, of suffix: String, field: String?) throws(Problem) -> String
{
    // A name alone may be digits only (account numbers are), which no whole host may be.
    let bare = asciiLowercased(text)
    if Host.isName(bare + "." + suffix), Host.ipv4(bare) == nil, bare != suffix, !bare.hasSuffix("." + suffix)
    {
        return bare
    }
    let pasted = try normalisedHost(text, field: field)
    var host = Substring(pasted)
    while host.hasSuffix("." + suffix) { host = host.dropLast(suffix.utf8.count + 1) }
    guard host.utf8.count < pasted.utf8.count, host != suffix, Host.ipv4(host) == nil else {
        throw Problem(
            field: field, message: "'\(pasted)' is not below \(suffix)",
            fits: "name, or https://name.\(suffix)/")
    }
    return String(host)
}

private func normalisedSegment(_ text: String, after names: [String], field: String?) throws(Problem)
    -> String
{
    guard text.utf8.contains(UInt8(ascii: "/")) else { return text }
    var path = Substring(text)
    if let end = path.firstIndex(where: { $0 == "?" || $0 == "#" }) { path = path[..<end] }
    let segments = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    if let at = segments.lastIndex(where: { names.contains($0) }), at + 1 < segments.count {
        return segments[at + 1]
    }
    throw Problem(
        field: field, message: "the address has nothing after /\(names.joined(separator: "/ or /"))/",
        fits: "the value alone, or an address with …/\(names.first ?? "")/VALUE")
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
