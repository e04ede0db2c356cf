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
    private let hosts: [String]

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

    /// - Parameter own: the headers, in lower case, in which the connection's own key would stand.
    func judge(_ headers: HTTPHeaders, own: [String]) -> Verdict {
        var named = 0
        var (isHere, isFromPage, hasToken) = (true, false, false)
        for (name, value) in headers {
            switch HeaderKind(name) {
            case .host:
                named += 1
                isHere = isHere && hosts.contains { isSame(value, $0) }
            case .origin: isFromPage = isFromPage || !isOwnOrigin(value)
            case .fetchSite:
                isFromPage = isFromPage || !(isSame(value, "same-origin") || isSame(value, "none"))
            case .authorization: hasToken = hasToken || holdsToken(value)
            case .connection, .contentLength, .contentEncoding, .transferEncoding, .expect: break
            case .other, .hop, .dropped:
                if !hasToken, own.contains(where: { isSame(name, $0) }) { hasToken = holdsToken(value) }
            }
        }
        guard named == 1, isHere else { return .foreignHost }
        guard !isFromPage else { return .foreignOrigin }
        return hasToken ? .welcome : .noToken
    }

    private func isOwnOrigin(_ origin: String) -> Bool { hosts.contains { isSame(origin, "http://" + $0) } }

    /// The token alone, behind a scheme's name (`Bearer`, `AppKey` …), or as either half of HTTP basic.
    private func holdsToken(_ value: String) -> Bool {
        let text = value.utf8
        guard let space = text.firstIndex(of: UInt8(ascii: " ")) else { return isToken(value[...]) }
        let last = value[text.index(after: space)...]
        guard isSame(String(value[..<space]), "basic") else { return isToken(last) }
        let halves = decodedBase64(last.utf8).split(
            separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        return halves.contains { half in unsafe half.withUnsafeBytes { unsafe token.bytes.equals($0) } }
    }

    private func isToken(_ text: Substring) -> Bool {
        var text = text
        return text.withUTF8 { unsafe token.bytes.equals(UnsafeRawBufferPointer($0)) }
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
