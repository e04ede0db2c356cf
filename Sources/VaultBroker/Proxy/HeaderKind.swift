import NIOHTTP1

/// How the proxy treats a header field, by its name. Determined in one step, since it is needed for every field.
enum HeaderKind {
    case host, authorization, origin, fetchSite, expect
    case contentLength, contentEncoding, transferEncoding
    /// `Connection`, which may list other hop-by-hop fields.
    case connection
    /// Hop-by-hop fields (RFC 9110, section 7.6.1) and those for proxies.
    case hopByHop
    /// Fields that are not forwarded: where a browser's request comes from, and which encodings the client accepts.
    case dropped
    case other

    init(_ name: String) {
        var name = name
        self = name.withUTF8 { unsafe Self.kind(of: $0) }
    }

    private static func kind(of name: UnsafeBufferPointer<UInt8>) -> HeaderKind {
        func isNamed(_ known: StaticString) -> Bool { unsafe isSame(name, known) }
        func begins(_ known: StaticString) -> Bool {
            unsafe name.count > known.utf8CodeUnitCount
                && isSame(UnsafeBufferPointer(rebasing: name[..<known.utf8CodeUnitCount]), known)
        }
        switch name.count {
        case 2 where isNamed("te"): return .hopByHop
        case 4 where isNamed("host"): return .host
        case 6:
            if isNamed("expect") { return .expect }
            if isNamed("origin") { return .origin }
        case 7:
            if isNamed("referer") { return .dropped }
            if isNamed("trailer") || isNamed("upgrade") { return .hopByHop }
        case 10:
            if isNamed("connection") { return .connection }
            if isNamed("keep-alive") { return .hopByHop }
        case 13 where isNamed("authorization"): return .authorization
        case 14:
            if isNamed("content-length") { return .contentLength }
            if isNamed("sec-fetch-site") { return .fetchSite }
        case 15 where isNamed("accept-encoding"): return .dropped
        case 16 where isNamed("content-encoding"): return .contentEncoding
        case 17 where isNamed("transfer-encoding"): return .transferEncoding
        default: break
        }
        if begins("proxy-") { return .hopByHop }
        return begins("sec-fetch-") ? .dropped : .other
    }
}

/// Whether a text equals a known one, which is in lower case, ignoring the case of ASCII letters.
func isSame(_ text: String, _ known: String) -> Bool {
    guard text.utf8.count == known.utf8.count else { return false }
    return zip(text.utf8, known.utf8).allSatisfy { lowercased($0) == $1 }
}

private func isSame(_ text: UnsafeBufferPointer<UInt8>, _ known: StaticString) -> Bool {
    guard text.count == known.utf8CodeUnitCount else { return false }
    for index in 0..<text.count where unsafe lowercased(text[index]) != known.utf8Start[index] {
        return false
    }
    return true
}

private func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

extension HTTPHeaders {
    /// The names listed in `Connection`, in lower case.
    var connectionOptions: [String] {
        for (name, _) in self where HeaderKind(name) == .connection {
            return self[canonicalForm: "connection"].map { $0.lowercased() }
        }
        return []
    }
}
