import NIOHTTP1

/// How the proxy treats a header field, by its name. Determined in one step, since it is needed for every field.
enum HeaderKind {
    case host, authorization, origin, fetchSite, expect
    case contentLength, transferEncoding
    /// `Connection`, which may list other hop-by-hop fields.
    case connection
    /// Hop-by-hop fields (RFC 9110, section 7.6.1) and those for proxies.
    case hopByHop
    /// Fields that are not forwarded: where a browser's request comes from, and which encodings the client accepts.
    case dropped
    case other

    private static let known: [(name: StaticString, kind: HeaderKind)] = [
        ("host", .host), ("authorization", .authorization), ("origin", .origin),
        ("sec-fetch-site", .fetchSite), ("expect", .expect), ("content-length", .contentLength),
        ("transfer-encoding", .transferEncoding), ("connection", .connection), ("te", .hopByHop),
        ("trailer", .hopByHop), ("upgrade", .hopByHop), ("keep-alive", .hopByHop), ("referer", .dropped),
        ("accept-encoding", .dropped),
    ]

    init(_ name: String) {
        var name = name
        self = name.withUTF8 { name -> HeaderKind in
            let known = Self.known.first {
                unsafe name.count == $0.name.utf8CodeUnitCount && begins(name, with: $0.name)
            }
            if let known { return known.kind }
            if unsafe begins(name, with: "proxy-") { return .hopByHop }
            return unsafe begins(name, with: "sec-fetch-") ? .dropped : .other
        }
    }
}

/// Whether a text equals a known one, which is in lower case, ignoring the case of ASCII letters.
func isSame(_ text: String, _ known: String) -> Bool {
    guard text.utf8.count == known.utf8.count else { return false }
    return zip(text.utf8, known.utf8).allSatisfy { lowercased($0) == $1 }
}

private func begins(_ text: UnsafeBufferPointer<UInt8>, with known: StaticString) -> Bool {
    guard text.count >= known.utf8CodeUnitCount else { return false }
    for index in 0..<known.utf8CodeUnitCount where unsafe lowercased(text[index]) != known.utf8Start[index] {
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
