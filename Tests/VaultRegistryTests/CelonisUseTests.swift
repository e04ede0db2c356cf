import Testing

@testable import VaultRegistry

@Suite struct `Uses of a Celonis connection` {
    let celonis: Connector
    init() throws { celonis = try builtIn("celonis") }

    private func settings(_ shape: Shape) throws -> Settings {
        try celonis.validate(raw: shape.raw, secretsGiven: shape.secrets).get().settings
    }

    private func environment(_ shape: Shape) throws -> [String: [TemplatePiece]] {
        let settings = try settings(shape)
        var result: [String: [TemplatePiece]] = [:]
        for variable in celonis.variables(for: settings) {
            #expect(result[variable.name] == nil)
            result[variable.name] = variable.value.resolved(settings: settings)
        }
        return result
    }

    @Test(arguments: Shape.all) func `set the variables that Celonis clients read`(shape: Shape) throws {
        let secret: TemplatePiece = shape.secret.map { .secret($0) } ?? .token
        let url: [TemplatePiece] = [.text("https://celigo.us-1.celonis.cloud")]
        let kind = shape.auth == "custom" ? "APP_KEY" : "USER_KEY"
        #expect(
            try environment(shape) == [
                "CELONIS_URL": url, "TEAM_URL": url, "CELONIS_API_TOKEN": [secret], "API_TOKEN": [secret],
                "CELONIS_KEY_TYPE": [.text(kind)],
            ])
        let address = try celonis.variables(for: settings(shape)).filter(\.isAddress).map(\.name)
        #expect(address == ["CELONIS_URL", "TEAM_URL"])
    }

    @Test(arguments: Shape.all) func `authenticate according to the auth type`(shape: Shape) throws {
        let authorization = Template(pieces: [.text("Authorization")])
        let authentication = try celonis.authentication(for: settings(shape))
        switch shape.auth {
        case "custom":
            let value = Template(pieces: [.text("AppKey "), .secret("app-key")])
            #expect(authentication == .headers([Header(name: authorization, value: value)]))
        case "token":
            let value = Template(pieces: [.text("Bearer "), .secret("api-key")])
            #expect(authentication == .headers([Header(name: authorization, value: value)]))
        default:
            let endpoint = TokenEndpoint(
                host: nil, path: Template(pieces: [.text("/oauth2/token")]), grant: .clientCredentials,
                style: .basic)
            let value = Template(pieces: [.text("Bearer "), .token])
            let header = Header(name: authorization, value: value)
            #expect(
                authentication
                    == .oauth2(
                        OAuth2(
                            clientField: "oauth-client", scopesField: "scopes", endpoint: endpoint,
                            header: header)))
        }
    }

    @Test(arguments: Shape.all) func `test the API of the connection`(shape: Shape) throws {
        let settings = try settings(shape)
        let test = try #require(celonis.test(for: settings))
        #expect(test.method == "GET")
        #expect(celonis.host(for: settings) == "celigo.us-1.celonis.cloud")
        #expect(celonis.port(for: settings) == nil)
        let path =
            shape.api == "intelligence"
            ? "/intelligence/api/knowledge-models?page=0&pageSize=1"
            : "/integration/api/v1/data-push/pool-abc123/jobs/"
        #expect(celonis.path(test.path, for: settings) == path)
        #expect(test.isSuccess(status: 200))
        #expect(!test.isSuccess(status: 204))
    }

    @Test func `explain each failure`() throws {
        let test = try #require(celonis.test(for: settings(Shape.all[0])))
        func means(_ status: Int, _ body: String) -> String? {
            test.failure(status: status, body: body)?.means
        }
        #expect(means(401, #"{"error":"Unauthorized"}"#)?.contains("unknown, deleted or expired") == true)
        #expect(
            means(401, #"must start with "Bearer " or "AppKey ""#)?.contains("of the other kind") == true
        )
        #expect(means(403, " \r\n")?.contains("not enabled for this team") == true)
        #expect(
            means(403, #"{"errorCode":"ADMIN_ACCESS_ERROR"}"#)
                == "The key is valid, but does not have the permission for this request.")
        #expect(means(403, "{}")?.contains("knowledge models") == true)
        #expect(means(429, "LIMIT_RATE_EXCEEDED")?.contains("rate limit") == true)
        #expect(means(503, "") == "Celonis is not available.")
        #expect(means(418, "") == nil)
    }

    @Test func `fill in the settings of a client in the path of a token request`() throws {
        let template = Template(pieces: [.text("/x/"), .clientSetting("kind")])
        #expect(celonis.path(template, for: [:], client: ["kind": .text("a b")]) == "/x/a%20b")
        #expect(celonis.path(template, for: [:]) == nil)
    }

    @Test func `keep a pool ID in its path segment`() throws {
        let template = Template(pieces: [.text("/a/"), .setting("pool-id"), .text("/b")])
        #expect(celonis.path(template, for: ["pool-id": .text("../x?y#z %")]) == "/a/..%2Fx%3Fy%23z%20%25/b")
        #expect(celonis.path(template, for: [:]) == nil)
    }
}
