import TestSupport
import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// Secrets that are due for rotation, the most urgent first.
@Suite struct DueTests {
    private func names(_ test: TestVault, _ query: ListDueSecrets) throws -> [String] {
        try test.vault.perform(query).map { "\($0.secret.owner) \($0.why.rawValue)" }
    }

    @Test func `lists current versions by the date of their expiry or rotation`() throws {
        let test = try TestVault()
        for name in ["A", "B", "C"] { try test.custom(name) }
        try test.set("A", "app-key", "x", expires: Timestamp(text: "2026-03-20T00:00:00Z"))
        try test.vault.perform(
            AnnotateOwner(.connection, "B", tags: [], note: nil, rotate: ["app-key": .every(.days(10))]),
            as: test.session)
        try test.start("C", ["app-key": "y"], expires: Timestamp(text: "2026-03-02T00:00:00Z"))
        #expect(try names(test, ListDueSecrets(within: .days(30))) == ["B rotate", "A expires"])
        #expect(try names(test, ListDueSecrets(within: .days(5))) == [])
        test.advance(hours: 24 * 12)
        #expect(try names(test, ListDueSecrets(within: .days(1))) == ["B rotate"])
        // The period also applies to later versions.
        try test.replace("B", "newer")
        #expect(try names(test, ListDueSecrets(within: .days(1))) == [])
        #expect(
            try test.vault.perform(ListDueSecrets(within: .days(30))).map(\.at.text) == [
                "2026-03-20T00:00:00Z", "2026-03-23T08:00:00Z",
            ])
        try test.edit("B", ["domain": ["b.us-1.celonis.cloud"]], secrets: ["app-key": "z"])
        #expect(try names(test, ListDueSecrets(within: .days(30))) == ["A expires", "B rotate"])
        try test.vault.perform(
            AnnotateOwner(.connection, "B", tags: [], note: nil, rotate: ["app-key": .never]),
            as: test.session)
        #expect(try names(test, ListDueSecrets(within: .days(30))) == ["A expires"])
        try test.verify()
    }

    @Test func `finds unused, old and untested secrets`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.custom("B")
        test.advance(hours: 24 * 60)
        _ = try test.use("A")
        try test.custom("C")
        test.advance(hours: 24 * 40)
        #expect(try names(test, ListDueSecrets(unused: .days(90))) == ["B unused"])
        #expect(try names(test, ListDueSecrets(unused: .days(30))) == ["B unused", "A unused", "C unused"])
        #expect(try names(test, ListDueSecrets(olderThan: .days(90))) == ["A old", "B old"])
        try test.replace("A", "new")
        #expect(try names(test, ListDueSecrets(neverTested: true)) == ["B untested", "C untested"])
        #expect(try names(test, ListDueSecrets(olderThan: .days(90))) == ["B old"])
        try test.verify()
    }

    @Test func `applies the connector's defaults`() throws {
        let test = try TestVault()
        let source = ConnectorTests.source.replacing(
            "secret: yes", with: "secret: yes\n    rotate-every: 10d\n    expires-after: 20d")
        _ = try test.vault.perform(AddConnector(source, from: "tickets.yaml"), as: test.session)
        try test.vault.perform(
            CreateOwner(
                OwnerDraft(
                    .connection, connector: "tickets", name: "T", settings: ["domain": ["a.tickets.example"]],
                    secrets: ["token": secret("t")])), as: test.session)
        let found = try #require(try test.vault.perform(ListDueSecrets(within: .days(30))).first)
        #expect(found.why == .rotate && found.at == Timestamp(text: "2026-03-11T08:00:00Z"))
        #expect(found.secret.expiresAt == Timestamp(text: "2026-03-21T08:00:00Z"))
        try test.verify()
    }

    // case 50
    @Test func `reports a clock that went back`() throws {
        let test = try TestVault()
        try test.custom("A")
        #expect(try test.vault.perform(CheckClock()) == nil)
        test.advance(hours: -1)
        #expect(try test.vault.perform(CheckClock()) == Timestamp(text: "2026-03-01T08:00:00Z"))
    }
}
