// Written by scripts/connector-source.sh from connectors/http.yaml, and not by hand.

extension Connector {
    static func http() -> Connector {
        Connector(
            name: "http", title: "HTTP API",
            summary: "Any HTTPS API that takes a bearer token, basic authentication or a key in a header.",
            hosts: [HostPattern("*")!, HostPattern("<ip>")!],
            fields: [
                Field(
                    key: "domain", label: "Domain",
                    help: "The host of the API. The secret is sent to this host only.", howToGet: nil,
                    example: "api.example.com", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [], condition: .always,
                    requirement: .always, maximumLength: 1000, normalisers: [.host], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "port", label: "Port", help: "The TCP port, where it is not that of HTTPS.",
                    howToGet: nil, example: nil, isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: "443", choices: [], condition: .always,
                    requirement: .always, maximumLength: 1000, normalisers: [.port], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "auth-type", label: "Auth type", help: "How requests prove who they come from.",
                    howToGet: nil, example: nil, isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil,
                    choices: [
                        Choice(
                            value: "bearer", label: "Bearer",
                            help: "A token, sent as an Authorization header with Bearer.", condition: .always),
                        Choice(
                            value: "basic", label: "Basic", help: "A user name and a password.",
                            condition: .always),
                        Choice(
                            value: "header", label: "Header", help: "A key in a header of the API's own.",
                            condition: .always),
                    ], condition: .always, requirement: .always, maximumLength: 1000, normalisers: [],
                    strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "token", label: "Token", help: "The token, without \"Bearer\" before it.",
                    howToGet:
                        "From the API's documentation: look for API tokens, personal access tokens or API keys.",
                    example: nil, isSecret: true, isList: false, isMultiline: false, isClientReference: false,
                    defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["bearer"]))]
                    ]), requirement: .always, maximumLength: 8192, normalisers: [],
                    strippedPrefixes: ["Authorization:", "Bearer "],
                    foreignPrefixes: [
                        ForeignPrefix(
                            prefix: "Basic",
                            means: "that is a user name and password, so set auth-type to basic and give them"
                        )
                    ], renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "username", label: "User name", help: "The user whom the connection acts for.",
                    howToGet: nil, example: "loader", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["basic"]))]
                    ]), requirement: .always, maximumLength: 1000, normalisers: [], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "password", label: "Password", help: "The user's password.",
                    howToGet: "From whoever runs the API. Some APIs take an API key as password.",
                    example: nil, isSecret: true, isList: false, isMultiline: false, isClientReference: false,
                    defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["basic"]))]
                    ]), requirement: .always, maximumLength: 8192, normalisers: [], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "header-name", label: "Header name", help: "The header that carries the key.",
                    howToGet: nil, example: "X-Api-Key", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["header"]))]
                    ]), requirement: .always, maximumLength: 1000, normalisers: [.headerName],
                    strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "header-value", label: "Header value", help: "The whole value of the header.",
                    howToGet: "From the API's documentation: look for API keys.", example: nil,
                    isSecret: true, isList: false, isMultiline: false, isClientReference: false,
                    defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["header"]))]
                    ]), requirement: .always, maximumLength: 8192, normalisers: [], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "test-path", label: "Test path",
                    help: "A path that answers 200 when the credentials are right, and changes nothing.",
                    howToGet: nil, example: "/api/v1/me", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: "/", choices: [], condition: .always,
                    requirement: .always, maximumLength: 1000, normalisers: [.path], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
            ], client: nil,
            authentications: [
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["bearer"]))]
                    ]),
                    what: .headers([
                        Header(
                            name: Template(pieces: [.text("Authorization")]),
                            value: Template(pieces: [.text("Bearer "), .secret("token")]))
                    ])),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["basic"]))]
                    ]),
                    what: .basic(
                        user: Template(pieces: [.setting("username")]),
                        password: Template(pieces: [.secret("password")]))),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["header"]))]
                    ]),
                    what: .headers([
                        Header(
                            name: Template(pieces: [.setting("header-name")]),
                            value: Template(pieces: [.secret("header-value")]))
                    ])),
            ],
            tests: [
                Recipe(
                    condition: .always,
                    what: TestRequest(
                        method: "GET", path: Template(pieces: [.setting("test-path")]),
                        success: [TestRequest.Statuses(lowest: 200, highest: 299)],
                        failures: [
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 401, highest: 401)], body: .any,
                                means: "The API does not accept these credentials.",
                                next: "Check the Auth type and the secret."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 403, highest: 403)], body: .any,
                                means: "The credentials are right, but they may not read the test path.",
                                next: "Choose another test path, or give the credentials more permissions."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 404, highest: 404)], body: .any,
                                means: "There is nothing at the test path.",
                                next: "Set test-path to a path that answers 200."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 429, highest: 429)], body: .any,
                                means: "The API's limit of requests is reached.", next: "Wait, and try again."
                            ),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 500, highest: 599)], body: .any,
                                means: "The API could not answer.", next: "Try again later."),
                        ]))
            ],
            variables: [
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "HTTP_API_URL",
                        value: Template(pieces: [
                            .text("https://"), .setting("domain"), .text(":"), .setting("port"),
                        ]), isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["bearer"]))]
                    ]),
                    what: Variable(
                        name: "HTTP_API_TOKEN", value: Template(pieces: [.secret("token")]), isFile: false)),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "HTTP_API_USERNAME", value: Template(pieces: [.setting("username")]),
                        isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["basic"]))]
                    ]),
                    what: Variable(
                        name: "HTTP_API_PASSWORD", value: Template(pieces: [.secret("password")]),
                        isFile: false)),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "HTTP_API_HEADER_NAME", value: Template(pieces: [.setting("header-name")]),
                        isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["header"]))]
                    ]),
                    what: Variable(
                        name: "HTTP_API_HEADER_VALUE", value: Template(pieces: [.secret("header-value")]),
                        isFile: false)),
            ], addresses: [Recipe(condition: .always, what: Template(pieces: [.setting("domain")]))],
            port: Template(pieces: [.setting("port")]), allowsPlainLoopback: true)
    }
}
