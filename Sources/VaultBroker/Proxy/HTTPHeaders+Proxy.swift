import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking

extension HTTPHeaders {
    /// The fields of a client's request to forward: without the proxy's token, and with those that the proxy sets.
    ///
    /// - Parameter authorizationHeaders: The names, in lower case, of the fields that the vault adds.
    func forwarded(to destination: Destination, removing authorizationHeaders: [String]) -> HTTPHeaders {
        let removed = authorizationHeaders + connectionOptions
        var headers = HTTPHeaders()
        headers.reserveCapacity(count + 2)
        headers.add(name: "host", value: destination.authority)
        var length: String?
        var isChunked = false
        for (name, value) in self {
            switch HeaderKind(name) {
            case .contentLength: length = length ?? value
            case .transferEncoding: isChunked = isChunked || listContains(value, "chunked")
            case .other where !removed.contains(where: { isSame(name, $0) }):
                headers.add(name: name, value: value)
            case .other, .host, .authorization, .origin, .fetchSite, .expect, .connection, .hopByHop,
                .dropped:
                continue
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

    /// The fields of a response to return, with secrets masked, and its Content-Length.
    func returned(masking patterns: PatternSet) -> (headers: HTTPHeaders, length: Int?) {
        let options = connectionOptions
        var headers = HTTPHeaders()
        headers.reserveCapacity(count + 1)
        var length: Int?
        for (name, value) in self {
            switch HeaderKind(name) {
            case .connection, .transferEncoding, .hopByHop: continue
            case .contentLength: length = length ?? Int(value)
            default: break
            }
            if options.contains(where: { isSame(name, $0) }) { continue }
            headers.add(name: name, value: patterns.masked(value))
        }
        return (headers, length)
    }
}

/// Whether a comma-separated list contains a word.
private func listContains(_ list: String, _ word: String) -> Bool {
    list.split(separator: ",").contains { part in
        isSame(String(part.filter { $0 != " " && $0 != "\t" }), word)
    }
}
