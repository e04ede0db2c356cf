/// Headers and query parameters that make a server use another method, path or host than the request line says.
///
/// Where path rules apply, requests with them are rejected. The body is not checked: a rule that allows `POST` allows what
/// the server does with `_method` in a form.
public enum RequestOverride {
    /// Returns the first name of a header that could override the request line or the host, or nil.
    public static func header(among names: some Sequence<String>) -> String? {
        names.first { isHeader(asciiLowercased($0).replacing("_", with: "-")) }
    }

    /// - Parameter name: The name in lower case, with hyphens for underscores, because servers do not distinguish the two
    ///   (RFC 3875, section 4.1.18).
    private static func isHeader(_ name: String) -> Bool {
        guard !harmless.contains(name) else { return false }
        if parts.contains(where: { name.contains($0) }) || prefixes.contains(where: { name.hasPrefix($0) }) {
            return true
        }
        return name.split(separator: "-").contains { word in
            words.contains(String(word)) || endings.contains { word.hasSuffix($0) }
        }
    }

    /// Names that match but override nothing: `Host`, which always is the connection's, a header of CORS preflight
    /// requests, and the client's address.
    private static let harmless: Set<String> = [
        "host", "access-control-request-method", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto",
    ]

    /// Matches `X-HTTP-Method-Override`, `X-HTTP-Method`, `X-Method-Override`, `X-Rewrite-URL` and variants without hyphens.
    private static let parts = ["method", "override", "rewrite", "pathinfo", "scriptname"]

    /// Matches `Forwarded` (RFC 7239), its predecessors, and headers in which proxies pass on the original request.
    private static let prefixes = [
        "forwarded", "x-forwarded-", "x-envoy-original-", "x-accel-", "x-sendfile",
    ]

    /// Matches `X-Forwarded-Prefix`, `X-Script-Name`, `Destination` (RFC 4918), `X-Host` and others.
    private static let words: Set<String> = [
        "prefix", "script", "route", "destination", "host", "server", "verb", "uris", "urls", "paths",
    ]

    /// Matches `X-Original-URL` and others.
    private static let endings = ["url", "uri", "path"]

    /// Whether a query has a parameter that could override the method: `_method` (Rails, Symfony, Laravel),
    /// `_HttpMethod` (Salesforce), `$httpMethod` and `X-HTTP-Method-Override` (Google), `method=delete` (Facebook).
    static func isInQuery(of path: RequestPath) -> Bool {
        guard let mark = path.text.utf8.firstIndex(of: UInt8(ascii: "?")) else { return false }
        let query = path.text[mark...].dropFirst()
        return query.split(whereSeparator: { $0 == "&" || $0 == ";" || $0 == "?" }).contains { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = asciiLowercased(RequestPath.percentDecoded(String(halves[0])))
            guard name.contains("method") else { return false }
            let isPlain = name == "method"
            let value = halves.count > 1 ? RequestPath.percentDecoded(String(halves[1])) : ""
            return !isPlain || methods.contains(asciiLowercased(value))
        }
    }

    private static let methods: Set<String> = [
        "get", "head", "post", "put", "patch", "delete", "options", "trace", "connect", "query", "merge",
        "move", "copy", "mkcol", "link", "unlink", "purge", "propfind", "proppatch", "lock", "unlock",
    ]
}
