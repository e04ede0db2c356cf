import Testing
import VaultRegistry

@Suite struct `Request validation` {
    // case 79
    @Test(arguments: [
        ("//evil.example/x", "the path begins with two slashes, which would address another host"),
        ("\\\\evil.example", "the path begins with two slashes, which would address another host"),
        ("/\\evil.example", "the path begins with two slashes, which would address another host"),
        ("https://evil.example/", "expected a path, found a URL; the host is always the connection's"),
        ("javascript:alert(1)", "expected a path, found a URL; the host is always the connection's"),
        ("@evil.example/", "the path begins with '@', which would turn the host into a user name"),
        ("api/me", "the path must begin with '/'"),
        ("", "the path must begin with '/'"),
        ("/a\nHost: evil.example", "the path contains a line break"),
        ("/a b", "the path contains a space"),
        ("/é", "the path contains the character U+00E9"),
        ("/a/../../b", "the path contains the segment '..'"),
        ("/a/./b", "the path contains the segment '.'"),
        ("/a/%2e%2E/b", "the path contains the segment '..'"),
        ("/a/%252e%252e/b", "the path contains the segment '..'"),
        ("/a/..%2fb", "the path contains the segment '..'"),
        ("/a/..;x=1/b", "the path contains the segment '..;x=1'"),
        ("/a\\b", "the path contains a backslash"),
        ("/a#b", "the path contains '#', and the part after it would not be sent"),
    ])
    func `rejects a path that could leave its host`(path: String, why: String) {
        #expect(throws: Problem.self) { try RequestPath(path) }
        do throws(Problem) { _ = try RequestPath(path) } catch { #expect(error.message == why) }
    }

    @Test func `accepts a path of the connection's host unchanged`() throws {
        for path in [
            "/", "/api/me?q=..&x=a:b@c", "/users/me@example.com", "/a%20b", "/a//b", "/odata/$metadata",
        ] {
            #expect(try RequestPath(path).text == path)
        }
        #expect(try RequestPath("/a?b=c?d").path == "/a")
        #expect(throws: Problem.self) { try RequestPath("/" + String(repeating: "a", count: 8192)) }
    }

    @Test(arguments: [
        ("GET /intelligence/**", "GET", "/intelligence", true),
        ("GET /intelligence/**", "get", "/intelligence/api/x?y", true),
        ("GET /intelligence/**", "POST", "/intelligence/api", false),
        ("GET /intelligence/**", "GET", "/intelligenceX", false),
        ("GET /intelligence/**", "GET", "/intelligence%2Fapi", false),
        ("GET /intelligence/**", "GET", "/intelligence/a%20b", true),
        ("GET /intelligence/**", "GET", "/intelligence/a;x/b", false),
        ("GET /intelligence/**", "GET", "/intelligence//admin", false),
        ("* /pools/*/jobs", "PUT", "/pools/7/jobs", true),
        ("* /pools/*/jobs", "PUT", "/pools/7/8/jobs", false),
        ("POST /x", "POST", "/x/", false),
    ])
    func `a path rule covers only unambiguous matches`(
        rule: String, method: String, path: String, covers: Bool
    ) throws {
        #expect(try PathRule(rule).covers(method, try RequestPath(path)) == covers)
    }

    /// Segments that encode `..`, or characters that change how a path is split.
    static let ambiguous = [
        "..%00", "..%20", "%20..", "%2e%2e%20", "..%09", "..%0a", "..%0d", "...", "....", "..%2e",
        "%2e%2e%2e",
        "%c0%ae%c0%ae", "%c0%2e%c0%2e", "%e0%80%ae%e0%80%ae", "%f0%80%80%ae", "%fe%80", "%ff", "%80", "%c3",
        "%u002e%u002e", "%u002f", "%U002e", "%", "%2", "%zz", "%2%65", "%%32%65", "..%c0%af", "%c0%af",
        "%252e%252e", "%25252e", "%255c", "%2500", "%25", "%2f", "%2F..", "%5c", "..%5c..", "%5C",
        "..;", "..;x=1", "x;..", "x;y", "%3b", "x%3By", "%00", "x%00", "x%00.html", "%0a", "%0d%0ax", "%7f",
        "%1f",
        "%ef%bc%8e%ef%bc%8e", "%ef%bc%8f", "%ef%bc%bc", "%e2%80%a4%e2%80%a4", "%e2%80%a5", "%e2%80%a6",
        "%ef%b9%92", "%e3%80%82", "%ef%bd%a1", "%e2%88%95", "%e2%81%84", "%e2%88%96", "%c2%a0", "%e2%80%8b..",
        "%e2%80%8e", "%ef%bb%bf", "%ed%a0%80", "%3f", "x%3fy", "%23", ".%3b.", "..:", "..::$INDEX_ALLOCATION",
        ".%5c.", "..~", ".-", "x.", "x%20", "x%2e", "%2e", "~%2f", "%3c%3e", "%7b", "%22", "%60", "x%5ey",
    ]

    @Test(
        "no rule covers an ambiguous path (case 110)",
        arguments: ambiguous)
    func ambiguousPaths(segment: String) throws {
        for path in [
            "/open/\(segment)/admin", "/open/\(segment)", "/open/a/\(segment)/../admin", "/\(segment)/open",
        ] {
            // Some are not even valid.
            guard let checked = try? RequestPath(path) else { continue }
            for rule in ["GET /open/**", "* /open/*", "* /open/*/*", "* /**", "* /*/*"] {
                #expect(try !PathRule(rule).covers("GET", checked), "\(rule) \(path)")
            }
        }
    }

    @Test(
        "a rule covers an unambiguous path, decoded once (case 110)",
        arguments: [
            "", "a", "A-b_c~d", "a.b.csv", ".well-known", "_x", "a%20b", "%61", "a+b", "a=b,c",
            "me@example.com",
            "Items(Name='x')", "$metadata", "a:b", "%C3%BC.csv", "%e9%8d%b5", "v1..2", "a%26b", "!x*",
        ])
    func unambiguousPaths(segment: String) throws {
        #expect(try PathRule("GET /open/**").covers("GET", RequestPath("/open/\(segment)")))
        #expect(try PathRule("GET /open/*").covers("GET", RequestPath("/open/\(segment)?a=b&c=%2e%2e")))
        #expect(try !PathRule("GET /other/**").covers("GET", RequestPath("/open/\(segment)")))
    }

    @Test(
        "no rule covers a query that can override the method (case 110)",
        arguments: [
            ("_method=DELETE", false), ("a=b&_method=put", false), ("%5fmethod=PUT", false),
            ("_METHOD=x", false),
            ("_HttpMethod=PATCH", false), ("$httpMethod=DELETE", false), ("%24httpMethod=DELETE", false),
            ("X-HTTP-Method-Override=PUT", false), ("x;_method=PUT", false), ("%255fmethod=PUT", false),
            ("method=delete", false), ("method=DELETE", false), ("_method", false), ("?_method=PUT", false),
            ("method=rsa", true), ("method=", true), ("a=_method", true), ("page=0&pageSize=1", true),
            ("", true),
        ])
    func overridingQueries(query: String, isCovered: Bool) throws {
        #expect(try PathRule("POST /open/**").covers("POST", RequestPath("/open/x?\(query)")) == isCovered)
        #expect(try PathRule("* /open/**").covers("POST", RequestPath("/open/x?\(query)")) == isCovered)
    }

    @Test(
        "finds every spelling of a header that can override method, path or host (case 110)",
        arguments: [
            "X-HTTP-Method-Override", "x-http-method", "X-Method-Override", "X_HTTP_METHOD_OVERRIDE",
            "X-Method",
            "HTTP-Method", "_method", "X-HTTP-Verb-Override", "X-HttpMethodOverride", "X-Original-URL",
            "X-Original_URL", "X-OriginalUrl", "X-Original-URI", "X-Rewrite-URL", "X-Rewrite",
            "X-Forwarded-Path",
            "X-Forwarded-Prefix", "X-Forwarded-Uri", "X-Forwarded-URL", "X-Forwarded-Host",
            "X-Forwarded-Server",
            "X-Forwarded-Method", "X-Forwarded-Script-Name", "Forwarded", "X-Envoy-Original-Path",
            "X-Request-URI",
            "Request-Uri", "X-Path-Info", "Path-Info", "PATH_INFO", "X-Script-Name", "SCRIPT_NAME",
            "X-Replaced-Path",
            "X-HTTP-DestinationURL", "Destination", "X-Host", "X-HTTP-Host-Override", "Base-Url",
            "X-WAWS-Unencoded-URL",
            "X-Accel-Mapping", "X-Sendfile-Type", "X-Route", "X-Prefix", "URI",
        ])
    func overridingHeaders(name: String) {
        #expect(RequestOverride.header(among: ["Accept", name]) == name)
    }

    @Test(
        "accepts a header that overrides nothing (case 110)",
        arguments: [
            "Accept", "Content-Type", "Content-Encoding", "User-Agent", "If-None-Match", "Range", "Host",
            "Cookie",
            "X-Security-Token", "X-Request-Id", "Idempotency-Key", "X-Forwarded-For", "X-Forwarded-Proto",
            "Access-Control-Request-Method", "Prefer", "OData-Version", "X-Own", "traceparent",
        ])
    func plainHeaders(name: String) { #expect(RequestOverride.header(among: [name]) == nil) }

    @Test func `rejects a malformed rule`() {
        for text in [
            "/x", "GET x", "GET /a**", "GET /**/b", "GET /a b", "GET /a?x", "G=T /a", "GET /%41", "GET /../x",
        ] {
            #expect(throws: Problem.self, "\(text)") { try PathRule(text) }
        }
    }

    @Test func `accepts a caller's header unless it is reserved`() throws {
        #expect(try CallerHeader("Accept: text/csv") == CallerHeader(name: "Accept", value: "text/csv"))
        for text in [
            "Authorization: x", "hOsT: x", "Proxy-Authorization: x", "Proxy-Anything: x", "Content-Length: 1",
            "Transfer-Encoding: chunked", "Connection: x", "X: a\r\nHost: evil", "no colon", "a b: c", ": x",
        ] { #expect(throws: Problem.self, "\(text)") { try CallerHeader(text) } }
        #expect(throws: Problem.self) { try CallerHeader("X-Api-Key: mine", own: ["x-api-key"]) }
        #expect(throws: Problem.self) { try RequestMethod.check("CONNECT") }
        #expect(try RequestMethod.check("get") == "GET")
    }
}
