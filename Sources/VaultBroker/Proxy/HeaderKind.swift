import NIOHTTP1

/// What a header is to the proxy, told by its name: in one look, as each header of each message is asked it.
enum HeaderKind {
    case host, authorization, origin, fetchSite, expect
    case contentLength, contentEncoding, transferEncoding
    /// `Connection`, which may name others that are of one hop.
    case connection
    /// Of one hop only (RFC 9110, section 7.6.1), or a proxy's own.
    case hop
    /// What a browser or client tells of where it comes from, and how it would like its answer: not passed on.
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
        case 2 where isNamed("te"): return .hop
        case 4 where isNamed("host"): return .host
        case 6:
            if isNamed("expect") { return .expect }
            if isNamed("origin") { return .origin }
        case 7:
            if isNamed("referer") { return .dropped }
            if isNamed("trailer") || isNamed("upgrade") { return .hop }
        case 10:
            if isNamed("connection") { return .connection }
            if isNamed("keep-alive") { return .hop }
        case 13 where isNamed("authorization"): return .authorization
        case 14:
            if isNamed("content-length") { return .contentLength }
            if isNamed("sec-fetch-site") { return .fetchSite }
        case 15 where isNamed("accept-encoding"): return .dropped
        case 16 where isNamed("content-encoding"): return .contentEncoding
        case 17 where isNamed("transfer-encoding"): return .transferEncoding
        default: break
        }
        if begins("proxy-") { return .hop }
        return begins("sec-fetch-") ? .dropped : .other
    }
}

/// Whether a text is a known one, which is in lower case; upper and lower case of ASCII letters are the same.
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
    /// The names that `Connection` lists besides, in lower case; nearly always none, or `keep-alive` and `close`.
    var listedHops: [String] {
        for (name, _) in self where HeaderKind(name) == .connection {
            return self[canonicalForm: "connection"].map { $0.lowercased() }
        }
        return []
    }
}
