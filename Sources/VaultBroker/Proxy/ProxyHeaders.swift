import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking

// Headers that are of one hop only (RFC 9110, section 7.6.1), and those that a proxy has its own of.
private let hopByHop: Set<String> = [
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
]

extension HTTPHeaders {
    /// The names that `Connection` lists besides, in lower case.
    private var listedHops: Set<String> {
        Set(self[canonicalForm: "connection"].map { $0.lowercased() })
    }

    /// What of a client's request goes on: not what proves it to the proxy, nor what the proxy says itself.
    func forwarded(to use: OpenedUse, own: Set<String>) -> HTTPHeaders {
        let hops = listedHops
        var headers = HTTPHeaders()
        headers.reserveCapacity(count + 2)
        headers.add(name: "host", value: use.destination.authority)
        for (name, value) in self {
            let key = name.lowercased()
            if hopByHop.contains(key) || hops.contains(key) || own.contains(key) { continue }
            switch key {
            case "host", "authorization", "content-length", "accept-encoding", "expect", "origin", "referer":
                continue
            default:
                if key.hasPrefix("proxy-") || key.hasPrefix("sec-fetch-") { continue }
                headers.add(name: name, value: value)
            }
        }
        headers.add(name: "accept-encoding", value: "identity")
        if let length = first(name: "content-length") {
            headers.add(name: "content-length", value: length)
        } else if self[canonicalForm: "transfer-encoding"].contains(where: { $0.lowercased() == "chunked" }) {
            headers.add(name: "transfer-encoding", value: "chunked")
        }
        return headers
    }

    /// What of an answer goes back, with its secrets masked.
    func returned(masking patterns: PatternSet) -> HTTPHeaders {
        let hops = listedHops
        var headers = HTTPHeaders()
        headers.reserveCapacity(count + 1)
        for (name, value) in self {
            let key = name.lowercased()
            if hopByHop.contains(key) || hops.contains(key) || key.hasPrefix("proxy-") { continue }
            headers.add(name: name, value: patterns.masked(value))
        }
        return headers
    }
}
