import TestSupport
import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// Opening connections for requests, tokens, the proxy and tests, and the records of tests.
@Suite struct OpeningTests {
    private let get = Purpose.request(method: "GET", path: try! RequestPath("/"), headers: [])

    @Test func `opens the host and the authorization header of a request`() throws {
        let vault = try TestVault()
        try vault.custom("prod", key: "the-key")
        let use = try vault.vault.perform(OpenConnection("prod", for: get), as: vault.session)
        #expect(use.destination == Destination(host: "team.us-1.celonis.cloud"))
        #expect(use.versions == ["app-key": 1] && use.authorizationHeaderNames == ["authorization"])
        guard case .headers(let headers) = use.authorization,
            case .secret(let key)? = headers.first?.value.last
        else {
            Issue.record("no header")
            return
        }
        #expect(headers[0].name == "Authorization" && text(key) == "the-key")
        let stored = try vault.vault.perform(ShowOwner(.connection, "prod")).secrets
        #expect(stored.map(\.usedAt) == [vault.scene.now.text])
        // `exec` has recorded the use of a child process.
        let size = vault.vault.size
        _ = try vault.vault.perform(OpenConnection("prod", for: .child), as: vault.session)
        #expect(vault.vault.size == size)
    }

    @Test func `opens a client's secret only to mint a token, and records it`() throws {
        let vault = try TestVault()
        try vault.client("shared", secret: "of-the-client")
        try vault.oauth("prod", client: "shared")
        let use = try vault.vault.perform(OpenConnection("prod", for: .token), as: vault.session)
        guard case .token(let plan) = use.authorization else {
            Issue.record("no plan")
            return
        }
        #expect(
            plan.scopes == ["studio.packages:read"] && plan.path == "/oauth2/token" && plan.style == .basic)
        #expect(
            text(try vault.vault.perform(OpenClient(of: plan), as: vault.session)) == "of-the-client")
        let entry = try #require(try vault.entries().last)
        #expect(entry.action == .mintToken && entry.object.name == "shared")
        #expect(entry.change.details["connection"] == "prod")
        let stored = try vault.vault.perform(ShowOwner(.client, "shared")).secrets
        #expect(stored.map(\.usedAt) == [vault.scene.now.text])
        // A plan from before an edit is refused.
        try vault.set("shared", "client-secret", "newer-secret")
        #expect(
            failure { try vault.vault.perform(OpenClient(of: plan), as: vault.session) }
                == .input(.changedConcurrently(name: "shared")))
    }

    // case 79
    @Test func `refuses a host that the connector does not allow, and records the refusal`() throws {
        let vault = try TestVault()
        // Stored by another program version, with a connector that allows more hosts.
        let yaml = try #require(Connector.builtInSource(named: "celonis"))
        let other = try Connector(yaml: yaml.replacing("*.celonis.cloud", with: "*.example.com"))
        let settings = [
            "api-type": ["intelligence"], "domain": ["team.example.com"], "auth-type": ["custom"],
        ]
        let draft = OwnerDraft(
            .connection, connector: "celonis", name: "prod", settings: settings,
            secrets: ["app-key": secret("k")])
        try vault.vault.change(as: vault.session) { transaction in
            var sealer = try transaction.secretSealer()
            try transaction.create(draft, with: &sealer, connector: other)
        }
        let id = try vault.vault.perform(ShowOwner(.connection, "prod")).id
        for purpose in [get, .test, .proxy(Purpose.Tally())] {
            #expect(
                failure { try vault.vault.perform(OpenConnection("prod", for: purpose), as: vault.session) }
                    == .access(.hostRefused(name: "prod", id: id, host: "team.example.com")))
            let refused = try #require(try vault.entries().last)
            #expect(refused.action == .refused && refused.object.id == id.hex)
            #expect(refused.change.details["why"] == "host team.example.com")
        }
    }

    @Test func `refuses every use with settings that are changed in the file`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        try vault.raw("UPDATE owners SET settings = replace(settings, 'team', 'evil')")
        for purpose in [get, .test, .proxy(Purpose.Tally())] {
            guard
                case .integrity(.tampered(.settingsChanged))? = failure({
                    try vault.vault.perform(OpenConnection("prod", for: purpose), as: vault.session)
                })
            else {
                Issue.record("opened")
                return
            }
        }
    }

    @Test func `records a test in an entry and a row, and finds a row that differs`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let use = try vault.vault.perform(OpenConnection("prod", for: .test), as: vault.session)
        try vault.vault.perform(
            RecordTest(TestOutcome(passed: false, status: 401, why: "no"), of: use), as: vault.session)
        try vault.vault.perform(
            RecordTest(TestOutcome(passed: true, status: 200), of: use), as: vault.session)
        #expect(try vault.vault.perform(ShowOwner(.connection, "prod")).test?.outcome.passed == true)
        #expect(try vault.vault.perform(ShowUsage(of: "prod")).last?.use == "test")
        try vault.verify()
        #expect(try vault.vault.perform(ShowOwner(.connection, "prod")).test?.isOutdated == false)
        try vault.set("prod", "app-key", "newer-key")
        #expect(try vault.vault.perform(ShowOwner(.connection, "prod")).test?.isOutdated == true)
        try vault.raw("UPDATE tests SET seq = seq - 1")
        #expect(try vault.faults() == [.testRow(owner: "prod")])
        try vault.raw("DELETE FROM tests")
        #expect(try vault.faults() == [.testRow(owner: "prod")])
    }

    private func isTested(_ vault: TestVault, _ name: String, _ field: String) throws -> Bool {
        try vault.vault.perform(ShowOwner(.connection, name)).secrets.first { $0.field == field }?.testedAt
            != nil
    }

    @Test func `a connection that is tested before it is created counts as tested, and verifies`() throws {
        let vault = try TestVault()
        let settings = [
            "api-type": ["intelligence"], "domain": ["a.eu-1.celonis.cloud"], "auth-type": ["custom"],
        ]
        let draft = OwnerDraft(
            .connection, connector: "celonis", name: "prod", settings: settings,
            secrets: ["app-key": secret("k")])
        let opened = try vault.vault.perform(OpenDraft(draft), as: vault.session)
        try vault.vault.perform(CreateOwner(draft), as: vault.session)
        try vault.vault.perform(
            RecordTest(TestOutcome(passed: true, status: 200), of: opened), as: vault.session)
        try vault.verify()
        #expect(try isTested(vault, "prod", "app-key"))
        #expect(try vault.vault.perform(ShowOwner(.connection, "prod")).test?.isOutdated == false)
    }

    @Test func `a test counts for the secrets that it used, and not for others`() throws {
        let vault = try TestVault()
        let source = ConnectorTests.source.replacing(
            "    how-to-get: Ask.\n",
            with: """
                    how-to-get: Ask.
                  - key: signing-key
                    label: Signing key
                    help: Signs webhooks.
                    secret: yes
                    how-to-get: Ask.

                """)
        try vault.vault.perform(AddConnector(source, from: "tickets.yaml"), as: vault.session)
        let draft = OwnerDraft(
            .connection, connector: "tickets", name: "prod", settings: ["domain": ["a.tickets.example"]],
            secrets: ["token": secret("t"), "signing-key": secret("s")])
        try vault.vault.perform(CreateOwner(draft), as: vault.session)
        try recordPass(vault, "prod")
        try vault.verify()
        #expect(try isTested(vault, "prod", "token"))
        #expect(try !isTested(vault, "prod", "signing-key"))
    }

    private func recordPass(_ vault: TestVault, _ name: String, label: SecretLabel = .current) throws {
        let use = try vault.vault.perform(OpenConnection(name, for: .test, label: label), as: vault.session)
        try vault.vault.perform(
            RecordTest(TestOutcome(passed: true, status: 200), of: use), as: vault.session)
    }

    @Test func `a test of a pending version counts once the version is current`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        try recordPass(vault, "prod")
        try vault.start("prod", ["app-key": "newer-key"])
        vault.advance(hours: 1)
        try vault.recordTest("prod")
        #expect(
            try vault.vault.perform(ShowOwner(.connection, "prod")).test?.time
                == Timestamp(text: "2026-03-01T08:00:00Z"))
        try vault.finish("prod")
        let test = try #require(try vault.vault.perform(ShowOwner(.connection, "prod")).test)
        #expect(test.outcome.passed && !test.isOutdated && test.by == "ana")
        #expect(test.time == Timestamp(text: "2026-03-01T09:00:00Z"))
        // A failed test of a later version does not affect this one.
        try vault.start("prod", ["app-key": "wrong-key"])
        try vault.recordTest("prod", failure: "no")
        #expect(try vault.vault.perform(ShowOwner(.connection, "prod")).test?.isOutdated == false)
        _ = try vault.vault.perform(AbortRotation(of: "prod"), as: vault.session)
        #expect(try vault.vault.perform(ShowOwner(.connection, "prod")).test?.isOutdated == false)
        // A new, untested version makes the test outdated.
        try vault.start("prod", ["app-key": "newest-key"])
        try vault.finish("prod", untested: true)
        #expect(try vault.vault.perform(ShowOwner(.connection, "prod")).test?.isOutdated == true)
    }

    @Test func `tests remain correct through rotations and rollbacks`()
        throws
    {
        let vault = try TestVault()
        try vault.custom("prod")
        try recordPass(vault, "prod")
        vault.advance(hours: 1)
        try vault.replace("prod", "newer-key")
        vault.advance(hours: 1)
        try recordPass(vault, "prod")
        try vault.verify()
        vault.advance(hours: 1)
        try vault.rollBack("prod")
        try vault.verify()
        vault.advance(hours: 1)
        try recordPass(vault, "prod")
        try vault.verify()
    }

    @Test func `tests of a client's secret count for all its connections`() throws {
        let vault = try TestVault()
        try vault.client("shared")
        for name in ["A", "B"] { try vault.oauth(name, client: "shared") }
        let untested = ListDueSecrets(neverTested: true)
        #expect(try vault.vault.perform(untested).map(\.secret.owner) == ["shared"])
        for name in ["A", "B"] { try recordPass(vault, name) }
        #expect(try vault.vault.perform(untested) == [])
        try vault.start("shared", ["client-secret": "newer"])
        let versions = try vault.vault.perform(ListRotations(of: "shared"))[0].versions
        let tried = ["A", "B"].map { RecordRotationTest.Trial(connection: $0) }
        _ = try vault.vault.perform(
            RecordRotationTest(of: "shared", versions: versions, tried: tried), as: vault.session)
        #expect(try vault.vault.perform(ShowOwner(.connection, "A")).test?.isOutdated == false)
        try vault.finish("shared")
        for name in ["A", "B"] {
            #expect(try vault.vault.perform(ShowOwner(.connection, name)).test?.isOutdated == false)
        }
        #expect(try vault.vault.perform(untested) == [])
        try vault.set("shared", "client-secret", "newest")
        #expect(try vault.vault.perform(ShowOwner(.connection, "A")).test?.isOutdated == true)
        #expect(try vault.vault.perform(untested).map(\.secret.owner) == ["shared"])
        #expect(try vault.vault.perform(ShowOwner(.client, "shared")).secrets.last?.testedAt == nil)
        try recordPass(vault, "B")
        #expect(
            try vault.vault.perform(ShowOwner(.client, "shared")).secrets.last?.testedAt
                == "2026-03-01T08:00:00Z")
        #expect(try vault.vault.perform(untested) == [])
        try vault.verify()
    }
}
