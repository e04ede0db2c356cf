// Written by scripts/connector-source.sh from connectors/servicenow.yaml, and not by hand.

extension Connector {
    static func servicenow() -> Connector {
        Connector(
            name: "servicenow", title: "ServiceNow",
            summary: "The tables and REST APIs of one ServiceNow instance.",
            hosts: [HostPattern("*.service-now.com")!],
            fields: [
                Field(
                    key: "subdomain", label: "Subdomain",
                    help:
                        "The instance's name, which is the first part of its address. Paste any address of it.",
                    howToGet:
                        "1. Sign in to the instance.\n2. Copy the address from the browser's address bar.",
                    example: "dev12345", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [], condition: .always,
                    requirement: .always, maximumLength: 1000, normalisers: [.subdomain("service-now.com")],
                    strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "auth-type", label: "Auth type", help: "How requests prove who they come from.",
                    howToGet: nil, example: nil, isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil,
                    choices: [
                        Choice(
                            value: "basic", label: "Basic", help: "With a user name and password.",
                            condition: .always),
                        Choice(
                            value: "oauth2", label: "OAuth2.0",
                            help: "With an OAuth 2.0 client, which many connections can share.",
                            condition: .always),
                    ], condition: .always, requirement: .always, maximumLength: 1000, normalisers: [],
                    strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "username", label: "User name",
                    help:
                        "The user whom the connection acts for. Best one of its own, with only the roles that it needs.",
                    howToGet: nil, example: "svc-integration", isSecret: false, isList: false,
                    isMultiline: false, isClientReference: false, defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["basic"]))]
                    ]), requirement: .always, maximumLength: 1000, normalisers: [], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "password", label: "Password", help: "The user's password.",
                    howToGet:
                        "1. Sign in as an admin and open User Administration, then Users.\n2. Open the user and choose Set Password.\n3. Generate it, copy it and save.",
                    example: nil, isSecret: true, isList: false, isMultiline: false, isClientReference: false,
                    defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["basic"]))]
                    ]), requirement: .always, maximumLength: 8192, normalisers: [], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: Period("180d")!, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "oauth-client", label: "OAuth 2.0 client",
                    help: "The name of a stored client, which holds the client ID and the client secret.",
                    howToGet: nil, example: nil, isSecret: false, isList: false, isMultiline: false,
                    isClientReference: true, defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]), requirement: .always, maximumLength: 1000, normalisers: [], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "valid-domain-names", label: "Valid domain names",
                    help:
                        "The hosts that may get this connection's token, each once. The instance's host must be one of them.",
                    howToGet: nil, example: "dev12345.service-now.com", isSecret: false, isList: true,
                    isMultiline: false, isClientReference: false, defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]), requirement: .always, maximumLength: 1000, normalisers: [.host], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "scopes", label: "Scopes",
                    help: "What the token may be used for, where the instance limits it.", howToGet: nil,
                    example: "useraccount", isSecret: false, isList: true, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]), requirement: .never, maximumLength: 1000, normalisers: [.scope], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
            ],
            client: OAuthClientForm(
                howToGet:
                    "1. Sign in as an admin and open System OAuth, then Application Registry.\n2. New, then the entry for an OAuth API endpoint for external clients.\n3. Give it a name and save; the instance makes the client secret.\n4. Copy the client ID and the client secret.",
                fields: [
                    Field(
                        key: "client-id", label: "Client ID", help: "The public name of the client.",
                        howToGet: nil, example: nil, isSecret: false, isList: false, isMultiline: false,
                        isClientReference: false, defaultValue: nil, choices: [], condition: .always,
                        requirement: .always, maximumLength: 1000, normalisers: [], strippedPrefixes: [],
                        foreignPrefixes: [],
                        renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                    Field(
                        key: "client-secret", label: "Client secret",
                        help:
                            "The secret of the client. It is only ever sent to the valid domain names below.",
                        howToGet:
                            "System OAuth, Application Registry, the client's entry: the lock beside Client Secret shows it.",
                        example: nil, isSecret: true, isList: false, isMultiline: false,
                        isClientReference: false, defaultValue: nil, choices: [], condition: .always,
                        requirement: .always, maximumLength: 8192, normalisers: [], strippedPrefixes: [],
                        foreignPrefixes: [],
                        renewal: Renewal(rotateEvery: Period("365d")!, expiresAfter: nil, howToRevoke: nil)),
                    Field(
                        key: "valid-domain-names", label: "Valid domain names",
                        help:
                            "The hosts that may get this client's secret. A connection can use these or fewer.",
                        howToGet: nil, example: "dev12345.service-now.com", isSecret: false, isList: true,
                        isMultiline: false, isClientReference: false, defaultValue: nil, choices: [],
                        condition: .always, requirement: .always, maximumLength: 1000, normalisers: [.host],
                        strippedPrefixes: [], foreignPrefixes: [],
                        renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                ],
                token: TokenEndpoint(
                    host: nil, path: Template(pieces: [.text("/oauth_token.do")]), grant: .clientCredentials,
                    style: .body)),
            authentications: [
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["basic"]))]
                    ]),
                    what: .basic(
                        user: Template(pieces: [.setting("username")]),
                        password: Template(pieces: [.secret("password")]))),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]),
                    what: .oauth2(
                        OAuth2(
                            clientField: "oauth-client", scopesField: "scopes",
                            endpoint: TokenEndpoint(
                                host: nil, path: Template(pieces: [.text("/oauth_token.do")]),
                                grant: .clientCredentials, style: .body),
                            header: Header(
                                name: Template(pieces: [.text("Authorization")]),
                                value: Template(pieces: [.text("Bearer "), .token]))))),
            ],
            tests: [
                Recipe(
                    condition: .always,
                    what: TestRequest(
                        method: "GET",
                        path: Template(pieces: [
                            .text("/api/now/table/sys_user?sysparm_limit=1&sysparm_fields=sys_id")
                        ]), success: [TestRequest.Statuses(lowest: 200, highest: 200)],
                        failures: [
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 401, highest: 401)], body: .any,
                                means: "The instance does not accept these credentials.",
                                next:
                                    "Check the user name and the password, or the client; a user may be locked out."
                            ),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 403, highest: 403)], body: .any,
                                means: "The credentials are right, but they may not read the table of users.",
                                next: "Give the user a role that may read sys_user through REST."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 404, highest: 404)], body: .any,
                                means: "There is no table API at this host.", next: "Check the subdomain."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 429, highest: 429)], body: .any,
                                means: "The instance's limit of requests is reached.",
                                next: "Wait until the time in the header Retry-After."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 500, highest: 599)], body: .any,
                                means:
                                    "The instance could not answer. Developer instances go to sleep when nobody uses them.",
                                next: "Open the instance in a browser to wake it, and try again."),
                        ]))
            ],
            variables: [
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "SERVICENOW_URL",
                        value: Template(pieces: [
                            .text("https://"), .setting("subdomain"), .text(".service-now.com"),
                        ]), isFile: false)),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "SERVICENOW_USERNAME", value: Template(pieces: [.setting("username")]),
                        isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["basic"]))]
                    ]),
                    what: Variable(
                        name: "SERVICENOW_PASSWORD", value: Template(pieces: [.secret("password")]),
                        isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]),
                    what: Variable(name: "SERVICENOW_TOKEN", value: Template(pieces: [.token]), isFile: false)
                ),
            ],
            addresses: [
                Recipe(
                    condition: .always,
                    what: Template(pieces: [.setting("subdomain"), .text(".service-now.com")]))
            ], port: nil, allowsPlainLoopback: false)
    }
}
