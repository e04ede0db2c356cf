import TestSupport
import Testing

@testable import VaultRegistry

/// A connector without mistakes, in which each test makes one.
private let valid = """
    connector: demo
    title: Demo
    summary: A demo.
    hosts: ["*.example.com"]
    host: "{domain}"
    fields:
      - key: domain
        label: Domain
        help: The host.
        normalise: host
      - key: mode
        label: Mode
        help: Which.
        choices:
          - {value: a, help: A.}
          - {value: b, help: B.}
      - key: secret
        label: Secret
        help: It.
        secret: yes
        how-to-get: Ask.
        when: {mode: a}
    authenticate:
      - bearer: "{secret}"
    tests:
      - path: /ping
        failures:
          - {status: 401, means: No.}
    variables:
      - name: DEMO
        value: "https://{domain}"
    """

struct Mistake: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let line: Int
    let column: Int
    let message: String
    var hint: String?
    var testDescription: String { message }

    init(_ old: String, _ new: String, _ line: Int, _ column: Int, _ message: String, _ hint: String? = nil) {
        (self.old, self.new, self.line, self.column, self.message, self.hint) = (
            old, new, line, column, message, hint
        )
    }

    static let all = [
        Mistake(
            "title: Demo", "titel: Demo", 2, 1, "unknown key 'titel' in a connector", "did you mean title?"),
        Mistake(
            "connector: demo", "connector: Demo X", 1, 1, "invalid name 'Demo X'",
            "use 1 to 64 of a-z, 0-9 and '-'"),
        Mistake("title: Demo", "title: ''", 2, 1, "'title' is empty", "give it a value, or remove it"),
        Mistake("title: Demo", "title: [x]", 2, 8, "'title' must be a single text"),
        Mistake("title: Demo", "title: \"a\\eb\"", 2, 8, "'title' contains the invisible character U+001B"),
        Mistake(
            "title: Demo", "title: Demo\nformat: 2", 3, 1, "unsupported format '2'",
            "use 'format: 1'"),
        Mistake(
            "[\"*.example.com\"]", "[a.example.com, \"*.com\"]", 4, 24, "invalid host pattern '*.com'",
            "use api.example.com, \"*.example.com\", \"*\", an IP address, <ip> or <loopback>, in lower case"),
        Mistake("[\"*.example.com\"]", "[[x]]", 4, 9, "'hosts' must be a text or a list of texts"),
        Mistake("[\"*.example.com\"]", "[]", 4, 1, "'hosts' is empty", "remove it"),
        Mistake("hosts: [\"*.example.com\"]", "", 1, 1, "a connector needs 'hosts'"),
        Mistake(
            "host: \"{domain}\"", "", 1, 1, "a connector needs 'host'",
            "add the host it connects to: host: \"{domain}\""),
        Mistake(
            "host: \"{domain}\"", "host: \"x.{domian}\"", 5, 10,
            "unknown field 'domian' in the template",
            "did you mean domain?"),
        Mistake(
            "host: \"{domain}\"", "host: a{secret}", 5, 8, "the secret 'secret' is not allowed here",
            "hosts end up in logs"),
        Mistake(
            "host: \"{domain}\"", "host: '{domain'", 5, 8, "unbalanced brace",
            "write {field}, or {{ and }} for the braces themselves"),
        Mistake("host: \"{domain}\"", "host: a}b", 5, 8, "unbalanced brace"),
        Mistake("host: \"{domain}\"", "host: {is: [x]}", 5, 12, "'is' must be a single text"),
        Mistake(
            "host: \"{domain}\"", "host: \"{domain}\"\nplain-http: always", 6, 1,
            "'plain-http' must be 'loopback'", "correct or remove it"),
        Mistake("help: The host.", "", 7, 5, "a field needs 'help'", "add 'help: …'"),
        Mistake("key: domain", "key: Domain", 7, 5, "invalid key 'Domain'"),
        Mistake(
            "key: domain", "key: name", 7, 5, "the key 'name' is reserved",
            "use another key"),
        Mistake(
            "normalise: host", "normalise: hots", 10, 16, "unknown normalizer 'hots'",
            "did you mean host?"),
        Mistake("normalise: host", "normalise: {subdomain-of: X Y}", 10, 31, "'X Y' is not a host name"),
        Mistake(
            "normalise: host", "normalise: {subdomain: x.com}", 10, 17,
            "unknown key 'subdomain' in a normalizer", "did you mean subdomain-of?"),
        Mistake(
            "normalise: host", "normalise: host\n    default: a b", 11, 5,
            "the default is invalid: invalid host name"),
        Mistake(
            "normalise: host", "normalise: host\n    example: a@b", 11, 5,
            "the example is invalid: the URL contains '@', so the part before it is a user name"
        ),
        Mistake("normalise: host", "required: maybe", 10, 15, "'required' must be yes, no or a condition"),
        Mistake("normalise: host", "list: perhaps", 10, 11, "'list' must be yes or no"),
        Mistake(
            "normalise: host", "maximum-length: 0", 10, 21,
            "'maximum-length' must be a whole number from 1 to 65536"),
        Mistake(
            "normalise: host", "strip-prefixes: x", 10, 5,
            "only a secret can have 'strip-prefixes'; use 'normalise'"),
        Mistake("normalise: host", "list: yes\n    multiline: yes", 11, 5, "a list can't be multiline"),
        Mistake(
            "normalise: host", "client: yes\n    list: yes", 10, 5,
            "a reference to a client can't be a list or have choices"),
        Mistake("key: mode", "key: domain", 11, 5, "duplicate field 'domain'", "rename one of them"),
        Mistake("{value: b, help: B.}", "{value: a, help: B.}", 14, 5, "duplicate choice 'a'"),
        Mistake(
            "{value: b, help: B.}", "{value: b, hlep: B.}", 16, 20, "unknown key 'hlep' in a choice",
            "did you mean help?"),
        Mistake(
            "{value: b, help: B.}", "just b", 16, 9, "a choice must be a mapping",
            "its keys are value, label, help and when"),
        Mistake(
            "{mode: a}", "{mood: a}", 22, 12, "no field 'mood' before this condition",
            "use domain or mode"),
        Mistake(
            "{mode: a}", "{secret: a}", 22, 12, "no field 'secret' before this condition",
            "use domain or mode"),
        Mistake("{mode: a}", "{mode: c}", 22, 18, "'mode' has no choice 'c'", "use a or b"),
        Mistake("{mode: a}", "{mode: [a, [b]]}", 22, 22, "a value of 'mode' must be a single text"),
        Mistake(
            "{mode: a}", "{mode: {}}", 22, 18, "the test is empty",
            "use a value, a list, {not: value} or {given: yes}"),
        Mistake(
            "{mode: a}", "{mode: {is: a}}", 22, 19, "unknown key 'is' in a test", "use not or given"),
        Mistake(
            "{mode: a}", "mode", 22, 11, "a condition must be a mapping of fields to values",
            "for example {auth-type: token}"),
        Mistake("secret: yes", "secret: yes\n    default: x", 21, 5, "a secret can't have 'default'"),
        Mistake(
            "bearer: \"{secret}\"", "bearer: \"{secret}\"\n    none: yes", 24, 5,
            "an authentication method needs exactly one of none, headers, bearer, basic or oauth2"),
        Mistake("bearer: \"{secret}\"", "oauth2: {client: x}", 24, 13, "'oauth2' needs a client form"),
        Mistake("bearer: \"{secret}\"", "basic: {user: x}", 24, 12, "'basic' needs 'password'"),
        Mistake("bearer: \"{secret}\"", "basic: x", 24, 12, "'basic' must be a mapping"),
        Mistake("bearer: \"{secret}\"", "bearer: {a: b}", 24, 13, "a template must be a single text"),
        Mistake(
            "bearer: \"{secret}\"", "headers: [{name: Host, value: x}]", 24, 16,
            "the header 'Host' is reserved"),
        Mistake(
            "bearer: \"{secret}\"", "headers: [{name: \"{secret}\", value: x}]", 24, 23,
            "the secret 'secret' is not allowed here", "header names end up in logs"),
        Mistake(
            "bearer: \"{secret}\"", "bearer: \"{client.id}\"", 24, 14,
            "unknown field 'client.id' in the template"),
        Mistake("path: /ping", "path: ping", 26, 11, "a path must begin with '/'"),
        Mistake(
            "path: /ping", "path: /ping?key={secret}", 26, 21, "the secret 'secret' is not allowed here",
            "paths end up in logs; use a header"),
        Mistake(
            "path: /ping", "path: \"/{access-token}\"", 26, 13, "an access token is not allowed here",
            "paths end up in logs; use a header"),
        Mistake(
            "path: /ping", "path: /ping\n    method: DELETE", 27, 5,
            "the method of a test must be GET, HEAD, POST or OPTIONS"),
        Mistake(
            "path: /ping", "path: /ping\n    success: 6xx", 27, 14, "invalid status '6xx'",
            "use a number such as 404, or 5xx"),
        Mistake("{status: 401, means: No.}", "{means: No.}", 28, 9, "a failure needs 'status'"),
        Mistake(
            "{status: 401, means: No.}", "{status: 401, body: full, means: No.}", 28, 29,
            "'body' must be 'empty'", "correct or remove it"),
        Mistake(
            "{status: 401, means: No.}", "{status: 401, body: empty, contains: x, means: No.}", 28, 36,
            "'contains' can't be combined with 'body: empty'"),
        Mistake(
            "name: DEMO", "name: demo-x", 30, 11, "invalid variable name 'demo-x'",
            "use capital letters, digits and '_', such as API_TOKEN"),
        Mistake("name: DEMO", "name: LD_PRELOAD", 30, 11, "a connector can't set the variable 'LD_PRELOAD'"),
        Mistake("name: DEMO", "name: VAULT_X", 30, 11, "a connector can't set the variable 'VAULT_X'"),
        Mistake("value: \"https://{domain}\"", "", 30, 5, "a variable needs 'value'"),
        Mistake(
            "  - name: DEMO", "  - name: DEMO\n    name: DEMO2", 31, 5, "duplicate key 'name'",
            "the first is on line 30"),
        Mistake(
            "title: Demo", "title: a: b", 2, 9,
            "invalid YAML: mapping values are not allowed in this context"),
        Mistake("title: Demo", "title: *x", 2, 8, "anchors and aliases are not supported"),
        Mistake("title: Demo", "title: &x Demo", 2, 8, "anchors and aliases are not supported"),
        Mistake("title: Demo", "title: Demo\n---\nx: y", 3, 1, "a second document begins here"),
        Mistake("title: Demo", "title: Demo\n[x]: y", 3, 1, "a key must be a single word"),
        Mistake("when: {mode: a}", "when: {[mode]: a}", 22, 12, "a key must be a single word"),
        Mistake(
            "title: Demo", "%TAG ! x\ntitle: Demo", 2, 1, "directives ('%…') are not supported"),
    ]

    static let warnings = [
        Mistake(
            "how-to-get: Ask.", "", 17, 5, "the secret 'secret' has no 'how-to-get'",
            "add 'how-to-get: |'"),
        Mistake("{value: b, help: B.}", "{value: b}", 16, 9, "the choice 'b' has no help", "add 'help: …'"),
        Mistake(
            "{value: b, help: B.}", "{value: b, help: B., when: {domain: {given: no}}}", 16, 9,
            "the choice 'b' of 'mode' can never be selected", "correct its 'when', or remove it"),
        Mistake(
            "when: {mode: a}", "when: {mode: {not: [a, b]}}", 17, 5, "the field 'secret' can never be reached"
        ),
        Mistake(
            "tests:", "  - none: yes\ntests:", 25, 5,
            "this entry of 'authenticate' is never used, because its condition never holds or an earlier one always does"
        ),
        Mistake(
            "host: \"{domain}\"", "host: [{when: {mode: a}, is: \"{domain}\"}]", 5, 8,
            "some connections have no host, because no condition of 'host' holds"),
    ]
}

@Suite struct `Linting` {
    @Test func `reports nothing in a valid file`() {
        #expect(Connector.lint(valid) == [])
    }

    @Test(arguments: Mistake.all) func `reports a mistake at its position`(mistake: Mistake) throws {
        #expect(valid.contains(mistake.old))
        let yaml = valid.replacing(mistake.old, with: mistake.new, maxReplacements: 1)
        let found = Connector.lint(yaml)
        let hit = found.first { $0.message.hasPrefix(mistake.message) }
        let diagnostic = try #require(hit, "\(found)")
        #expect(diagnostic.severity == .error)
        #expect((diagnostic.line, diagnostic.column) == (mistake.line, mistake.column))
        if let hint = mistake.hint { #expect(diagnostic.hint == hint) }
        #expect(throws: ConnectorFileError.self) { _ = try Connector(yaml: yaml) }
    }

    @Test(arguments: Mistake.warnings) func `warns of a mistake that does not make a connector unusable`(
        mistake: Mistake
    ) throws {
        let yaml = valid.replacing(mistake.old, with: mistake.new, maxReplacements: 1)
        let found = Connector.lint(yaml)
        let diagnostic = try #require(found.first { $0.message == mistake.message }, "\(found)")
        #expect(diagnostic.severity == .warning)
        #expect((diagnostic.line, diagnostic.column) == (mistake.line, mistake.column))
        if let hint = mistake.hint { #expect(diagnostic.hint == hint) }
        _ = try Connector(yaml: yaml)
    }

    @Test func `reports every mistake of a file by position`() {
        let yaml = """
            connector: X!
            connector: y
            title: T
            hosts: [nope!]
            fields:
              - key: a
                key: b
                label: A
                when: {z: 1}
              - label: B
            variables:
              - {name: low, value: "{q}"}
            """
        let found = Connector.lint(yaml).map { "\($0.line):\($0.column) \($0.message)" }
        #expect(
            found == [
                "1:1 invalid name 'X!'", "1:1 a connector needs 'summary'", "1:1 a connector needs 'host'",
                "2:1 duplicate key 'connector'", "4:9 invalid host pattern 'nope!'",
                "6:5 a field needs 'help'",
                "7:5 duplicate key 'key'", "9:12 no field 'z' before this condition",
                "10:5 a field needs 'key'", "10:5 a field needs 'help'",
                "12:12 invalid variable name 'low'",
                "12:25 unknown field 'q' in the template",
            ])
    }

    @Test func `rejects an incomplete client form`() throws {
        func messages(_ change: (String, String)...) -> [String] {
            var yaml = Sibling.slack
            for (old, new) in change {
                #expect(yaml.contains(old))
                yaml = yaml.replacing(old, with: new, maxReplacements: 1)
            }
            return Connector.lint(yaml).filter { $0.severity == .error }.map(\.message)
        }
        #expect(
            messages(("{key: client-id,", "{key: client-idd,")) == ["a client needs the setting 'client-id'"])
        #expect(
            messages(("grant: refresh-token", "grant: refresh")) == ["unsupported OAuth 2.0 grant 'refresh'"])
        #expect(
            messages(("field: refresh-token", "field: oauth-client")) == [
                "'oauth-client' is not a secret field"
            ])
        #expect(messages(("style: body", "style: header")) == ["'style' must be basic or body"])
        #expect(messages(("path: /api/oauth", "path: api/oauth")) == ["a path must begin with '/'"])
        #expect(
            messages(("client: oauth-client", "client: api-type")).first?.contains(
                "not a field with 'client: yes'") == true)
        #expect(
            messages(("scopes: user-scopes", "scopes: api-type")) == [
                "'api-type' is not a list of this connector"
            ])
        #expect(
            messages(
                (
                    "token: {path: /api/oauth.v2.access, style: body, grant: refresh-token, field: refresh-token}",
                    ""
                ))
                == ["'client' needs 'token'"])
        #expect(messages(("client: yes, when", "when")).contains("no field refers to a client"))
        #expect(
            messages(("list: yes, normalise: host, when: {auth-type: oauth2}", "when: {auth-type: oauth2}"))
                == ["a connector with a client needs the list 'valid-domain-names' in its fields"])
        #expect(
            messages(("help: Hosts., list: yes, normalise: host}\n  token", "help: Hosts.}\n  token"))
                == ["a client needs the list 'valid-domain-names'"])
        let without = try #require(Sibling.slack.range(of: "client:\n  fields"))
        let end = try #require(Sibling.slack.range(of: "authenticate:"))
        let yaml = Sibling.slack.replacingCharacters(in: without.lowerBound..<end.lowerBound)
        #expect(
            Connector.lint(yaml).contains {
                $0.message.hasSuffix("refers to a client, but the connector has no 'client'")
            })
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }

    fileprivate func replacingCharacters(in range: Range<Index>) -> String {
        var copy = self
        copy.removeSubrange(range)
        return copy
    }
}

@Suite struct `Hostile connector files` {
    @Test func `over 256 KiB are not read`() {
        // case 41
        let found = Connector.lint(String(repeating: "a", count: 256 * 1024 + 1))
        #expect(found.map(\.message) == ["the file is larger than 256 KiB"])
    }

    @Test(arguments: ["", "   \n", "# only a comment", "---\n..."]) func `without a connector are rejected`(
        yaml: String
    ) {
        #expect(Connector.lint(yaml).filter { $0.severity == .error }.isEmpty == false)
    }

    @Test func `with an alias bomb are rejected before nodes are composed`() {
        // case 41
        var yaml = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1...40 {
            let alias = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
            yaml += "a\(level): &a\(level) [\(alias)]\n"
        }
        let found = Connector.lint(yaml)
        #expect(found.map(\.message) == ["anchors and aliases are not supported"])
        #expect(found.first.map { [$0.line, $0.column] } == [1, 5])
    }

    @Test(arguments: ["[", "{", "- ", "{a: ", "[{", "a: [", "? ", "{? "])
    func `with unlimited nesting are rejected`(unit: String) {
        // case 41
        for count in [900, 1100, 60_000] {
            let yaml = String(repeating: unit, count: count)
            #expect(!Connector.lint(yaml).isEmpty)
            #expect(!Connector.lint("fields: " + yaml).isEmpty)
        }
    }

    @Test func `with the maximum nesting are read`() {
        func messages(_ depth: Int) -> [String] {
            let list = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return Connector.lint("fields: " + list).map(\.message)
        }
        #expect(messages(99).contains("a field must be a mapping"))
        #expect(messages(100) == ["nested more than 100 levels deep"])
    }

    @Test func `with nested keys are read in linear time`() {
        // case 41
        let key = String(repeating: "{", count: 90) + "a" + String(repeating: ": 1}", count: 90)
        let yaml = (0..<200).map { "\(key.replacing("a", with: "a\($0)")): x" }.joined(separator: "\n")
        #expect(Connector.lint(yaml).count == DiagnosticCollector.maximum)
    }

    @Test func `can begin with a byte order mark`() {
        #expect(Connector.lint("\u{FEFF}" + valid) == Connector.lint(valid))
    }

    @Test func `with thousands of mistakes have two hundred diagnostics`() {
        let yaml = (0..<5000).map { "k\($0): x" }.joined(separator: "\n")
        #expect(Connector.lint(yaml).count == DiagnosticCollector.maximum)
    }

    @Test func `with too many items are rejected`() {
        // case 41
        let fields = "fields: [" + (0..<9000).map { "{key: f\($0), label: x}" }.joined(separator: ",") + "]"
        #expect(Connector.lint(fields).contains { $0.message == "'fields' has more than 200 items" })
        let many = (0..<60).map { "{mode: {not: x\($0)}}" }.joined(separator: ",")
        let yaml = valid.replacing("when: {mode: a}", with: "when: [\(many)]")
        #expect(
            Connector.lint(yaml).contains { $0.message == "a condition can have at most 50 alternatives" })
        let unknown = (0..<20_000).map { "k\($0): x" }.joined(separator: ", ")
        #expect(!Connector.lint(valid.replacing("{mode: a}", with: "{\(unknown)}")).isEmpty)
        #expect(!Connector.lint("choices: {\(unknown)}").isEmpty)
    }

    @Test func `with thousands of duplicate keys are read once`() {
        let yaml = String(repeating: "title: x\n", count: 5000)
        let found = Connector.lint(yaml)
        #expect(found.count == DiagnosticCollector.maximum)
        #expect(found.contains { $0.message == "duplicate key 'title'" && $0.line == 2 })
    }

    @Test(arguments: ["{title: a, title: b}", "\"title\": a\n\"title\": b", "- {a: 1, a: 2}"])
    func `with duplicate keys in another style are rejected`(yaml: String) {
        #expect(Connector.lint(yaml).contains { $0.message.hasPrefix("duplicate key") })
    }

    @Test func `cannot control the terminal with a diagnostic`() {
        // case 66
        let found = Connector.lint("\"a\\e]52;c;x\\a\\u202E\": x")
        #expect(!found.isEmpty)
        #expect(
            found.allSatisfy { diagnostic in
                (diagnostic.message + (diagnostic.hint ?? "")).unicodeScalars.allSatisfy { !$0.isUnsafe }
            })
    }

    @Test func `with random changes never crash the reader`() throws {
        // case 41
        var generator = SeededGenerator(seed: 99)
        let source = Array(try #require(Connector.builtInSource(named: "celonis")).unicodeScalars)
        let noise: [Unicode.Scalar] = [
            "{", "}", "[", "]", ":", "\n", " ", "-", "\"", "'", "|", "#", "&", "*", "?", "é",
        ]
        for _ in 0..<150 {
            var scalars = source
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let at = Int.random(in: 0..<scalars.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: scalars[at] = noise.randomElement(using: &generator)!
                case 1: scalars.insert(noise.randomElement(using: &generator)!, at: at)
                default:
                    scalars.removeSubrange(
                        at..<min(at + Int.random(in: 1...40, using: &generator), scalars.count))
                }
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            let found = Connector.lint(String(text))
            #expect(found.allSatisfy { $0.line > 0 && $0.column > 0 })
        }
    }
}
