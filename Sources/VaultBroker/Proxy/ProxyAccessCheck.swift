import NIOCore
import NIOHTTP1
import VaultMemory
import VaultText

/// Checks that a request has the proxy's token, names the proxy as its host, and does not come from a web page.
///
/// The token excludes other users of the machine. Host and Origin exclude a browser that was led here by DNS rebinding
/// or by a page's script.
struct ProxyAccessCheck: Sendable {
    private let token: SharedSecret
    private let hosts: [String]

    enum Verdict: Equatable {
        case allowed
        case missingToken
        case wrongHost
        case crossOrigin
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

    /// - Parameter authorizationHeaders: The names, in lower case, of the fields in which a client sends the
    ///   connection's key, and so may send the token.
    func check(_ headers: HTTPHeaders, authorizationHeaders: [String]) -> Verdict {
        var hostCount = 0
        var (isThisHost, isCrossOrigin, hasToken) = (true, false, false)
        for (name, value) in headers {
            switch HeaderKind(name) {
            case .host:
                hostCount += 1
                isThisHost = isThisHost && hosts.contains { isSame(value, $0) }
            case .origin: isCrossOrigin = isCrossOrigin || !isOwnOrigin(value)
            case .fetchSite:
                isCrossOrigin = isCrossOrigin || !(isSame(value, "same-origin") || isSame(value, "none"))
            case .authorization: hasToken = hasToken || containsToken(value)
            case .connection, .contentLength, .transferEncoding, .expect: break
            case .other, .hopByHop, .dropped:
                if !hasToken, authorizationHeaders.contains(where: { isSame(name, $0) }) {
                    hasToken = containsToken(value)
                }
            }
        }
        guard hostCount == 1, isThisHost else { return .wrongHost }
        guard !isCrossOrigin else { return .crossOrigin }
        return hasToken ? .allowed : .missingToken
    }

    private func isOwnOrigin(_ origin: String) -> Bool { hosts.contains { isSame(origin, "http://" + $0) } }

    /// Whether the value is the token, alone or after a scheme (`Bearer`, `AppKey` …), or HTTP Basic with the token as
    /// either half.
    private func containsToken(_ value: String) -> Bool {
        let text = value.utf8
        guard let space = text.firstIndex(of: UInt8(ascii: " ")) else { return isToken(value[...]) }
        let last = value[text.index(after: space)...]
        guard isSame(String(value[..<space]), "basic") else { return isToken(last) }
        let padding = String(repeating: "=", count: (4 - last.utf8.count % 4) % 4)
        let halves = (Base64.decode(String(last) + padding) ?? []).split(
            separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        return halves.contains { half in unsafe half.withUnsafeBytes { unsafe token.bytes.equals($0) } }
    }

    private func isToken(_ text: Substring) -> Bool {
        var text = text
        return text.withUTF8 { unsafe token.bytes.equals(UnsafeRawBufferPointer($0)) }
    }
}
