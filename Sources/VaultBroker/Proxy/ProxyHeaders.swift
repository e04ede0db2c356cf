import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking

extension HTTPHeaders {
    /// What of a client's request goes on: not what proves it to the proxy, nor what the proxy says itself.
    ///
    /// - Parameter own: the headers, in lower case, that the vault puts in.
    func forwarded(to destination: Destination, own: [String]) -> HTTPHeaders {
        let hops = listedHops
        var headers = HTTPHeaders()
        headers.reserveCapacity(count + 2)
        headers.add(name: "host", value: destination.authority)
        var length: String?
        var isChunked = false
        for (name, value) in self {
            switch HeaderKind(name) {
            case .contentLength: length = length ?? value
            case .transferEncoding: isChunked = isChunked || hasWord("chunked", value)
            case .other, .contentEncoding:
                if own.contains(where: { isSame(name, $0) }) || hops.contains(where: { isSame(name, $0) }) {
                    continue
                }
                headers.add(name: name, value: value)
            case .host, .authorization, .origin, .fetchSite, .expect, .connection, .hop, .dropped: continue
            }
        }
        headers.add(name: "accept-encoding", value: "identity")
        if let length {
            headers.add(name: "content-length", value: length)
        } else if isChunked {
            headers.add(name: "transfer-encoding", value: "chunked")
        }
        return headers
    }

    /// What of an answer goes back, with its secrets masked, and how long its body is where it says so.
    func returned(masking patterns: PatternSet) -> (headers: HTTPHeaders, length: Int?) {
        let hops = listedHops
        var headers = HTTPHeaders()
        headers.reserveCapacity(count + 1)
        var length: Int?
        for (name, value) in self {
            let kind = HeaderKind(name)
            if kind == .contentLength { length = length ?? Int(value) }
            switch kind {
            case .connection, .transferEncoding, .hop: continue
            default:
                if !hops.isEmpty, hops.contains(where: { isSame(name, $0) }) { continue }
                headers.add(name: name, value: patterns.masked(value))
            }
        }
        return (headers, length)
    }
}

/// Whether a list of words with commas between them has one.
private func hasWord(_ word: String, _ list: String) -> Bool {
    list.split(separator: ",").contains { part in
        isSame(String(part.filter { $0 != " " && $0 != "\t" }), word)
    }
}
