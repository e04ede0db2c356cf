import Testing
import VaultRegistry

@Suite struct RequestTests {
    // case 79
    @Test(arguments: [
        ("//evil.example/x", "a path that begins with two slashes names another host"),
        ("\\\\evil.example", "a path that begins with two slashes names another host"),
        ("/\\evil.example", "a path that begins with two slashes names another host"),
        ("https://evil.example/", "a whole address is given: the host is always the connection's own"),
        ("javascript:alert(1)", "a whole address is given: the host is always the connection's own"),
        ("@evil.example/", "a path that begins with '@' would make the host a user name"),
        ("api/me", "the path does not begin with '/'"),
        ("", "the path does not begin with '/'"),
        ("/a\nHost: evil.example", "the path has a line break"),
        ("/a b", "the path has a space"),
        ("/é", "the path has the character U+00E9"),
        ("/a/../../b", "the path has a segment '..', which leads out of where it stands"),
        ("/a/./b", "the path has a segment '.', which leads out of where it stands"),
        ("/a/%2e%2E/b", "the path has a segment '..', which leads out of where it stands"),
        ("/a/%252e%252e/b", "the path has a segment '..', which leads out of where it stands"),
        ("/a/..%2fb", "the path has a segment '..', which leads out of where it stands"),
        ("/a/..;x=1/b", "the path has a segment '..;x=1', which leads out of where it stands"),
        ("/a\\b", "the path has a backslash, which programs read in different ways"),
        ("/a#b", "the path has a '#': what follows it is never sent"),
    ])
    func `a path that could leave its host is refused with its reason`(path: String, why: String) {
        #expect(throws: Problem.self) { try RequestPath(path) }
        do throws(Problem) { _ = try RequestPath(path) } catch { #expect(error.message == why) }
    }

    @Test func `a path of the connection's own passes as it is`() throws {
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
    func `a rule covers what it says and nothing that could be read otherwise`(
        rule: String, method: String, path: String, covers: Bool
    ) throws {
        #expect(try PathRule(rule).covers(method, try RequestPath(path)) == covers)
    }

    @Test func `a rule that says nothing certain is refused`() {
        for text in [
            "/x", "GET x", "GET /a**", "GET /**/b", "GET /a b", "GET /a?x", "G=T /a", "GET /%41", "GET /../x",
        ] {
            #expect(throws: Problem.self, "\(text)") { try PathRule(text) }
        }
    }

    @Test func `a caller's header is theirs, or refused`() throws {
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
