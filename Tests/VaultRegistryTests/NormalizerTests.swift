import TestSupport
import Testing

@testable import VaultRegistry

@Suite struct `Normalizers` {
    @Test(arguments: [
        ("pool-abc123", "pool-abc123"), (" pool-abc123\n", "pool-abc123"),
        ("https://a.celonis.cloud/integration/ui/data-pool/pool-abc123", "pool-abc123"),
        ("https://a.celonis.cloud/x/data-pool/pool-abc123/?tab=1#top", "pool-abc123"),
        ("https://a.celonis.cloud/integration/ui/pools/3f2a-11/data-connections/7", "3f2a-11"),
        ("/integration/ui/pools/3f2a-11/", "3f2a-11"), ("any.path~safe:id@x", "any.path~safe:id@x"),
    ]) func `find a pool's ID in both forms of its address`(pasted: String, id: String) throws {
        #expect(try builtIn("celonis").stored(pasted, in: "pool-id") == id)
    }

    @Test(arguments: [
        "https://a.celonis.cloud/", "https://a.celonis.cloud/pools/", "/x/y", "a b", "a%2Fb", "..", ".",
        "/pools/..",
        "a\\b", "ä", "a?b", "",
    ]) func `reject an invalid pool ID`(pasted: String) throws {
        let problem = try #require(builtIn("celonis").refusal(pasted, in: "pool-id"))
        #expect(problem.field == "pool-id")
        #expect(problem.hint != nil)
    }

    @Test(arguments: [
        ("dev12345", "dev12345"), ("https://DEV12345.service-now.com/nav_to.do?uri=x", "dev12345"),
        ("dev12345.service-now.com", "dev12345"), ("12345", "12345"),
        ("a.service-now.com.service-now.com", "a"),
        ("eu.dev1", "eu.dev1"),
    ]) func `extract the subdomain`(pasted: String, subdomain: String) throws {
        #expect(try builtIn("servicenow").stored(pasted, in: "subdomain") == subdomain)
    }

    @Test(arguments: [
        "https://dev1.example.com/", "service-now.com", "https://service-now.com", "10.0.0.1",
        "10.0.0.1.service-now.com", "https://dev1@evil.service-now.com", "dév",
    ]) func `reject a host that is not a subdomain`(pasted: String) throws {
        #expect(try builtIn("servicenow").refusal(pasted, in: "subdomain") != nil)
    }

    @Test(arguments: [("5432", "5432"), (" 05432", "5432"), ("1", "1"), ("65535", "65535")])
    func `accept a port`(text: String, port: String) throws {
        #expect(try builtIn("postgresql").stored(text, in: "port") == port)
    }

    @Test(arguments: ["0", "65536", "-1", "+1", "1e3", "٣", "0000001", "http"])
    func `reject an invalid port`(text: String) throws {
        #expect(try builtIn("postgresql").refusal(text, in: "port")?.hint == "use a number from 1 to 65535")
    }

    @Test func `extract the host of a PostgreSQL address`() throws {
        let connector = try builtIn("postgresql")
        #expect(connector.stored("postgresql://db.example.com:5432/sales", in: "host") == "db.example.com")
        #expect(
            connector.refusal("postgresql://me:pw@db.example.com/sales", in: "host")?.message.contains("@")
                == true)
    }

    @Test(arguments: [
        ("/", "/"), ("api/v1/", "/api/v1"), ("/api/v1//", "/api/v1"), ("/a-b_c.d~e", "/a-b_c.d~e"),
    ]) func `accept a path`(text: String, path: String) throws {
        #expect(try builtIn("http").stored(text, in: "test-path") == path)
    }

    @Test(arguments: [
        "/a//b", "/../x", "/a/./b", "/a?b=c", "/a%2F", "/a b", "//evil.com", "https://evil.com/a",
    ])
    func `reject an invalid path`(text: String) throws {
        #expect(try builtIn("http").refusal(text, in: "test-path")?.message == "invalid path")
    }

    @Test(arguments: ["Host", "content-length", "Transfer-Encoding", "Cookie"])
    func `reject reserved headers`(name: String) throws {
        let message = try #require(builtIn("http").refusal(name, in: "header-name")?.message)
        #expect(message == "the header '\(name)' is reserved")
    }

    @Test func `accept the name of a header`() throws {
        let connector = try builtIn("http")
        #expect(connector.stored("X-Api-Key", in: "header-name") == "X-Api-Key")
        #expect(connector.refusal("X-Api Key", in: "header-name")?.message == "invalid header name")
        #expect(connector.refusal("X:Y", in: "header-name") != nil)
    }

    @Test func `split lists and remove duplicates`() throws {
        let celonis = try builtIn("celonis")
        let scopes = celonis.field(named: "scopes")
        let value = try scopes.normalized(["b:read, a.b\n c;b:read", "c", "  ", "\u{3000}d"])
        #expect(value == .list(["b:read", "a.b", "c", "d"]))
        let hosts = try celonis.field(named: "valid-domain-names").normalized(
            ["https://B.celonis.cloud/,a.celonis.cloud b.celonis.cloud."])
        #expect(hosts == .list(["b.celonis.cloud", "a.celonis.cloud"]))
        #expect(scopes.refusal(of: [" ,; "])?.message == "scopes can't be empty")
        #expect(
            scopes.refusal(of: ["a\"b"])?.message.hasPrefix("a scope can contain only")
                == true)
        let many = (0...200).map { "s\($0)" }.joined(separator: " ")
        #expect(scopes.refusal(of: [many])?.hint == "use at most 200")
    }

    @Test func `reject a second value, and long values without reading them`() throws {
        let celonis = try builtIn("celonis")
        let domain = celonis.field(named: "domain")
        let twice = domain.refusal(of: ["a.celonis.cloud", "b.celonis.cloud"])
        #expect(twice == Problem(field: "domain", message: "domain was given 2 times", hint: "give it once"))
        // case 68
        let huge = String(repeating: "a", count: 10_000_000)
        #expect(celonis.refusal(huge, in: "domain")?.message == "domain can't be longer than 1000 characters")
        #expect(celonis.refusal(String(repeating: "a", count: 1001), in: "pool-id") != nil)
        #expect(celonis.stored(String(repeating: "a", count: 1000), in: "pool-id") != nil)
    }

    @Test func `check the name of a client`() throws {
        let celonis = try builtIn("celonis")
        #expect(celonis.stored(" Celonis EU ", in: "oauth-client") == "Celonis EU")
        #expect(celonis.refusal("a  b", in: "oauth-client")?.message.contains("two spaces") == true)
    }

    @Test func `accept certificates, and reject a private key among them`() throws {
        let connector = try builtIn("postgresql")
        let block = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
        #expect(connector.stored("\n\(block)\r\n", in: "ca") == block)
        #expect(connector.stored("\(block)\n\(block)", in: "ca") == "\(block)\n\(block)")
        let key = "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----"
        for pasted in [
            key, "\(block)\n\(key)", "MIIB", "-----BEGIN CERTIFICATE-----\nMIIB", "x\n\(block)",
            "\(block)\nx",
        ] {
            let problem = try #require(connector.refusal(pasted, in: "ca"))
            #expect(!"\(problem)".contains("CANARY"))
        }
    }

    @Test func `change case and strip prefixes`() throws {
        func apply(_ normalizer: Normalizer, _ text: String) throws -> String {
            try normalizer.apply(text)
        }
        #expect(try apply(.upperCase, "abc_1é") == "ABC_1é")
        #expect(try apply(.lowerCase, "ABC_1É") == "abc_1É")
        #expect(try apply(.stripPrefix(["urn:", "x "]), "URN:x  urn:abc") == "abc")
        #expect(try apply(.stripPrefix([""]), "abc") == "abc")
    }
}

@Suite struct `Random text` {
    private static let pieces = [
        "https://", "http://", "a", "Z", "9", ".", "..", "/", "\\", "@", ":", "443", "[", "]", "::1",
        "celonis.cloud",
        "service-now.com", "data-pool/", "pools/", "?", "#", "%", " ", "\n", "\r\n", "\u{0}", "\u{301}", "é",
        "е",
        "\u{202E}", "😀", "-", "_", "10.0.0.1", ",", "-----BEGIN CERTIFICATE-----\n",
        "-----END CERTIFICATE-----",
        "{", "}", "\u{FEFF}", "~", "1", "İ", "ß", "AppKey ", "Bearer ",
    ]

    @Test(arguments: ["celonis", "http", "postgresql", "servicenow"])
    func `is rejected, or normalized to a fixed point`(name: String) throws {
        let connector = try builtIn(name)
        let fields = connector.fields.filter { !$0.isSecret }
        var generator = SeededGenerator(seed: 42)
        var taken = 0
        for _ in 0..<4000 {
            let text = (0..<Int.random(in: 0...7, using: &generator)).map { _ in
                Self.pieces.randomElement(using: &generator)!
            }.joined()
            for field in fields {
                guard let value = try? field.normalized([text]) else { continue }
                taken += 1
                #expect(
                    (try? field.normalized(value.values)) == value,
                    "\(field.key): \(text.debugDescription)")
            }
        }
        #expect(taken > 1000)
    }

    @Test func `as a secret is rejected, or reduced to a fixed point`() throws {
        let fields = try ["celonis", "http", "postgresql"].flatMap {
            try builtIn($0).fields.filter(\.isSecret)
        }
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<4000 {
            let text = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                Self.pieces.randomElement(using: &generator)!
            }.joined()
            for field in fields {
                guard let kept = field.kept(text) else { continue }
                #expect(!kept.isEmpty && text.utf8.count >= kept.utf8.count)
                #expect(field.kept(kept) == kept, "\(field.key): \(text.debugDescription)")
            }
        }
    }
}
