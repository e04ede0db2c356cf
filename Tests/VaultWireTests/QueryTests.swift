import TestSupport
import Testing
import VaultCore
import VaultLedger
import VaultRegistry

@testable import VaultWire

/// Queries and their answers in the agent protocol.
@Suite struct QueryTests {
    private func filled() throws -> TestVault {
        let test = try TestVault()
        let settings = ["client-id": ["id"], "valid-domain-names": ["a.eu-1.celonis.cloud"]]
        let client = OwnerDraft(
            .client, connector: "celonis", name: "shared", settings: settings,
            secrets: ["client-secret": secret("s")])
        let connection = OwnerDraft(
            .connection, connector: "celonis", name: "prod",
            settings: [
                "api-type": ["intelligence"], "domain": ["a.eu-1.celonis.cloud"], "auth-type": ["custom"],
            ],
            secrets: ["app-key": secret("k")], tags: [Owner.Tag(key: "env", value: "prod")])
        for draft in [client, connection] { try test.vault.perform(CreateOwner(draft), as: test.session) }
        try test.vault.perform(AllowUses(of: "prod", uses: [.exec]), as: test.session)
        try test.vault.perform(
            OpenVariables(of: ["prod"], only: [], program: "true"), as: test.session)
        try test.vault.perform(
            StartRotation(RotationDraft(of: "prod", secrets: ["app-key": secret("new")])), as: test.session)
        return test
    }

    @Test func `every query has the same answer after it and the answer are encoded and decoded`() throws {
        let test = try filled()
        let member = test.vault.state.members[0]
        let operation = try #require(try test.entries().last?.operation)
        var remaining = Set(RequestRegistry.queries.keys)
        func check<Q: Query>(_ query: Q) throws {
            remaining.remove(Q.name)
            let answer = try Frame(.answer, try test.vault.perform(query))
            let sent = try Frame(request: query, member: nil, reason: nil).request(Q.self)
            let received = try Frame(.answer, try test.vault.perform(sent)).value(Q.Answer.self)
            // Equal bytes, but for the order of dictionaries.
            #expect(try Frame(.answer, received).header.sorted() == answer.header.sorted(), "\(Q.name)")
        }
        try check(ListOwners(.connection))
        try check(ShowOwner(nil, "prod", verified: true))
        try check(ShowUsage(of: "prod"))
        try check(ListClientUsers(of: "shared"))
        try check(ShowHistory(.connection, "prod"))
        try check(PlanEdit(.connection, "prod", changes: ["domain": ["b.eu-1.celonis.cloud"]]))
        try check(FindSecretField("app-key", of: "prod"))
        try check(FindRotationHook(of: "prod"))
        try check(NeedsTokens(["prod"], only: []))
        try check(ListConnectors())
        try check(ShowConnector("celonis"))
        try check(ShowConnectorSource("http"))
        try check(
            ListDueSecrets(within: .days(900), unused: .days(1), olderThan: .days(1), neverTested: true))
        try check(ListCurrentSecrets())
        try check(CheckClock())
        try check(ListVersions(of: "prod"))
        try check(ListRotations())
        try check(ListSlots())
        try check(ShowKeyStatus())
        try check(ListMembers())
        try check(ShowMember(member))
        try check(ListKnownSecrets(of: "ana"))
        try check(ListEntries(EntryFilter()))
        try check(ListActivity(EntryFilter()))
        try check(ExportEntries())
        try check(ShowEntry(3))
        try check(ShowCheckpoint())
        try check(FindEntries(of: operation))
        try check(ProveEntry(3))
        #expect(remaining.isEmpty)
    }
}
