import Testing

@testable import VaultRegistry

private let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"

@Suite struct `The PostgreSQL form` {
    let connector: Connector
    let base = ["host": ["db.example.com"], "database": ["sales"], "user": ["loader"]]
    init() throws { connector = try builtIn("postgresql") }

    @Test func `fills in defaults and accepts a password`() throws {
        let draft = try connector.validate(raw: base, secretsGiven: ["password"]).get()
        #expect(
            draft.settings == [
                "host": .text("db.example.com"), "port": .text("5432"), "database": .text("sales"),
                "user": .text("loader"), "ssl-mode": .text("require"),
            ])
        #expect(draft.secretFields.map(\.key) == ["password"])
        #expect(connector.emptyFields(in: draft) == ["ca", "certificate", "certificate-key"])
        #expect(connector.host(for: draft.settings) == "db.example.com")
        #expect(connector.port(for: draft.settings) == 5432)
    }

    /// Which of CA, certificate (e), key and password are given, and what is then missing.
    @Test(arguments: [
        ("", "password"), ("p", ""), ("c", "password"), ("cp", ""), ("ce", "certificate-key password"),
        ("cek", ""), ("cekp", ""), ("ek", "ca password"), ("ekp", "ca"), ("k", "ca certificate password"),
        ("e", "ca certificate-key password"), ("kp", "ca certificate"), ("ckp", "certificate"),
    ]) func `requires a password unless CA, certificate and key are given`(given: String, missing: String) {
        var raw = base
        var secrets: Set<String> = []
        if given.contains("c") { raw["ca"] = [certificate] }
        if given.contains("e") { raw["certificate"] = [certificate] }
        if given.contains("k") { secrets.insert("certificate-key") }
        if given.contains("p") { secrets.insert("password") }
        let problems = connector.validate(raw: raw, secretsGiven: secrets).problems
        #expect(problems.compactMap(\.field).joined(separator: " ") == missing)
    }

    @Test func `reports whether a password is required while it is filled in`() {
        let password = connector.field(named: "password")
        let settings: Settings = ["ca": .text("x"), "certificate": .text("y")]
        #expect(password.isRequired(in: settings, secretsGiven: []) == true)
        #expect(password.isRequired(in: settings, secretsGiven: ["certificate-key"]) == false)
    }

    @Test func `sets libpq's variables, with certificates as files`() throws {
        var raw = base
        raw["port"] = ["6432"]
        let settings = try connector.validate(raw: raw, secretsGiven: ["password"]).get().settings
        let variables = connector.variables(for: settings)
        #expect(
            variables.map(\.name) == [
                "PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGSSLMODE", "PGPASSWORD", "PGSSLKEY",
            ])
        #expect(variables[1].value.text(settings: settings) == "6432")
        #expect(variables[5].template == [.secret("password")] && !variables[5].isFile)
        #expect(variables[6].isFile)
        let withCA = connector.variables(for: settings.merging(["ca": .text(certificate)]) { $1 })
        #expect(withCA.filter(\.isFile).map(\.name) == ["PGSSLROOTCERT", "PGSSLKEY"])
    }

    @Test func `accepts an IP address, and does not use HTTP`() throws {
        var raw = base
        raw["host"] = ["10.0.0.5"]
        let settings = try connector.validate(raw: raw, secretsGiven: ["password"]).get().settings
        #expect(connector.authentication(for: settings) == Authentication.none)
        #expect(connector.test(for: settings) == nil)
    }
}

@Suite struct `The ServiceNow form` {
    let connector: Connector
    init() throws { connector = try builtIn("servicenow") }

    @Test func `accepts a user and password`() throws {
        let raw = [
            "subdomain": ["https://dev1.service-now.com/nav"], "auth-type": ["basic"], "username": ["svc"],
        ]
        let draft = try connector.validate(raw: raw, secretsGiven: ["password"]).get()
        #expect(connector.host(for: draft.settings) == "dev1.service-now.com")
        #expect(
            connector.authentication(for: draft.settings)
                == .basic(
                    user: Template(pieces: [.setting("username")]),
                    password: Template(pieces: [.secret("password")])))
        #expect(
            connector.variables(for: draft.settings).map(\.name) == [
                "SERVICENOW_URL", "SERVICENOW_USERNAME", "SERVICENOW_PASSWORD",
            ])
        let test = try #require(connector.test(for: draft.settings))
        #expect(test.failure(status: 401, body: "")?.next?.contains("password") == true)
        #expect(test.failure(status: 599, body: "") != nil)
    }

    @Test func `accepts an OAuth 2.0 client with its secret in the body, and without scopes`() throws {
        let raw = [
            "subdomain": ["dev1"], "auth-type": ["oauth2"], "oauth-client": ["SN"],
            "valid-domain-names": ["dev1.service-now.com"],
        ]
        let draft = try connector.validate(raw: raw, secretsGiven: []).get()
        #expect(connector.emptyFields(in: draft) == ["scopes"])
        guard case .oauth2(let oauth)? = connector.authentication(for: draft.settings) else {
            Issue.record("no OAuth")
            return
        }
        #expect(oauth.endpoint.style == .body)
        #expect(oauth.endpoint.path.text(settings: draft.settings) == "/oauth_token.do")
        #expect(
            connector.variables(for: draft.settings).map(\.name) == ["SERVICENOW_URL", "SERVICENOW_TOKEN"])
    }

    @Test func `requires the instance's host in the valid domain names`() {
        let raw = [
            "subdomain": ["dev1"], "auth-type": ["oauth2"], "oauth-client": ["SN"],
            "valid-domain-names": ["dev2.service-now.com"],
        ]
        let problems = connector.validate(raw: raw, secretsGiven: []).problems
        #expect(problems.first?.hint == "add 'dev1.service-now.com' to valid-domain-names")
    }
}

@Suite struct `The HTTP API form` {
    let connector: Connector
    init() throws { connector = try builtIn("http") }

    private func settings(_ auth: String, _ more: [String: [String]], _ secret: String) throws -> Settings {
        let raw = ["domain": ["api.example.com"], "auth-type": [auth]].merging(more) { $1 }
        return try connector.validate(raw: raw, secretsGiven: [secret]).get().settings
    }

    @Test func `accepts a bearer token`() throws {
        let settings = try settings("bearer", [:], "token")
        #expect(
            connector.authentication(for: settings)
                == .headers([
                    Header(
                        name: Template(pieces: [.text("Authorization")]),
                        value: Template(pieces: [.text("Bearer "), .secret("token")]))
                ]))
        #expect(connector.variables(for: settings).map(\.name) == ["HTTP_API_URL", "HTTP_API_TOKEN"])
        let test = try #require(connector.test(for: settings))
        #expect(connector.path(test.path, for: settings) == "/")
        #expect(test.isSuccess(status: 204) && !test.isSuccess(status: 301))
        #expect(connector.allowsPlainLoopback)
    }

    @Test func `accepts a user and password, or a header`() throws {
        let basic = try settings("basic", ["username": ["me"], "test-path": ["api/v1/me"]], "password")
        #expect(connector.path(try #require(connector.test(for: basic)).path, for: basic) == "/api/v1/me")
        guard case .basic? = connector.authentication(for: basic) else {
            Issue.record("not basic")
            return
        }
        let header = try settings("header", ["header-name": ["X-Key"]], "header-value")
        #expect(
            connector.authentication(for: header)
                == .headers([
                    Header(
                        name: Template(pieces: [.setting("header-name")]),
                        value: Template(pieces: [.secret("header-value")]))
                ]))
    }

    @Test func `rejects a basic authorization header as a token`() {
        let problem = connector.field(named: "token").refusal(ofSecret: "Basic abc")
        #expect(problem?.hint?.contains("set auth-type to basic") == true)
    }

    @Test func `puts an IPv6 address in brackets`() throws {
        let raw = ["domain": ["[2001:db8::1]"], "auth-type": ["bearer"], "port": ["8443"]]
        let settings = try connector.validate(raw: raw, secretsGiven: ["token"]).get().settings
        let url = connector.variables(for: settings).first?.value
        #expect(url?.text(settings: settings) == "https://[2001:db8::1]:8443")
        #expect(connector.port(for: settings) == 8443)
    }
}
