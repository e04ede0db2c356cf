import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// What is due is found by its date, the most urgent first.
@Suite struct DueTests {
    private func names(_ test: TestVault, _ query: DueQuery) throws -> [String] {
        try test.vault.due(query).map { "\($0.secret.owner) \($0.why.rawValue)" }
    }

    @Test func `what expires or is to be rotated comes by its date, and other versions do not`() throws {
        let test = try TestVault()
        for name in ["A", "B", "C"] { try test.custom(name) }
        try test.set("A", "app-key", "x", expires: Timestamp(text: "2026-03-20T00:00:00Z"))
        try test.vault.annotate(
            .connection, "B", tags: [], note: nil, rotate: ["app-key": .every(.days(10))], as: test.session)
        try test.start("C", ["app-key": "y"], expires: Timestamp(text: "2026-03-02T00:00:00Z"))
        #expect(try names(test, DueQuery(within: .days(30))) == ["B rotate", "A expires"])
        #expect(try names(test, DueQuery(within: .days(5))) == [])
        test.pass(24 * 12)
        #expect(try names(test, DueQuery(within: .days(1))) == ["B rotate"])
        // A period goes on to hold for the versions that follow.
        try test.replace("B", "newer")
        #expect(try names(test, DueQuery(within: .days(1))) == [])
        #expect(
            try test.vault.due(DueQuery(within: .days(30))).map(\.at.text) == [
                "2026-03-20T00:00:00Z", "2026-03-23T08:00:00Z",
            ])
        try test.edit("B", ["domain": ["b.us-1.celonis.cloud"]], secrets: ["app-key": "z"])
        #expect(try names(test, DueQuery(within: .days(30))) == ["A expires", "B rotate"])
        try test.vault.annotate(
            .connection, "B", tags: [], note: nil, rotate: ["app-key": .never], as: test.session)
        #expect(try names(test, DueQuery(within: .days(30))) == ["A expires"])
        try test.verify()
    }

    @Test func `what is unused, old or untested is found`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.custom("B")
        test.pass(24 * 60)
        _ = try test.use("A")
        try test.custom("C")
        test.pass(24 * 40)
        #expect(try names(test, DueQuery(unused: .days(90))) == ["B unused"])
        #expect(try names(test, DueQuery(unused: .days(30))) == ["B unused", "A unused", "C unused"])
        #expect(try names(test, DueQuery(olderThan: .days(90))) == ["A old", "B old"])
        try test.replace("A", "new")
        #expect(try names(test, DueQuery(neverTested: true)) == ["B untested", "C untested"])
        #expect(try names(test, DueQuery(olderThan: .days(90))) == ["B old"])
        try test.verify()
    }

    @Test func `a connector's own terms count where nothing else was said`() throws {
        let test = try TestVault()
        let source = ConnectorTests.source.replacing(
            "secret: yes", with: "secret: yes\n    rotate-every: 10d\n    expires-after: 20d")
        _ = try test.vault.addConnector(source, from: "tickets.yaml", as: test.session)
        try test.vault.create(
            OwnerDraft(
                .connection, connector: "tickets", name: "T", settings: ["domain": ["a.tickets.example"]],
                secrets: ["token": secret("t")]), as: test.session)
        let found = try #require(try test.vault.due(DueQuery(within: .days(30))).first)
        #expect(found.why == .rotate && found.at == Timestamp(text: "2026-03-11T08:00:00Z"))
        #expect(found.secret.expiresAt == Timestamp(text: "2026-03-21T08:00:00Z"))
        try test.verify()
    }

    // case 50
    @Test func `a clock that went back is told`() throws {
        let test = try TestVault()
        try test.custom("A")
        #expect(try test.vault.timeAhead() == nil)
        test.pass(-1)
        #expect(try test.vault.timeAhead() == Timestamp(text: "2026-03-01T08:00:00Z"))
    }
}
