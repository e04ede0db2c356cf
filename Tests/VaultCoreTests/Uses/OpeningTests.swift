import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

@Suite struct OpeningTests {
    private let get = Purpose.request(method: "GET", path: try! RequestPath("/"), headers: [])

    @Test func `opens what a request needs: the host, and a header with the key in it`() throws {
        let vault = try TestVault()
        try vault.custom("prod", key: "the-key")
        let use = try vault.vault.open("prod", for: get, as: vault.session)
        #expect(use.destination == Destination(host: "team.us-1.celonis.cloud"))
        #expect(use.versions == ["app-key": 1] && use.ownHeaders == ["authorization"])
        guard case .headers(let headers) = use.proof, case .secret(let key)? = headers.first?.value.last
        else {
            Issue.record("no header")
            return
        }
        #expect(headers[0].name == "Authorization" && text(key) == "the-key")
    }

    @Test func `a client's secret is opened for a token only, and that is its entry`() throws {
        let vault = try TestVault()
        try vault.client("shared", secret: "of-the-client")
        try vault.oauth("prod", client: "shared")
        let use = try vault.vault.open("prod", for: .token, as: vault.session)
        guard case .token(let plan) = use.proof else {
            Issue.record("no plan")
            return
        }
        #expect(
            plan.scopes == ["studio.packages:read"] && plan.path == "/oauth2/token" && plan.style == .basic)
        #expect(text(try vault.vault.openClient(of: plan, as: vault.session).secret) == "of-the-client")
        let entry = try #require(try vault.entries().last)
        #expect(entry.action == .mintToken && entry.object.name == "shared")
        #expect(entry.change.details["connection"] == "prod")
        // A plan of before an edit is not used after it.
        try vault.set("shared", "client-secret", "newer-secret")
        #expect(
            failure { try vault.vault.openClient(of: plan, as: vault.session) }
                == .changedMeanwhile(name: "shared"))
    }

    // case 79
    @Test func `a host that the connector does not allow gets nothing, and the refusal is an entry`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let yaml = try #require(Connector.builtInYAML("celonis"))
        // As a program of another version could have it.
        vault.vault.builtIns = [
            try Connector(yaml: yaml.replacing("*.celonis.cloud", with: "*.eu-1.celonis.cloud"))
        ]
        let id = try vault.vault.show(.connection, "prod").id
        for purpose in [get, .test, .proxy(Purpose.Tally())] {
            #expect(
                failure { try vault.vault.open("prod", for: purpose, as: vault.session) }
                    == .hostRefused(name: "prod", id: id, host: "team.us-1.celonis.cloud"))
            let refused = try #require(try vault.entries().last)
            #expect(refused.action == .refused && refused.object.id == id.hex)
            #expect(refused.change.details["why"] == "host team.us-1.celonis.cloud")
        }
    }

    @Test func `settings that were changed in the file open nothing for any use`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        try vault.raw("UPDATE owners SET settings = replace(settings, 'team', 'evil')")
        for purpose in [get, .test, .proxy(Purpose.Tally())] {
            guard
                case .tampered(.settingsChanged)? = failure({
                    try vault.vault.open("prod", for: purpose, as: vault.session)
                })
            else {
                Issue.record("opened")
                return
            }
        }
    }

    @Test func `a test is told by entry and row, and a row that says otherwise is found`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        let use = try vault.vault.open("prod", for: .test, as: vault.session)
        try vault.vault.recordTest(
            TestOutcome(passed: false, status: 401, why: "no"), of: use, as: vault.session)
        try vault.vault.recordTest(TestOutcome(passed: true, status: 200), of: use, as: vault.session)
        #expect(try vault.vault.show(.connection, "prod").test?.outcome.passed == true)
        #expect(try vault.vault.usage(of: "prod").last?.use == "test")
        try vault.verify()
        #expect(try vault.vault.show(.connection, "prod").test?.isOutdated == false)
        try vault.set("prod", "app-key", "newer-key")
        #expect(try vault.vault.show(.connection, "prod").test?.isOutdated == true)
        try vault.raw("UPDATE tests SET seq = seq - 1")
        #expect(try vault.faults() == [.testRow(owner: "prod")])
        try vault.raw("DELETE FROM tests")
        #expect(try vault.faults() == [.testRow(owner: "prod")])
    }

    private func pass(_ vault: TestVault, _ name: String, label: SecretLabel = .current) throws {
        let use = try vault.vault.open(name, for: .test, label: label, as: vault.session)
        try vault.vault.recordTest(TestOutcome(passed: true, status: 200), of: use, as: vault.session)
    }

    @Test func `what was tested while it was pending is as good as tested when it has taken over`() throws {
        let vault = try TestVault()
        try vault.custom("prod")
        try pass(vault, "prod")
        try vault.start("prod", ["app-key": "newer-key"])
        vault.pass(1)
        try vault.tell("prod")
        #expect(
            try vault.vault.show(.connection, "prod").test?.time == Timestamp(text: "2026-03-01T08:00:00Z"))
        try vault.finish("prod")
        let test = try #require(try vault.vault.show(.connection, "prod").test)
        #expect(test.outcome.passed && !test.isOutdated && test.by == "ana")
        #expect(test.time == Timestamp(text: "2026-03-01T09:00:00Z"))
        // What comes after it and fails says nothing of it.
        try vault.start("prod", ["app-key": "wrong-key"])
        try vault.tell("prod", failure: "no")
        #expect(try vault.vault.show(.connection, "prod").test?.isOutdated == false)
        _ = try vault.vault.abortRotation(of: "prod", as: vault.session)
        #expect(try vault.vault.show(.connection, "prod").test?.isOutdated == false)
        // Another one that nobody has tested is not.
        try vault.start("prod", ["app-key": "newest-key"])
        try vault.finish("prod", untested: true)
        #expect(try vault.vault.show(.connection, "prod").test?.isOutdated == true)
    }

    @Test func `a version that a connection's test passed can be rotated away, and what is shown stays true`()
        throws
    {
        let vault = try TestVault()
        try vault.custom("prod")
        try pass(vault, "prod")
        vault.pass(1)
        try vault.replace("prod", "newer-key")
        vault.pass(1)
        try pass(vault, "prod")
        try vault.verify()
        vault.pass(1)
        try vault.rollBack("prod")
        try vault.verify()
        vault.pass(1)
        try pass(vault, "prod")
        try vault.verify()
    }

    @Test func `a client's secret counts with the connections that use it`() throws {
        let vault = try TestVault()
        try vault.client("shared")
        for name in ["A", "B"] { try vault.oauth(name, client: "shared") }
        let untested = DueQuery(neverTested: true)
        #expect(try vault.vault.due(untested).map(\.secret.owner) == ["shared"])
        for name in ["A", "B"] { try pass(vault, name) }
        #expect(try vault.vault.due(untested) == [])
        try vault.start("shared", ["client-secret": "newer"])
        let versions = try vault.vault.rotations(of: "shared")[0].versions
        let tried = ["A", "B"].map { RotationTest.Trial(connection: $0) }
        _ = try vault.vault.recordRotationTest(
            RotationTest(of: "shared", versions: versions, tried: tried), as: vault.session)
        #expect(try vault.vault.show(.connection, "A").test?.isOutdated == false)
        try vault.finish("shared")
        for name in ["A", "B"] { #expect(try vault.vault.show(.connection, name).test?.isOutdated == false) }
        #expect(try vault.vault.due(untested) == [])
        try vault.set("shared", "client-secret", "newest")
        #expect(try vault.vault.show(.connection, "A").test?.isOutdated == true)
        #expect(try vault.vault.due(untested).map(\.secret.owner) == ["shared"])
        #expect(try vault.vault.show(.client, "shared").secrets.last?.testedAt == nil)
        try pass(vault, "B")
        #expect(try vault.vault.show(.client, "shared").secrets.last?.testedAt == "2026-03-01T08:00:00Z")
        #expect(try vault.vault.due(untested) == [])
        try vault.verify()
    }
}
