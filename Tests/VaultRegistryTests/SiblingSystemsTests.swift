import Testing

@testable import VaultRegistry

/// Connector files of other systems, which the format must support.
enum Sibling {
    static let slack = """
        connector: slack
        title: Slack
        summary: A Slack workspace.
        hosts: [slack.com]
        host: slack.com
        fields:
          - key: api-type
            label: API type
            help: Which API.
            choices:
              - {value: web, label: Web API, help: Methods.}
              - {value: scim, label: SCIM, help: Users.}
          - key: api-version
            label: API version
            help: Which version of it.
            choices:
              - {value: v1, help: The only one of SCIM., when: {api-type: scim}}
              - {value: v2, help: The only one of the Web API., when: {api-type: web}}
          - key: auth-type
            label: Auth type
            help: How.
            choices: [{value: oauth2, help: A client.}, {value: token, help: A token.}]
          - {key: token, label: Token, help: The token., secret: yes, how-to-get: Ask., when: {auth-type: token}}
          - {key: oauth-client, label: Client, help: The client., client: yes, when: {auth-type: oauth2}}
          - {key: valid-domain-names, label: Domains, help: Hosts., list: yes, normalise: host, when: {auth-type: oauth2}}
          - {key: user-scopes, label: User scopes, help: Several., list: yes, normalise: scope, when: {auth-type: oauth2}}
          - {key: refresh-token, label: Refresh token, help: It., secret: yes, how-to-get: Ask., when: {auth-type: oauth2}}
        client:
          fields:
            - {key: client-id, label: Client ID, help: It.}
            - {key: client-secret, label: Client secret, help: It., secret: yes, how-to-get: Ask.}
            - {key: valid-domain-names, label: Domains, help: Hosts., list: yes, normalise: host}
          token: {path: /api/oauth.v2.access, style: body, grant: refresh-token, field: refresh-token}
        authenticate:
          - {when: {auth-type: token}, bearer: "{token}"}
          - {when: {auth-type: oauth2}, oauth2: {client: oauth-client, scopes: user-scopes}}
        tests:
          - method: POST
            path: /api/auth.test
            failures:
              - {status: 200, contains: invalid_auth, means: The token is wrong.}
        """

    static let sap = """
        connector: sap-s4hana
        title: SAP S/4HANA
        summary: OData services.
        hosts: ["*.s4hana.cloud.sap", "*.s4hana.ondemand.com"]
        host: "{host}"
        fields:
          - key: api-type
            label: API type
            help: Which.
            choices: [{value: odata, help: OData.}, {value: soap, help: SOAP.}]
          - key: api-version
            label: API version
            help: Which.
            choices:
              - {value: v2, help: OData 2., when: {api-type: odata}}
              - {value: v4, help: OData 4., when: {api-type: odata}}
              - {value: "1.1", help: SOAP., when: {api-type: soap}}
          - {key: host, label: Host, help: The host., normalise: host, example: my1.s4hana.ondemand.com}
          - {key: username, label: User, help: The user.}
          - {key: password, label: Password, help: Its password., secret: yes, how-to-get: Ask.}
        authenticate:
          - basic: {user: "{username}", password: "{password}"}
        tests:
          - when: {api-version: {not: v4}}
            path: /sap/opu/odata/iwfnd/catalogservice/
          - path: /sap/opu/odata4/
        """

    static let netsuite = """
        connector: netsuite
        title: NetSuite
        summary: SuiteTalk.
        hosts: ["*.suitetalk.api.netsuite.com"]
        host:
          - {when: {environment: production}, is: "{account-id}.suitetalk.api.netsuite.com"}
          - {when: {environment: sandbox}, is: "{account-id}-sb1.suitetalk.api.netsuite.com"}
        fields:
          - {key: auth-type, label: Auth type, help: How., choices: [{value: oauth2, help: x}, {value: token, help: x}]}
          - key: environment
            label: Environment
            help: Which.
            choices: [{value: production, help: x}, {value: sandbox, help: x}]
          - {key: account-id, label: Account, help: Its id., normalise: [upper-case, segment], example: TD1234}
          - {key: oauth-client, label: Client, help: x, client: yes, when: {auth-type: oauth2}}
          - {key: valid-domain-names, label: Domains, help: x, list: yes, when: {auth-type: oauth2}, normalise: host}
          - {key: token-id, label: Token ID, help: x, secret: yes, how-to-get: x, when: {auth-type: token}}
          - {key: token-secret, label: Token secret, help: x, secret: yes, how-to-get: x, when: {auth-type: token}}
        client:
          fields:
            - {key: client-id, label: Client ID, help: x}
            - {key: client-secret, label: Client secret, help: x, secret: yes, how-to-get: x}
            - {key: valid-domain-names, label: Domains, help: x, list: yes, normalise: host}
          token: {path: /services/rest/auth/oauth2/v1/token}
        authenticate:
          - {when: {auth-type: oauth2}, oauth2: {client: oauth-client}}
        variables:
          - {name: NETSUITE_TOKEN_ID, value: "{token-id}", when: {auth-type: token}}
          - {name: NETSUITE_TOKEN_SECRET, value: "{token-secret}", when: {auth-type: token}}
        """

    static let salesforce = """
        connector: salesforce
        title: Salesforce
        summary: REST API.
        hosts: ["*.salesforce.com"]
        host:
          - {when: {sandbox: "yes"}, is: test.salesforce.com}
          - {when: {sandbox: "no"}, is: login.salesforce.com}
        fields:
          - {key: sandbox, label: Sandbox, help: x, default: "no", choices: [{value: "yes", help: x}, {value: "no", help: x}]}
          - {key: flow, label: Flow, help: x, choices: [{value: jwt, help: x}, {value: refresh-token, help: x}]}
          - {key: username, label: User, help: x, when: {flow: jwt}}
          - {key: private-key, label: Key, help: x, secret: yes, multiline: yes, how-to-get: x, when: {flow: jwt}}
          - {key: refresh-token, label: Token, help: x, secret: yes, how-to-get: x, when: {flow: refresh-token}}
          - {key: oauth-client, label: Client, help: x, client: yes}
          - {key: valid-domain-names, label: Domains, help: x, list: yes, normalise: host}
          - {key: scopes, label: Scopes, help: x, list: yes, normalise: scope, required: no}
        client:
          fields:
            - {key: client-id, label: Client ID, help: x}
            - {key: client-secret, label: Client secret, help: x, secret: yes, how-to-get: x, required: no}
            - {key: valid-domain-names, label: Domains, help: x, list: yes, normalise: host}
          token:
            path: /services/oauth2/token
            style: body
            grant: jwt-bearer
            field: private-key
            issuer: "{client.client-id}"
            subject: "{username}"
            audience: https://login.salesforce.com
        authenticate:
          - oauth2: {client: oauth-client, scopes: scopes, header: {name: Authorization, value: "OAuth {access-token}"}}
        """

    static let snowflake = """
        connector: snowflake
        title: Snowflake
        summary: A warehouse.
        hosts: ["*.snowflakecomputing.com"]
        host: "{account}.snowflakecomputing.com"
        fields:
          - {key: account, label: Account, help: x, normalise: {subdomain-of: snowflakecomputing.com}}
          - {key: database, label: Database, help: x}
          - {key: user, label: User, help: x}
          - {key: warehouse, label: Warehouse, help: x, required: no}
          - {key: role, label: Role, help: x, required: no}
          - {key: private-key, label: Key, help: x, secret: yes, multiline: yes, how-to-get: x}
          - {key: passphrase, label: Passphrase, help: x, secret: yes, how-to-get: x, required: no}
        variables:
          - {name: SNOWFLAKE_ACCOUNT, value: "{account}"}
          - {name: SNOWFLAKE_ROLE, value: "{role}"}
          - {name: SNOWFLAKE_PRIVATE_KEY_PATH, value: "{private-key}", file: yes}
          - {name: PRIVATE_KEY_PASSPHRASE, value: "{passphrase}"}
        """

    static let s3 = """
        connector: s3
        title: Amazon S3
        summary: Buckets.
        hosts: ["*.amazonaws.com"]
        host: "s3.{region}.amazonaws.com"
        fields:
          - {key: region, label: Region, help: x, default: eu-central-1, normalise: lower-case}
          - key: role-arn
            label: Role
            help: x
            required: [{access-key-id: {given: no}}]
          - {key: access-key-id, label: Key ID, help: x, required: {role-arn: {given: no}}}
          - key: secret-access-key
            label: Secret key
            help: x
            secret: yes
            how-to-get: x
            when: {access-key-id: {given: yes}}
        variables:
          - {name: AWS_ACCESS_KEY_ID, value: "{access-key-id}"}
          - {name: AWS_SECRET_ACCESS_KEY, value: "{secret-access-key}", when: {access-key-id: {given: yes}}}
        """

    static let integrator = """
        connector: integrator-io
        title: integrator.io
        summary: Celigo's own API.
        hosts: [api.integrator.io, api.eu.integrator.io]
        host:
          - {when: {region: na}, is: api.integrator.io}
          - {is: api.eu.integrator.io}
        fields:
          - {key: region, label: Region, help: x, choices: [{value: na, label: NA, help: x}, {value: eu, label: EU, help: x}]}
          - {key: token, label: Token, help: x, secret: yes, how-to-get: x, strip-prefixes: ["Bearer "]}
        authenticate: [{bearer: "{token}"}]
        tests: [{path: /v1/tokenInfo}]
        """

    static let all = [slack, sap, netsuite, salesforce, snowflake, s3, integrator]
}

@Suite struct `Connectors of other systems` {
    @Test(arguments: Sibling.all) func `have no diagnostics`(yaml: String) {
        #expect(Connector.lint(yaml) == [])
    }

    private func draft(_ yaml: String, _ raw: [String: String], _ secrets: Set<String>) throws -> (
        Connector, Settings
    ) {
        let connector = try Connector(yaml: yaml)
        let draft = try connector.validate(raw: raw.mapValues { [$0] }, secretsGiven: secrets).get()
        #expect(Set(draft.secretFields.map(\.key)) == secrets)
        return (connector, draft.settings)
    }

    @Test func `can offer different choices in each branch (Slack)`() throws {
        let base = ["api-type": "web", "api-version": "v2", "auth-type": "token"]
        let (slack, settings) = try draft(Sibling.slack, base, ["token"])
        #expect(slack.host(for: settings) == "slack.com")
        #expect(slack.test(for: settings)?.method == "POST")
        let wrong = slack.validate(
            raw: base.merging(["api-version": "v1"]) { $1 }.mapValues { [$0] }, secretsGiven: ["token"])
        #expect(wrong.problems.first?.message == "api-version can't be 'v1' when api-type is web")
        let (_, oauth) = try draft(
            Sibling.slack,
            [
                "api-type": "scim", "api-version": "v1", "auth-type": "oauth2", "oauth-client": "S",
                "valid-domain-names": "slack.com", "user-scopes": "chat:write users:read",
            ], ["refresh-token"])
        guard case .oauth2(let recipe)? = slack.authentication(for: oauth) else {
            Issue.record("no OAuth")
            return
        }
        #expect(recipe.endpoint.grant == .refreshToken(field: "refresh-token"))
        #expect(slack.tokenHost(connection: oauth, client: [:]) == "slack.com")
    }

    @Test func `can have a test for each version (SAP)`() throws {
        let raw = [
            "api-type": "odata", "api-version": "v2", "host": "https://my1.s4hana.ondemand.com/ui",
            "username": "u",
        ]
        let (sap, settings) = try draft(Sibling.sap, raw, ["password"])
        #expect(sap.test(for: settings)?.path.text(settings: settings)?.contains("iwfnd") == true)
        #expect(sap.test(for: ["api-version": .text("v4")])?.path.text(settings: [:]) == "/sap/opu/odata4/")
    }

    @Test func `can have a host for each environment (NetSuite)`() throws {
        let raw = ["auth-type": "token", "environment": "sandbox", "account-id": "td1234"]
        let (netsuite, settings) = try draft(Sibling.netsuite, raw, ["token-id", "token-secret"])
        #expect(settings["account-id"] == .text("TD1234"))
        #expect(netsuite.host(for: settings) == "td1234-sb1.suitetalk.api.netsuite.com")
        #expect(netsuite.authentication(for: settings) == nil)
        #expect(netsuite.variables(for: settings).count == 2)
    }

    @Test func `can use a JWT grant (Salesforce)`() throws {
        let raw = [
            "flow": "jwt", "username": "me@example.com", "oauth-client": "SF",
            "valid-domain-names": "login.salesforce.com",
        ]
        let (salesforce, settings) = try draft(Sibling.salesforce, raw, ["private-key"])
        #expect(salesforce.host(for: settings) == "login.salesforce.com")
        guard case .oauth2(let recipe)? = salesforce.authentication(for: settings),
            case .jwtBearer(let key, let issuer, let subject, _) = recipe.endpoint.grant
        else {
            Issue.record("no JWT")
            return
        }
        #expect(key == "private-key")
        #expect(issuer.text(settings: settings, client: ["client-id": .text("3MVG")]) == "3MVG")
        #expect(issuer.text(settings: settings) == nil)
        #expect(subject.text(settings: settings) == "me@example.com")
        #expect(recipe.header.value == Template(pieces: [.text("OAuth "), .token]))
    }

    @Test func `can extract an account from an address (Snowflake)`() throws {
        let raw = [
            "account": "https://xy12345.eu-west-1.snowflakecomputing.com/console", "database": "D",
            "user": "U",
        ]
        let (snowflake, settings) = try draft(Sibling.snowflake, raw, ["private-key"])
        #expect(settings["account"] == .text("xy12345.eu-west-1"))
        #expect(snowflake.host(for: settings) == "xy12345.eu-west-1.snowflakecomputing.com")
        let names = snowflake.variables(for: settings).map(\.name)
        #expect(names == ["SNOWFLAKE_ACCOUNT", "SNOWFLAKE_PRIVATE_KEY_PATH", "PRIVATE_KEY_PASSPHRASE"])
    }

    @Test func `can require one of two fields (S3)`() throws {
        let s3 = try Connector(yaml: Sibling.s3)
        #expect(s3.validate(raw: ["role-arn": ["arn:aws:iam::1:role/x"]], secretsGiven: []).problems == [])
        #expect(
            try s3.validate(raw: ["access-key-id": ["AKIA"]], secretsGiven: ["secret-access-key"]).get()
                .settings["region"]
                == .text("eu-central-1"))
        #expect(
            s3.validate(raw: [:], secretsGiven: []).problems.map(\.field) == [
                "role-arn", "access-key-id",
            ])
        #expect(s3.validate(raw: ["access-key-id": ["AKIA"]], secretsGiven: []).problems.count == 1)
    }

    @Test func `can have a host for each region (integrator.io)`() throws {
        let (connector, settings) = try draft(Sibling.integrator, ["region": "EU"], ["token"])
        #expect(connector.host(for: settings) == "api.eu.integrator.io")
        #expect(connector.problems(connection: settings, client: [:]) == [])
    }
}
