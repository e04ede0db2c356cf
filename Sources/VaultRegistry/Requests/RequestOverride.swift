/// Headers and query parameters by which a server takes a request for one with another method, path or host.
///
/// Under a path rule such a request is refused, whatever the value: what the rule says must be what the server does. A
/// body is not looked at: a rule that allows `POST` allows what the server makes of a form's `_method`.
public enum RequestOverride {
    /// The first of the headers that could override the request line or the host; nil for none.
    public static func header(among names: some Sequence<String>) -> String? {
        names.first { isHeader(asciiLowercased($0).replacing("_", with: "-")) }
    }

    /// - Parameter name: in lower case, with hyphens for underscores, as servers join the two (RFC 3875, section 4.1.18).
    private static func isHeader(_ name: String) -> Bool {
        guard !harmless.contains(name) else { return false }
        if parts.contains(where: { name.contains($0) }) || prefixes.contains(where: { name.hasPrefix($0) }) {
            return true
        }
        return name.split(separator: "-").contains { word in
            words.contains(String(word)) || endings.contains { word.hasSuffix($0) }
        }
    }

    /// Names that only look like one: `Host`, which is always the connection's own, what a browser asks before a request,
    /// and the client's address.
    private static let harmless: Set<String> = [
        "host", "access-control-request-method", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto",
    ]

    /// `X-HTTP-Method-Override`, `X-HTTP-Method`, `X-Method-Override`, `X-Rewrite-URL`, and their like without hyphens.
    private static let parts = ["method", "override", "rewrite", "pathinfo", "scriptname"]

    /// `Forwarded` (RFC 7239) and its forerunners, and how front servers tell the next one of the request they had.
    private static let prefixes = [
        "forwarded", "x-forwarded-", "x-envoy-original-", "x-accel-", "x-sendfile",
    ]

    /// `X-Original-URL`, `X-Forwarded-Prefix`, `X-Path-Info`, `X-Script-Name`, `Destination` (RFC 4918), `X-Host`.
    private static let words: Set<String> = [
        "prefix", "script", "route", "destination", "host", "server", "verb", "uris", "urls", "paths",
    ]

    private static let endings = ["url", "uri", "path"]

    /// Whether a query has a parameter that could override the method: `_method` (Rails, Symfony, Laravel),
    /// `_HttpMethod` (Salesforce), `$httpMethod` and `X-HTTP-Method-Override` (Google), `method=delete` (Facebook).
    public static func isInQuery(of path: RequestPath) -> Bool {
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
        "move",
        "copy", "mkcol", "link", "unlink", "purge", "propfind", "proppatch", "lock", "unlock",
    ]
}
