import NIOCore
import NIOHTTP1
import VaultMemory

/// Whether a request may be one of this run: it names this proxy as its host, comes from no web page, and has the
/// run's token.
///
/// The token keeps out other users of the machine; Host and Origin keep out a browser that was led here by a name of
/// somebody else's (DNS rebinding) or a page's script.
struct ProxyGuard: Sendable {
    private let token: SharedSecret
    private let hosts: Set<String>

    enum Verdict: Equatable {
        case welcome
        case noToken
        case foreignHost
        case foreignOrigin
    }

    init(token: SharedSecret, address: SocketAddress?) {
        self.token = token
        let port = address?.port ?? 0
        hosts = ["127.0.0.1:\(port)", "localhost:\(port)", "[::1]:\(port)"]
    }

    static func authority(of address: SocketAddress?) -> String {
        let host = address?.ipAddress ?? "127.0.0.1"
        return (host.contains(":") ? "[\(host)]" : host) + ":\(address?.port ?? 0)"
    }

    /// - Parameter names: the headers, in lower case, in which the connection's own key would stand.
    func judge(_ headers: HTTPHeaders, names: Set<String>) -> Verdict {
        let host = headers["host"]
        guard host.count == 1, hosts.contains(host[0].lowercased()) else { return .foreignHost }
        for origin in headers["origin"]
        where !hosts.contains(where: { origin.lowercased() == "http://\($0)" }) {
            return .foreignOrigin
        }
        for site in headers["sec-fetch-site"] where !["same-origin", "none"].contains(site.lowercased()) {
            return .foreignOrigin
        }
        for name in names.union(["authorization"]) {
            for value in headers[name] where holdsToken(value) { return .welcome }
        }
        return .noToken
    }

    /// The token alone, behind a scheme's name (`Bearer`, `AppKey` …), or as either half of HTTP basic.
    private func holdsToken(_ value: String) -> Bool {
        let parts = value.split(separator: " ", maxSplits: 1)
        guard let last = parts.last else { return false }
        if parts.count == 2, parts[0].lowercased() == "basic" {
            let decoded = decodedBase64(last.utf8)
            let halves = decoded.split(
                separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            return halves.contains { isToken($0) }
        }
        return isToken(last.utf8)
    }

    /// In a time that depends on the length only.
    private func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        guard bytes.count == token.bytes.count else { return false }
        return SecretBytes.equal(SecretBytes(copying: Array(bytes)), token.bytes)
    }
}

/// RFC 4648, section 4; what is none of the alphabet ends it.
private func decodedBase64(_ text: Substring.UTF8View) -> [UInt8] {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for character in text {
        let value: UInt8
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character + 4
        case UInt8(ascii: "+"): value = 62
        case UInt8(ascii: "/"): value = 63
        default: return bytes
        }
        bits = bits << 6 | UInt32(value)
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
    return bytes
}
