import Testing

@testable import VaultRegistry

/// A combination of API and auth type, with its fields.
struct Shape: Sendable, CustomTestStringConvertible {
    let api: String
    let auth: String
    let extra: [String: [String]]
    let secret: String?
    /// The fields that apply, in order.
    let fields: [String]
    var testDescription: String { "\(api) with \(auth)" }

    var raw: [String: [String]] {
        let base = [
            "api-type": [api], "domain": ["https://celigo.us-1.celonis.cloud/"], "auth-type": [auth],
        ]
        return base.merging(extra) { $1 }
    }

    var secrets: Set<String> { secret.map { [$0] } ?? [] }

    static let oauth = [
        "oauth-client": ["Celonis EU"], "valid-domain-names": ["celigo.us-1.celonis.cloud"],
        "scopes": ["integration.data-pools audit.log:read"],
    ]
    static let pool = ["pool-id": ["pool-abc123"]]

    static let all = [
        Shape(
            api: "intelligence", auth: "custom", extra: [:], secret: "app-key",
            fields: ["api-type", "domain", "auth-type", "app-key"]),
        Shape(
            api: "intelligence", auth: "token", extra: [:], secret: "api-key",
            fields: ["api-type", "domain", "auth-type", "api-key"]),
        Shape(
            api: "intelligence", auth: "oauth2", extra: oauth, secret: nil,
            fields: ["api-type", "domain", "auth-type", "oauth-client", "valid-domain-names", "scopes"]),
        Shape(
            api: "data-push", auth: "custom", extra: pool, secret: "app-key",
            fields: ["api-type", "domain", "auth-type", "app-key", "pool-id"]),
        Shape(
            api: "data-push", auth: "token", extra: pool, secret: "api-key",
            fields: ["api-type", "domain", "auth-type", "api-key", "pool-id"]),
    ]
}

@Suite struct `The Celonis form` {
    let celonis: Connector
    init() throws { celonis = try builtIn("celonis") }

    @Test func `has the expected labels and kinds of fields`() {
        #expect(
            celonis.fields.map(\.label) == [
                "API type", "Domain", "Auth type", "App key", "API key", "OAuth 2.0 client",
                "Valid domain names",
                "Scopes", "Pool ID",
            ])
        #expect(celonis.fields.filter(\.isSecret).map(\.key) == ["app-key", "api-key"])
        #expect(celonis.fields.filter(\.isList).map(\.key) == ["valid-domain-names", "scopes"])
    }

    @Test(arguments: Shape.all) func `accepts each of its five shapes`(shape: Shape) throws {
        let draft = try celonis.validate(raw: shape.raw, secretsGiven: shape.secrets).get()
        #expect(draft.settings["domain"] == .text("celigo.us-1.celonis.cloud"))
        #expect(Set(draft.settings.keys) == Set(shape.fields).subtracting(shape.secrets))
        #expect(draft.secretFields.map(\.key) == shape.secret.map { [$0] } ?? [])
        #expect(celonis.emptyFields(in: draft) == [])
        #expect(celonis.fields.filter { $0.applies(in: draft.settings) }.map(\.key) == shape.fields)
    }

    @Test(arguments: Shape.all) func `reports each missing field`(shape: Shape) {
        for key in shape.fields {
            var raw = shape.raw
            raw[key] = nil
            let problems = celonis.validate(raw: raw, secretsGiven: shape.secrets.subtracting([key])).problems
            let problem = problems.first { $0.field == key }
            #expect(problem?.message.hasPrefix("\(key) is required") == true)
            #expect(problems.count == 1, "\(key): \(problems)")
        }
    }

    @Test(arguments: Shape.all) func `rejects fields of another shape`(shape: Shape) {
        for field in celonis.fields where !shape.fields.contains(field.key) {
            var raw = shape.raw
            var secrets = shape.secrets
            if field.isSecret {
                secrets.insert(field.key)
            } else {
                raw[field.key] = ["celigo.us-1.celonis.cloud"]
            }
            let problems = celonis.validate(raw: raw, secretsGiven: secrets).problems
            #expect(problems.map(\.field) == [field.key])
            #expect(problems.first?.message.hasPrefix("\(field.key) does not apply when ") == true)
        }
    }

    @Test func `has no OAuth 2.0 for Data push, and lists the available choices`() {
        let raw = ["api-type": ["data-push"], "domain": ["a.celonis.cloud"], "auth-type": ["oauth2"]]
            .merging(Shape.oauth) { $1 }.merging(Shape.pool) { $1 }
        let problems = celonis.validate(raw: raw, secretsGiven: []).problems
        #expect(
            problems == [
                Problem(
                    field: "auth-type",
                    message: "auth-type can't be 'oauth2' when api-type is data-push",
                    hint: "use custom or token")
            ])
        let auth = celonis.field(named: "auth-type")
        #expect(
            auth.choices(in: ["api-type": .text("data-push")]).map(\.value) == [
                "custom", "token",
            ])
        #expect(auth.choices(in: ["api-type": .text("intelligence")]).count == 3)
    }

    @Test func `accepts labels instead of values`() throws {
        let raw = [
            "api-type": ["Data push"], "domain": ["a.celonis.cloud"], "auth-type": ["CUSTOM"],
            "pool-id": ["p"],
        ]
        let draft = try celonis.validate(raw: raw, secretsGiven: ["app-key"]).get()
        #expect(draft.settings["api-type"] == .text("data-push"))
        #expect(draft.settings["auth-type"] == .text("custom"))
    }

    @Test func `reports every problem of an input`() {
        let raw = [
            "api-type": ["inteligence"], "domian": ["x"], "domain": ["https://a@b.celonis.cloud"],
            "app-key": ["SECRET-CANARY"], "pool-id": [""],
        ]
        let problems = celonis.validate(raw: raw, secretsGiven: ["domain", "api-kee", "zzz"]).problems
        #expect(
            problems.map(\.message) == [
                "app-key is a secret, which can't be an argument",
                "unknown setting 'domian' for celonis connections",
                "unknown secret 'api-kee' for celonis connections",
                "domain is a setting, not a secret",
                "unknown secret 'zzz' for celonis connections",
                "api-type can't be 'inteligence'",
                "the URL contains '@', so the part before it is a user name",
                "auth-type is required (custom or token)",
            ])
        #expect(problems[1].hint == "did you mean domain?")
        #expect(problems[2].hint == "did you mean api-key or app-key?")
        #expect(problems[3].hint == "use --set domain=VALUE")
        #expect(problems[4].hint == "use app-key or api-key")
        #expect(problems[5].hint == "use intelligence or data-push")
        // case 54: a secret given as a setting is not repeated.
        #expect(!"\(problems)".contains("CANARY"))
    }

    @Test func `can be evaluated field by field`() {
        let key = celonis.field(named: "app-key")
        #expect(key.isRequired(in: [:], secretsGiven: []) == true)
        #expect(!key.applies(in: [:]))
        #expect(key.applies(in: ["auth-type": .text("custom")]))
        #expect(!key.applies(in: ["auth-type": .text("token")]))
    }

    @Test(arguments: [
        "celonis.cloud", "evil.example.com", "celonis.cloud.evil.com", "notcelonis.cloud", "10.0.0.1",
    ])
    func `rejects hosts outside of Celonis`(host: String) {
        // case 79
        var raw = Shape.all[0].raw
        raw["domain"] = [host]
        let problems = celonis.validate(raw: raw, secretsGiven: ["app-key"]).problems
        #expect(
            problems == [
                Problem(
                    field: "domain",
                    message: "'\(host)' is not an allowed Celonis host; it must match *.celonis.cloud",
                    hint: "use the host of your Celonis account, such as team.us-1.celonis.cloud")
            ])
    }

    @Test func `requires valid domain names within Celonis that include the domain`() {
        var raw = Shape.all[2].raw
        raw["valid-domain-names"] = ["other.celonis.cloud, evil.com"]
        let problems = celonis.validate(raw: raw, secretsGiven: []).problems
        #expect(problems.map(\.field) == ["valid-domain-names", "valid-domain-names"])
        #expect(
            problems.first?.message
                == "the connection's host 'celigo.us-1.celonis.cloud' is not in valid-domain-names")
        #expect(
            problems.last?.message
                == "'evil.com' is not an allowed Celonis host; it must match *.celonis.cloud")
    }

    @Test func `requires a connection's valid domain names to be a subset of the client's`() {
        let connection: Settings = [
            "api-type": .text("intelligence"), "auth-type": .text("oauth2"),
            "domain": .text("a.celonis.cloud"),
            "valid-domain-names": .list(["a.celonis.cloud", "b.celonis.cloud"]),
        ]
        let wide: Settings = [
            "valid-domain-names": .list(["b.celonis.cloud", "a.celonis.cloud", "c.celonis.cloud"])
        ]
        #expect(celonis.problems(connection: connection, client: wide) == [])
        let narrow: Settings = ["valid-domain-names": .list(["b.celonis.cloud"])]
        let messages = celonis.problems(connection: connection, client: narrow).map(\.message)
        #expect(
            messages == [
                "'a.celonis.cloud' is not in the client's valid-domain-names",
                "the client's secret would be sent to 'a.celonis.cloud', which is not in its valid-domain-names",
            ])
        #expect(celonis.problems(connection: connection, client: [:]).first?.hint == nil)
        #expect(celonis.problems(connection: ["auth-type": .text("custom")], client: [:]) == [])
    }
}

@Suite struct `The Celonis client form` {
    let celonis: Connector
    init() throws { celonis = try builtIn("celonis") }

    @Test func `accepts a client, and rejects one for another host`() throws {
        let raw = [
            "client-id": ["4b2f"], "valid-domain-names": ["https://A.celonis.cloud/x b.celonis.cloud"],
        ]
        let draft = try celonis.validateClient(raw: raw, secretsGiven: ["client-secret"]).get()
        #expect(draft.settings["valid-domain-names"] == .list(["a.celonis.cloud", "b.celonis.cloud"]))
        #expect(draft.secretFields.map(\.key) == ["client-secret"])
        let rejected = celonis.validateClient(
            raw: ["client-id": ["x"], "valid-domain-names": ["evil.com"], "color": ["red"]], secretsGiven: []
        )
        #expect(
            rejected.problems.map(\.message) == [
                "unknown setting 'color' for celonis OAuth 2.0 clients",
                "client-secret is required",
                "'evil.com' is not an allowed Celonis host; it must match *.celonis.cloud",
            ])
    }

    @Test func `does not exist for a connector without clients`() throws {
        let problems = try builtIn("postgresql").validateClient(raw: [:], secretsGiven: []).problems
        #expect(problems.map(\.message) == ["PostgreSQL connections don't use OAuth 2.0 clients"])
    }
}
