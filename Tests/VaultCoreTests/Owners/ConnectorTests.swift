import GRDB
import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

/// Custom connectors, which must match the digest in the ledger.
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
        _ = try test.vault.perform(AddConnector(Self.source, from: "tickets.yaml"), as: test.session)
        return test
    }

    private func create(_ name: String, _ test: TestVault) throws {
        try test.vault.perform(
            CreateOwner(
                OwnerDraft(
                    .connection, connector: "tickets", name: name,
                    settings: ["domain": ["a.tickets.example"]],
                    secrets: ["token": secret("t")])), as: test.session)
    }

    private func token(_ test: TestVault) throws -> [String] {
        try test.vault.perform(OpenVariables(of: ["T"], only: [], program: "true"), as: test.session).flatMap(
            \.secrets
        )
        .map(text)
    }

    @Test func `a custom connector can be used, and its digest is in the ledger`() throws {
        let test = try filled()
        try create("T", test)
        #expect(try token(test) == ["t"])
        #expect(try test.vault.perform(ListConnectors()).last?.name == "tickets")
        #expect(try test.vault.perform(ShowConnectorSource("tickets")) == Self.source)
        #expect(
            try test.entries().last { $0.action == .addConnector }?.change.details["digest"]?.string?.count
                == 64)
        try test.verify()
    }

    @Test func `refuses to remove or replace a connector in use`() throws {
        let test = try filled()
        try create("T", test)
        #expect(
            failure { try test.vault.perform(RemoveConnector("tickets"), as: test.session) }
                == .connector(.inUse(name: "tickets")))
        #expect(
            failure { try test.vault.perform(AddConnector(Self.source, from: "f"), as: test.session) }
                == .connector(.taken(name: "tickets", isBuiltIn: false)))
        try test.vault.perform(RemoveOwner(.connection, "T"), as: test.session)
        _ = try test.vault.perform(AddConnector(Self.source + "# newer\n", from: "f"), as: test.session)
        try test.vault.perform(RemoveConnector("tickets"), as: test.session)
        #expect(try !test.vault.perform(ListConnectors()).contains { !$0.isBuiltIn })
        try test.verify()
    }

    @Test func `refuses to replace or remove a built-in connector`() throws {
        let test = try TestVault()
        let taken = VaultError.connector(.taken(name: "celonis", isBuiltIn: true))
        let source = Self.source.replacing("connector: tickets", with: "connector: celonis")
        #expect(
            failure { try test.vault.perform(AddConnector(source, from: "f"), as: test.session) } == taken)
        #expect(failure { try test.vault.perform(RemoveConnector("celonis"), as: test.session) } == taken)
    }

    @Test func `refuses an invalid file, and reports every problem`() throws {
        let test = try TestVault()
        guard
            case .connector(.invalidFile("f", let diagnostics))? = failure({
                try test.vault.perform(AddConnector("connector: X\nfields: 3\n", from: "f"), as: test.session)
            })
        else {
            Issue.record("accepted")
            return
        }
        #expect(diagnostics.count > 1)
        #expect(test.vault.state.connectors.isEmpty)
    }

    // case 3: the connector decides where a secret is sent
    @Test func `refuses a connector that is changed in the vault file`() throws {
        let test = try filled()
        try create("T", test)
        try test.raw("UPDATE connectors SET source = replace(source, 'tickets.example', 'evil.example')")
        #expect(failure { try token(test) } == .integrity(.tampered(.connectorRow(name: "tickets"))))
        #expect(failure { try create("U", test) } == .integrity(.tampered(.connectorRow(name: "tickets"))))
        #expect(try test.faults(secrets: false) == [.connectorRow(name: "tickets")])
    }

    @Test func `refuses a connector that is inserted into the vault file`() throws {
        let test = try TestVault()
        try test.raw("INSERT INTO connectors VALUES ('tickets', ?)", [Self.source])
        #expect(failure { try create("T", test) } == .connector(.unknown(name: "tickets", nearest: [])))
        #expect(try test.faults(secrets: false) == [.connectorRow(name: "tickets")])
    }

    @Test func `reports a connector that is deleted from the vault file`() throws {
        let test = try filled()
        try test.raw("DELETE FROM connectors")
        #expect(try test.faults(secrets: false) == [.connectorRow(name: "tickets")])
    }
}
