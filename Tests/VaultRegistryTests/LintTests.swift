import Testing

@testable import VaultRegistry

/// A connector without mistakes, into which a test puts one.
private let sound = """
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
    var isWarning = false
    var testDescription: String { message }

    init(_ old: String, _ new: String, _ line: Int, _ column: Int, _ message: String, _ hint: String? = nil) {
        (self.old, self.new, self.line, self.column, self.message, self.hint) = (
            old, new, line, column, message, hint
        )
    }

    static let all = [
        Mistake("title: Demo", "titel: Demo", 2, 1, "a connector has no key 'titel'", "did you mean title?"),
        Mistake(
            "connector: demo", "connector: Demo X", 1, 1, "'Demo X' is not a name",
            "1 to 64 of a-z, 0-9 and '-'"),
        Mistake("title: Demo", "title: ''", 2, 1, "'title' is empty", "give it a value, or leave it out"),
        Mistake("title: Demo", "title: [x]", 2, 8, "'title' is one text"),
        Mistake("title: Demo", "title: \"a\\eb\"", 2, 8, "'title' has the invisible character U+001B"),
        Mistake(
            "title: Demo", "title: Demo\nformat: 2", 3, 1, "format 2 is not known",
            "this version reads format 1"),
        Mistake(
            "[\"*.example.com\"]", "[a.example.com, \"*.com\"]", 4, 24, "'*.com' is not a host pattern",
            "api.example.com, \"*.example.com\", \"*\", an IP address, <ip> or <loopback>, in lower case"),
        Mistake("[\"*.example.com\"]", "[[x]]", 4, 9, "'hosts' is a text, or a list of texts"),
        Mistake("[\"*.example.com\"]", "[]", 4, 1, "'hosts' is empty", "leave it out"),
        Mistake("hosts: [\"*.example.com\"]", "", 1, 1, "a connector needs 'hosts'"),
        Mistake(
            "host: \"{domain}\"", "", 1, 1, "a connector needs 'host'",
            "the host it talks to: host: \"{domain}\""),
        Mistake(
            "host: \"{domain}\"", "host: \"x.{domian}\"", 5, 10,
            "the template names the unknown field 'domian'",
            "did you mean domain?"),
        Mistake(
            "host: \"{domain}\"", "host: a{secret}", 5, 8, "the secret 'secret' has no place here",
            "a host is public"),
        Mistake(
            "host: \"{domain}\"", "host: '{domain'", 5, 8, "a brace stands alone",
            "a place is {field}; a brace itself is {{ or }}"),
        Mistake("host: \"{domain}\"", "host: a}b", 5, 8, "a brace stands alone"),
        Mistake("host: \"{domain}\"", "host: {is: [x]}", 5, 12, "'is' is one text"),
        Mistake(
            "host: \"{domain}\"", "host: \"{domain}\"\nplain-http: always", 6, 1,
            "'plain-http' is 'loopback', or left out"),
        Mistake("help: The host.", "", 7, 5, "a field needs 'help'", "add 'help: …'"),
        Mistake("key: domain", "key: Domain", 7, 5, "'Domain' is not a key"),
        Mistake(
            "key: domain", "key: name", 7, 5, "the key 'name' is taken",
            "every connection has a name of its own"),
        Mistake(
            "normalise: host", "normalise: hots", 10, 16, "there is no normaliser 'hots'",
            "did you mean host?"),
        Mistake("normalise: host", "normalise: {subdomain-of: X Y}", 10, 31, "'X Y' is not a host name"),
        Mistake(
            "normalise: host", "normalise: {subdomain: x.com}", 10, 17,
            "a normaliser with a value has no key 'subdomain'", "did you mean subdomain-of?"),
        Mistake(
            "normalise: host", "normalise: host\n    default: a b", 11, 5,
            "the default does not fit the field: that is not a host name"),
        Mistake(
            "normalise: host", "normalise: host\n    example: a@b", 11, 5,
            "the example does not fit the field: the address has an '@': what stands before it is a user name, not the host"
        ),
        Mistake("normalise: host", "required: maybe", 10, 15, "'required' is yes, no, or a condition"),
        Mistake("normalise: host", "list: perhaps", 10, 11, "'list' is yes or no"),
        Mistake(
            "normalise: host", "maximum-length: 0", 10, 21,
            "'maximum-length' is a whole number from 1 to 65536"),
        Mistake(
            "normalise: host", "strip-prefixes: x", 10, 5,
            "'strip-prefixes' is for secrets; a setting has 'normalise'"),
        Mistake("normalise: host", "list: yes\n    multiline: yes", 11, 5, "a list has values of one line"),
        Mistake(
            "normalise: host", "client: yes\n    list: yes", 10, 5, "a reference to a client is one name"),
        Mistake("key: mode", "key: domain", 11, 5, "the field 'domain' is there twice", "rename one of them"),
        Mistake("{value: b, help: B.}", "{value: a, help: B.}", 14, 5, "the choice 'a' is there twice"),
        Mistake(
            "{value: b, help: B.}", "{value: b, hlep: B.}", 16, 20, "a choice has no key 'hlep'",
            "did you mean help?"),
        Mistake(
            "{value: b, help: B.}", "just b", 16, 9, "a choice is a mapping of keys to values",
            "its keys: value, label, help and when"),
        Mistake(
            "{mode: a}", "{mood: a}", 22, 12, "no field 'mood' comes before this condition",
            "known here: domain and mode"),
        Mistake(
            "{mode: a}", "{secret: a}", 22, 12, "no field 'secret' comes before this condition",
            "known here: domain and mode"),
        Mistake("{mode: a}", "{mode: c}", 22, 18, "'mode' has no choice 'c'", "known here: a and b"),
        Mistake("{mode: a}", "{mode: [a, [b]]}", 22, 22, "a value of 'mode' is one text"),
        Mistake(
            "{mode: a}", "{mode: {}}", 22, 18, "the test is empty",
            "a value, a list, {not: value} or {given: yes}"),
        Mistake(
            "{mode: a}", "{mode: {is: a}}", 22, 19, "a test has no key 'is'", "known here: not and given"),
        Mistake(
            "{mode: a}", "mode", 22, 11, "a condition is a mapping of fields to values",
            "such as {auth-type: token}"),
        Mistake("secret: yes", "secret: yes\n    default: x", 21, 5, "a secret has no 'default'"),
        Mistake(
            "bearer: \"{secret}\"", "bearer: \"{secret}\"\n    none: yes", 24, 5,
            "a way to authenticate has exactly one of none, headers, bearer, basic or oauth2"),
        Mistake("bearer: \"{secret}\"", "oauth2: {client: x}", 24, 13, "'oauth2' needs a client form"),
        Mistake("bearer: \"{secret}\"", "basic: {user: x}", 24, 12, "'basic' needs 'password'"),
        Mistake("bearer: \"{secret}\"", "basic: x", 24, 12, "'basic' is a mapping of keys to values"),
        Mistake("bearer: \"{secret}\"", "bearer: {a: b}", 24, 13, "a template is one text"),
        Mistake(
            "bearer: \"{secret}\"", "headers: [{name: Host, value: x}]", 24, 16,
            "the header 'Host' is set by the request itself"),
        Mistake(
            "bearer: \"{secret}\"", "headers: [{name: \"{secret}\", value: x}]", 24, 23,
            "the secret 'secret' has no place here", "a header's name is public"),
        Mistake(
            "bearer: \"{secret}\"", "bearer: \"{client.id}\"", 24, 14,
            "the template names the unknown field 'client.id'"),
        Mistake("path: /ping", "path: ping", 26, 11, "a path begins with '/'"),
        Mistake(
            "path: /ping", "path: /ping?key={secret}", 26, 21, "the secret 'secret' has no place here",
            "addresses end up in logs; use a header"),
        Mistake(
            "path: /ping", "path: \"/{access-token}\"", 26, 13, "an access token has no place here",
            "addresses end up in logs; use a header"),
        Mistake(
            "path: /ping", "path: /ping\n    method: DELETE", 27, 5,
            "a test is a GET, HEAD, POST or OPTIONS request"),
        Mistake(
            "path: /ping", "path: /ping\n    success: 6xx", 27, 14, "'6xx' is not a status",
            "a number such as 404, or 5xx"),
        Mistake("{status: 401, means: No.}", "{means: No.}", 28, 9, "a failure needs 'status'"),
        Mistake(
            "{status: 401, means: No.}", "{status: 401, body: full, means: No.}", 28, 29,
            "'body' is 'empty', or left out"),
        Mistake(
            "{status: 401, means: No.}", "{status: 401, body: empty, contains: x, means: No.}", 28, 36,
            "an empty body contains nothing"),
        Mistake(
            "name: DEMO", "name: demo-x", 30, 11, "'demo-x' is not a variable's name",
            "capital letters, digits and '_', such as API_TOKEN"),
        Mistake("name: DEMO", "name: LD_PRELOAD", 30, 11, "'LD_PRELOAD' is not a connector's to set"),
        Mistake("name: DEMO", "name: VAULT_X", 30, 11, "'VAULT_X' is not a connector's to set"),
        Mistake("value: \"https://{domain}\"", "", 30, 5, "a variable needs 'value'"),
        Mistake(
            "  - name: DEMO", "  - name: DEMO\n    name: DEMO2", 31, 5, "the key 'name' is there twice",
            "the first is on line 30; keep one"),
        Mistake(
            "title: Demo", "title: a: b", 2, 9,
            "this is not YAML: mapping values are not allowed in this context"),
        Mistake("title: Demo", "title: *x", 2, 8, "anchors and aliases are not part of this format"),
        Mistake("title: Demo", "title: &x Demo", 2, 8, "anchors and aliases are not part of this format"),
        Mistake("title: Demo", "title: Demo\n---\nx: y", 3, 1, "another document begins here"),
        Mistake("title: Demo", "title: Demo\n[x]: y", 3, 1, "a key is a plain word"),
        Mistake("when: {mode: a}", "when: {[mode]: a}", 22, 12, "a key is a plain word"),
        Mistake(
            "title: Demo", "%TAG ! x\ntitle: Demo", 2, 1, "a directive ('%…') is not part of this format"),
    ]

    static let warnings = [
        Mistake(
            "how-to-get: Ask.", "", 17, 5, "the secret 'secret' does not say where it is found",
            "add 'how-to-get: |'"),
        Mistake("{value: b, help: B.}", "{value: b}", 16, 9, "the choice 'b' has no help", "add 'help: …'"),
        Mistake(
            "{value: b, help: B.}", "{value: b, help: B., when: {domain: {given: no}}}", 16, 9,
            "the choice 'b' of 'mode' can never be made", "mend its 'when', or remove it"),
        Mistake(
            "when: {mode: a}", "when: {mode: {not: [a, b]}}", 17, 5, "the field 'secret' can never be reached"
        ),
        Mistake(
            "tests:", "  - none: yes\ntests:", 25, 5,
            "this entry of 'authenticate' is never used: its condition never holds, or an earlier one's always does"
        ),
        Mistake(
            "host: \"{domain}\"", "host: [{when: {mode: a}, is: \"{domain}\"}]", 5, 8,
            "some connections have no host: no condition of 'host' holds for them"),
    ]
}

@Suite struct `Lint` {
    @Test func `has nothing to say of a sound file`() {
        #expect(Connector.lint(sound) == [])
    }

    @Test(arguments: Mistake.all) func `names a mistake where it stands`(mistake: Mistake) throws {
        #expect(sound.contains(mistake.old))
        let yaml = sound.replacing(mistake.old, with: mistake.new, maxReplacements: 1)
        let found = Connector.lint(yaml)
        let hit = found.first { $0.message.hasPrefix(mistake.message) }
        let diagnostic = try #require(hit, "\(found)")
        #expect(diagnostic.severity == .error)
        #expect((diagnostic.line, diagnostic.column) == (mistake.line, mistake.column))
        if let hint = mistake.hint { #expect(diagnostic.hint == hint) }
        #expect(throws: ConnectorFileError.self) { _ = try Connector(yaml: yaml) }
    }

    @Test(arguments: Mistake.warnings) func `warns of what can be used all the same`(mistake: Mistake) throws
    {
        let yaml = sound.replacing(mistake.old, with: mistake.new, maxReplacements: 1)
        let found = Connector.lint(yaml)
        let diagnostic = try #require(found.first { $0.message == mistake.message }, "\(found)")
        #expect(diagnostic.severity == .warning)
        #expect((diagnostic.line, diagnostic.column) == (mistake.line, mistake.column))
        if let hint = mistake.hint { #expect(diagnostic.hint == hint) }
        _ = try Connector(yaml: yaml)
    }

    @Test func `names every mistake of a file, by line`() {
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
                "1:1 'X!' is not a name", "1:1 a connector needs 'summary'", "1:1 a connector needs 'host'",
                "2:1 the key 'connector' is there twice", "4:9 'nope!' is not a host pattern",
                "6:5 a field needs 'help'",
                "7:5 the key 'key' is there twice", "9:12 no field 'z' comes before this condition",
                "10:5 a field needs 'key'", "10:5 a field needs 'help'",
                "12:12 'low' is not a variable's name",
                "12:25 the template names the unknown field 'q'",
            ])
    }

    @Test func `wants a whole client form`() throws {
        func messages(_ change: (String, String)...) -> [String] {
            var yaml = Sibling.slack
            for (old, new) in change {
                #expect(yaml.contains(old))
                yaml = yaml.replacing(old, with: new, maxReplacements: 1)
            }
            return Connector.lint(yaml).filter { $0.severity == .error }.map(\.message)
        }
        #expect(
            messages(("{key: client-id,", "{key: client-idd,")) == ["a client has the setting 'client-id'"])
        #expect(
            messages(("grant: refresh-token", "grant: refresh")) == ["there is no grant 'refresh'"])
        #expect(
            messages(("field: refresh-token", "field: oauth-client")) == [
                "'oauth-client' is not a secret field"
            ])
        #expect(messages(("style: body", "style: header")) == ["'style' is basic or body"])
        #expect(messages(("path: /api/oauth", "path: api/oauth")) == ["a path begins with '/'"])
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
                == ["a connector with a client has the list 'valid-domain-names' among its fields"])
        #expect(
            messages(("help: Hosts., list: yes, normalise: host}\n  token", "help: Hosts.}\n  token"))
                == ["a client has the list 'valid-domain-names'"])
        let without = try #require(Sibling.slack.range(of: "client:\n  fields"))
        let end = try #require(Sibling.slack.range(of: "authenticate:"))
        let yaml = Sibling.slack.replacingCharacters(in: without.lowerBound..<end.lowerBound)
        #expect(
            Connector.lint(yaml).contains {
                $0.message.hasSuffix("refers to a client, but there is no 'client'")
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

@Suite struct `A hostile connector file` {
    @Test func `of too many bytes is not read`() {
        // case 41
        let found = Connector.lint(String(repeating: "a", count: 256 * 1024 + 1))
        #expect(found.map(\.message) == ["the file is larger than 256 KiB"])
    }

    @Test(arguments: ["", "   \n", "# only a comment", "---\n..."]) func `may be empty`(yaml: String) {
        #expect(Connector.lint(yaml).filter { $0.severity == .error }.isEmpty == false)
    }

    @Test func `with an alias bomb is refused before it is composed`() {
        // case 41
        var yaml = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1...40 {
            let alias = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
            yaml += "a\(level): &a\(level) [\(alias)]\n"
        }
        let found = Connector.lint(yaml)
        #expect(found.map(\.message) == ["anchors and aliases are not part of this format"])
        #expect(found.first.map { [$0.line, $0.column] } == [1, 5])
    }

    @Test(arguments: ["[", "{", "- ", "{a: ", "[{", "a: [", "? ", "{? "])
    func `that nests without end is refused`(unit: String) {
        // case 41
        for count in [900, 1100, 60_000] {
            let yaml = String(repeating: unit, count: count)
            #expect(!Connector.lint(yaml).isEmpty)
            #expect(!Connector.lint("fields: " + yaml).isEmpty)
        }
    }

    @Test func `that nests just within the bound is read`() {
        func messages(_ depth: Int) -> [String] {
            let list = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return Connector.lint("fields: " + list).map(\.message)
        }
        #expect(messages(99).contains("a field is a mapping of keys to values"))
        #expect(messages(100) == ["this is nested deeper than 100 levels"])
    }

    @Test func `with nested keys does not multiply work`() {
        // case 41
        let key = String(repeating: "{", count: 90) + "a" + String(repeating: ": 1}", count: 90)
        let yaml = (0..<200).map { "\(key.replacing("a", with: "a\($0)")): x" }.joined(separator: "\n")
        #expect(Connector.lint(yaml).count == Notes.maximum)
    }

    @Test func `may begin with a byte order mark`() {
        #expect(Connector.lint("\u{FEFF}" + sound) == Connector.lint(sound))
    }

    @Test func `with thousands of mistakes names the first two hundred`() {
        let yaml = (0..<5000).map { "k\($0): x" }.joined(separator: "\n")
        #expect(Connector.lint(yaml).count == Notes.maximum)
    }

    @Test func `with more items than any system has is refused`() {
        // case 41
        let fields = "fields: [" + (0..<9000).map { "{key: f\($0), label: x}" }.joined(separator: ",") + "]"
        #expect(Connector.lint(fields).contains { $0.message == "'fields' has more than 200 items" })
        let many = (0..<60).map { "{mode: {not: x\($0)}}" }.joined(separator: ",")
        let yaml = sound.replacing("when: {mode: a}", with: "when: [\(many)]")
        #expect(Connector.lint(yaml).contains { $0.message == "a condition has at most 50 alternatives" })
        let unknown = (0..<20_000).map { "k\($0): x" }.joined(separator: ", ")
        #expect(!Connector.lint(sound.replacing("{mode: a}", with: "{\(unknown)}")).isEmpty)
        #expect(!Connector.lint("choices: {\(unknown)}").isEmpty)
    }

    @Test func `with thousands of repeated keys is read once`() {
        let yaml = String(repeating: "title: x\n", count: 5000)
        let found = Connector.lint(yaml)
        #expect(found.count == Notes.maximum)
        #expect(found.contains { $0.message == "the key 'title' is there twice" && $0.line == 2 })
    }

    @Test(arguments: ["{title: a, title: b}", "\"title\": a\n\"title\": b", "- {a: 1, a: 2}"])
    func `with keys repeated in another style is refused`(yaml: String) {
        #expect(Connector.lint(yaml).contains { $0.message.hasSuffix("is there twice") })
    }

    @Test func `cannot steer the terminal by its words`() {
        // case 66
        let found = Connector.lint("\"a\\e]52;c;x\\a\\u202E\": x")
        #expect(!found.isEmpty)
        #expect(
            found.allSatisfy { diagnostic in
                (diagnostic.message + (diagnostic.hint ?? "")).unicodeScalars.allSatisfy { !$0.isUnsafe }
            })
    }

    @Test func `made of a sound one by chance never crashes the reader`() throws {
        // case 41
        var dice = Dice(state: 99)
        let source = Array(try #require(Connector.builtInYAML("celonis")).unicodeScalars)
        let noise: [Unicode.Scalar] = [
            "{", "}", "[", "]", ":", "\n", " ", "-", "\"", "'", "|", "#", "&", "*", "?", "é",
        ]
        for _ in 0..<150 {
            var scalars = source
            for _ in 0..<Int.random(in: 1...6, using: &dice) {
                let at = Int.random(in: 0..<scalars.count, using: &dice)
                switch Int.random(in: 0...2, using: &dice) {
                case 0: scalars[at] = noise.randomElement(using: &dice)!
                case 1: scalars.insert(noise.randomElement(using: &dice)!, at: at)
                default:
                    scalars.removeSubrange(at..<min(at + Int.random(in: 1...40, using: &dice), scalars.count))
                }
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            let found = Connector.lint(String(text))
            #expect(found.allSatisfy { $0.line > 0 && $0.column > 0 })
        }
    }
}
