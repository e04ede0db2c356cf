import GRDB
import Testing
import VaultLedger

@testable import VaultCore

/// A user's own connector is what the ledger's digest says it is.
@Suite struct ConnectorTests {
    static let source = """
        format: 1
        connector: tickets
        title: Tickets
        summary: A ticket system.
        hosts: ["*.tickets.example"]
        host: "{domain}"
        fields:
          - key: domain
            label: Domain
            help: The host.
            normalise: host
          - key: token
            label: Token
            help: The token.
            secret: yes
            how-to-get: Ask.
        authenticate:
          - bearer: "{token}"
        tests:
          - path: /me
            success: 200
            failures:
              - status: 401
                means: No.
                next: Ask.
        variables:
          - name: TICKETS_TOKEN
            value: "{token}"

        """

    private func filled() throws -> TestVault {
        let test = try TestVault()
        _ = try test.vault.addConnector(Self.source, from: "tickets.yaml", as: test.session)
        return test
    }

    private func create(_ name: String, _ test: TestVault) throws {
        try test.vault.create(
            OwnerDraft(
                .connection, connector: "tickets", name: name, settings: ["domain": ["a.tickets.example"]],
                secrets: ["token": secret("t")]), as: test.session)
    }

    private func token(_ test: TestVault) throws -> [String] {
        try test.vault.variables(of: ["T"], only: [], program: "true", as: test.session).flatMap(\.secrets)
            .map(text)
    }

    @Test func `an added connector can be used, and its digest is in the ledger`() throws {
        let test = try filled()
        try create("T", test)
        #expect(try token(test) == ["t"])
        #expect(try test.vault.connectors().last?.name == "tickets")
        #expect(try test.vault.connectorSource("tickets") == Self.source)
        #expect(
            try test.entries().last { $0.action == .addConnector }?.change.details["digest"]?.string?.count
                == 64)
        try test.verify()
    }

    @Test func `a connector in use is neither removed nor replaced`() throws {
        let test = try filled()
        try create("T", test)
        #expect(
            failure { try test.vault.removeConnector("tickets", as: test.session) }
                == .connectorInUse(name: "tickets"))
        #expect(
            failure { try test.vault.addConnector(Self.source, from: "f", as: test.session) }
                == .connectorTaken(name: "tickets", isBuiltIn: false))
        try test.vault.remove(.connection, "T", as: test.session)
        _ = try test.vault.addConnector(Self.source + "# newer\n", from: "f", as: test.session)
        try test.vault.removeConnector("tickets", as: test.session)
        #expect(try !test.vault.connectors().contains { !$0.isBuiltIn })
        try test.verify()
    }

    @Test func `a built-in connector cannot be replaced or removed`() throws {
        let test = try TestVault()
        let taken = VaultError.connectorTaken(name: "celonis", isBuiltIn: true)
        let source = Self.source.replacing("connector: tickets", with: "connector: celonis")
        #expect(failure { try test.vault.addConnector(source, from: "f", as: test.session) } == taken)
        #expect(failure { try test.vault.removeConnector("celonis", as: test.session) } == taken)
    }

    @Test func `a faulty file is refused with every mistake`() throws {
        let test = try TestVault()
        guard
            case .connectorFile("f", let diagnostics)? = failure({
                try test.vault.addConnector("connector: X\nfields: 3\n", from: "f", as: test.session)
            })
        else {
            Issue.record("taken")
            return
        }
        #expect(diagnostics.count > 1)
        #expect(test.vault.state.connectors.isEmpty)
    }

    // case 3: where a secret is sent stands in the connector
    @Test func `a connector that was changed in the file is refused`() throws {
        let test = try filled()
        try create("T", test)
        try test.raw("UPDATE connectors SET source = replace(source, 'tickets.example', 'evil.example')")
        #expect(failure { try token(test) } == .tampered(.connectorRow(name: "tickets")))
        #expect(failure { try create("U", test) } == .tampered(.connectorRow(name: "tickets")))
        #expect(try test.faults(secrets: false) == [.connectorRow(name: "tickets")])
    }

    @Test func `a connector that was slipped into the file is refused`() throws {
        let test = try TestVault()
        try test.raw("INSERT INTO connectors VALUES ('tickets', ?)", [Self.source])
        #expect(failure { try create("T", test) } == .connectorUnknown(name: "tickets", nearest: []))
        #expect(try test.faults(secrets: false) == [.connectorRow(name: "tickets")])
    }

    @Test func `a connector that was taken from the file is missed`() throws {
        let test = try filled()
        try test.raw("DELETE FROM connectors")
        #expect(try test.faults(secrets: false) == [.connectorRow(name: "tickets")])
    }
}
