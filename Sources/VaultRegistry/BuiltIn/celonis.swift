// Written by scripts/connector-source.sh from connectors/celonis.yaml, and not by hand.

extension Connector {
    static func celonis() -> Connector {
        Connector(
            name: "celonis", title: "Celonis",
            summary: "Read KPIs, alerts and signals (Intelligence), or push data into a pool (Data push).",
            hosts: [HostPattern("*.celonis.cloud")!],
            fields: [
                Field(
                    key: "api-type", label: "API type",
                    help: "What the connection is for. It decides which ways to authenticate there are.",
                    howToGet: nil, example: nil, isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil,
                    choices: [
                        Choice(
                            value: "intelligence", label: "Intelligence",
                            help: "Read KPIs, alerts, signals and knowledge models.", condition: .always),
                        Choice(
                            value: "data-push", label: "Data push", help: "Push data into one data pool.",
                            condition: .always),
                    ], condition: .always, requirement: .always, maximumLength: 1000, normalisers: [],
                    strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "domain", label: "Domain",
                    help: "The host of your team. Paste any address of it; only the host is kept.",
                    howToGet: "1. Sign in to Celonis.\n2. Copy the address from the browser's address bar.",
                    example: "celigo.us-1.celonis.cloud", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [], condition: .always,
                    requirement: .always, maximumLength: 1000, normalisers: [.host], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "auth-type", label: "Auth type", help: "How requests prove who they come from.",
                    howToGet: nil, example: nil, isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil,
                    choices: [
                        Choice(
                            value: "custom", label: "Custom",
                            help: "With an App key, which belongs to an application.", condition: .always),
                        Choice(
                            value: "token", label: "Token",
                            help: "With an API key, which belongs to a person's profile.", condition: .always),
                        Choice(
                            value: "oauth2", label: "OAuth2.0",
                            help: "With an OAuth 2.0 client, which many connections can share.",
                            condition: Condition(alternatives: [
                                [Condition.Clause(key: "api-type", test: .oneOf(["intelligence"]))]
                            ])),
                    ], condition: .always, requirement: .always, maximumLength: 1000, normalisers: [],
                    strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "app-key", label: "App key",
                    help: "The key of an application, sent in the Authorization header as AppKey.",
                    howToGet:
                        "1. Sign in as an admin.\n2. Open Admin and settings, then Applications.\n3. Add new application, then Application key.\n4. Give it a name and save.\n5. Copy the key.",
                    example: nil, isSecret: true, isList: false, isMultiline: false, isClientReference: false,
                    defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["custom"]))]
                    ]), requirement: .always, maximumLength: 8192, normalisers: [],
                    strippedPrefixes: ["Authorization:", "AppKey "],
                    foreignPrefixes: [
                        ForeignPrefix(
                            prefix: "Bearer",
                            means:
                                "that is how an API key is sent, so set auth-type to token, or give the App key"
                        )
                    ],
                    renewal: Renewal(
                        rotateEvery: Period("365d")!, expiresAfter: nil,
                        howToRevoke:
                            "1. Sign in as an admin.\n2. Open Admin and settings, then Applications.\n3. Delete the old application key."
                    )),
                Field(
                    key: "api-key", label: "API key",
                    help: "The key of a person's profile, sent in the Authorization header as Bearer.",
                    howToGet:
                        "1. Sign in as the user whom the connection acts for.\n2. Open Profile, then Edit profile.\n3. Give the new API key a name and choose Create API key.\n4. Copy it now: it is shown once.",
                    example: nil, isSecret: true, isList: false, isMultiline: false, isClientReference: false,
                    defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["token"]))]
                    ]), requirement: .always, maximumLength: 8192, normalisers: [],
                    strippedPrefixes: ["Authorization:", "Bearer "],
                    foreignPrefixes: [
                        ForeignPrefix(
                            prefix: "AppKey",
                            means:
                                "that is how an App key is sent, so set auth-type to custom, or give the API key"
                        )
                    ],
                    renewal: Renewal(
                        rotateEvery: Period("365d")!, expiresAfter: nil,
                        howToRevoke:
                            "1. Sign in as the user whom the connection acts for.\n2. Open Profile, then Edit profile.\n3. Delete the old API key."
                    )),
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
                        "The hosts that may get this connection's token, each once. The domain above must be one of them.",
                    howToGet: nil, example: "celigo.us-1.celonis.cloud", isSecret: false, isList: true,
                    isMultiline: false, isClientReference: false, defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]), requirement: .always, maximumLength: 1000, normalisers: [.host], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "scopes", label: "Scopes",
                    help: "What the token may be used for. The client must have been given these scopes.",
                    howToGet:
                        "The scopes that were selected under Define scopes when the client was made. Some are\nintelligence.knowledge-models:read, integration.data-pools, integration.data-models:read,\nstudio.packages:read and audit.log:read.",
                    example: "intelligence.knowledge-models:read", isSecret: false, isList: true,
                    isMultiline: false, isClientReference: false, defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]), requirement: .always, maximumLength: 1000, normalisers: [.scope],
                    strippedPrefixes: [], foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                Field(
                    key: "pool-id", label: "Pool ID",
                    help:
                        "The data pool that the data goes into. Paste its ID, or the address of the pool's page.",
                    howToGet:
                        "1. Open Data integrations, then the pool.\n2. Copy the address from the browser's address bar.",
                    example: "pool-abc123", isSecret: false, isList: false, isMultiline: false,
                    isClientReference: false, defaultValue: nil, choices: [],
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "api-type", test: .oneOf(["data-push"]))]
                    ]), requirement: .always, maximumLength: 1000,
                    normalisers: [.segmentAfter(["data-pool", "pools"]), .segment], strippedPrefixes: [],
                    foreignPrefixes: [],
                    renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
            ],
            client: OAuthClientForm(
                howToGet:
                    "1. Sign in as an admin.\n2. Open Admin and settings, then Applications.\n3. Add new application, then OAuth client.\n4. Give it a name, and choose \"Client secret basic\" as authentication method.\n5. Choose Define scopes, select them, and Create.\n6. Copy the client ID and the client secret.",
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
                            "Admin and settings, Applications, Add new application, OAuth client: it is shown when the client is\ncreated, beside the client ID.",
                        example: nil, isSecret: true, isList: false, isMultiline: false,
                        isClientReference: false, defaultValue: nil, choices: [], condition: .always,
                        requirement: .always, maximumLength: 8192, normalisers: [], strippedPrefixes: [],
                        foreignPrefixes: [],
                        renewal: Renewal(rotateEvery: Period("365d")!, expiresAfter: nil, howToRevoke: nil)),
                    Field(
                        key: "valid-domain-names", label: "Valid domain names",
                        help:
                            "The hosts that may get this client's secret. A connection can use these or fewer.",
                        howToGet: nil, example: "celigo.us-1.celonis.cloud", isSecret: false, isList: true,
                        isMultiline: false, isClientReference: false, defaultValue: nil, choices: [],
                        condition: .always, requirement: .always, maximumLength: 1000, normalisers: [.host],
                        strippedPrefixes: [], foreignPrefixes: [],
                        renewal: Renewal(rotateEvery: nil, expiresAfter: nil, howToRevoke: nil)),
                ],
                token: TokenEndpoint(
                    host: nil, path: Template(pieces: [.text("/oauth2/token")]), grant: .clientCredentials,
                    style: .basic)),
            authentications: [
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["custom"]))]
                    ]),
                    what: .headers([
                        Header(
                            name: Template(pieces: [.text("Authorization")]),
                            value: Template(pieces: [.text("AppKey "), .secret("app-key")]))
                    ])),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["token"]))]
                    ]),
                    what: .headers([
                        Header(
                            name: Template(pieces: [.text("Authorization")]),
                            value: Template(pieces: [.text("Bearer "), .secret("api-key")]))
                    ])),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]),
                    what: .oauth2(
                        OAuth2(
                            clientField: "oauth-client", scopesField: "scopes",
                            endpoint: TokenEndpoint(
                                host: nil, path: Template(pieces: [.text("/oauth2/token")]),
                                grant: .clientCredentials, style: .basic),
                            header: Header(
                                name: Template(pieces: [.text("Authorization")]),
                                value: Template(pieces: [.text("Bearer "), .token]))))),
            ],
            tests: [
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "api-type", test: .oneOf(["intelligence"]))]
                    ]),
                    what: TestRequest(
                        method: "GET",
                        path: Template(pieces: [.text("/intelligence/api/knowledge-models?page=0&pageSize=1")]
                        ), success: [TestRequest.Statuses(lowest: 200, highest: 200)],
                        failures: [
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 401, highest: 401)],
                                body: .contains("must start with"),
                                means: "The key was sent in the form of the other kind.",
                                next:
                                    "Check the Auth type. An App key goes with Custom, an API key with Token."
                            ),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 401, highest: 401)], body: .any,
                                means:
                                    "Celonis does not know the key, or it has been deleted or has expired.",
                                next: "Make a new key and store it."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 403, highest: 403)], body: .empty,
                                means: "The Intelligence API is not enabled for this team.",
                                next: "Ask your Celonis contact to enable it."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 403, highest: 403)],
                                body: .contains("ADMIN_ACCESS_ERROR"),
                                means: "The key is right, but it may not do this.",
                                next:
                                    "Give the application or user the permission for knowledge models, or the client the scope."
                            ),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 403, highest: 403)], body: .any,
                                means: "The key is right, but it may not read knowledge models.",
                                next: "Check the permissions of the application, user or OAuth client."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 404, highest: 404)], body: .any,
                                means: "There is no Intelligence API at this domain.",
                                next: "Check the domain, its cluster (such as us-1 or eu-1) too."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 429, highest: 429)], body: .any,
                                means:
                                    "The team has used up its requests. Celonis allows 20 a second and 6000 a day.",
                                next: "Wait until the time in the header x-ratelimit-reset."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 500, highest: 599)], body: .any,
                                means: "Celonis could not answer.", next: "Try again later."),
                        ])),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "api-type", test: .oneOf(["data-push"]))]
                    ]),
                    what: TestRequest(
                        method: "GET",
                        path: Template(pieces: [
                            .text("/integration/api/v1/data-push/"), .setting("pool-id"), .text("/jobs/"),
                        ]), success: [TestRequest.Statuses(lowest: 200, highest: 200)],
                        failures: [
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 401, highest: 401)],
                                body: .contains("must start with"),
                                means: "The key was sent in the form of the other kind.",
                                next:
                                    "Check the Auth type. An App key goes with Custom, an API key with Token."
                            ),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 401, highest: 401)], body: .any,
                                means:
                                    "Celonis does not know the key, or it has been deleted or has expired.",
                                next: "Make a new key and store it."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 403, highest: 403)], body: .any,
                                means: "The key is right, but it may not push data into this pool.",
                                next: "Give the application or user the permission for the data pool."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 404, highest: 404)], body: .any,
                                means: "There is no such pool in this team.",
                                next: "Check the Pool ID and the domain."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 429, highest: 429)], body: .any,
                                means:
                                    "The team has used up its requests. Celonis allows 20 a second and 6000 a day.",
                                next: "Wait until the time in the header x-ratelimit-reset."),
                            TestRequest.Failure(
                                statuses: [TestRequest.Statuses(lowest: 500, highest: 599)], body: .any,
                                means: "Celonis could not answer.", next: "Try again later."),
                        ])),
            ],
            variables: [
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "CELONIS_URL",
                        value: Template(pieces: [.text("https://"), .setting("domain")]), isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["custom"]))]
                    ]),
                    what: Variable(
                        name: "CELONIS_API_TOKEN", value: Template(pieces: [.secret("app-key")]),
                        isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["token"]))]
                    ]),
                    what: Variable(
                        name: "CELONIS_API_TOKEN", value: Template(pieces: [.secret("api-key")]),
                        isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]),
                    what: Variable(
                        name: "CELONIS_API_TOKEN", value: Template(pieces: [.token]), isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["custom"]))]
                    ]),
                    what: Variable(
                        name: "CELONIS_KEY_TYPE", value: Template(pieces: [.text("APP_KEY")]), isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["token", "oauth2"]))]
                    ]),
                    what: Variable(
                        name: "CELONIS_KEY_TYPE", value: Template(pieces: [.text("USER_KEY")]), isFile: false)
                ),
                Recipe(
                    condition: .always,
                    what: Variable(
                        name: "TEAM_URL", value: Template(pieces: [.text("https://"), .setting("domain")]),
                        isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["custom"]))]
                    ]),
                    what: Variable(
                        name: "API_TOKEN", value: Template(pieces: [.secret("app-key")]), isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["token"]))]
                    ]),
                    what: Variable(
                        name: "API_TOKEN", value: Template(pieces: [.secret("api-key")]), isFile: false)),
                Recipe(
                    condition: Condition(alternatives: [
                        [Condition.Clause(key: "auth-type", test: .oneOf(["oauth2"]))]
                    ]), what: Variable(name: "API_TOKEN", value: Template(pieces: [.token]), isFile: false)),
            ], addresses: [Recipe(condition: .always, what: Template(pieces: [.setting("domain")]))],
            port: nil, allowsPlainLoopback: false)
    }
}
