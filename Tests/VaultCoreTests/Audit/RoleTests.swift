import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

/// The permissions of roles. Each refusal by an unlocked vault is recorded.
@Suite struct RoleTests {
    private func refused(
        _ test: TestVault, _ member: Session, _ action: Action, _ body: () throws -> Void
    ) throws {
        let size = test.vault.size
        let role = member.member.role
        #expect(
            failure(body) == .access(.forbidden(member: "bo", role: role, action: action)),
            "\(role) \(action)")
        let entry = try #require(try test.entries().last)
        #expect(test.vault.size == size + 1, "\(role) \(action)")
        #expect(entry.action == .refused && entry.actor.name == "bo")
        #expect(entry.change.details["what"]?.string == action.rawValue)
    }

    @Test(arguments: [Role.writer, .auditor])
    func `refuses uses, comparisons, rotations and removals by members without a key`(role: Role) throws {
        let test = try TestVault()
        try test.custom("A")
        try test.client("C")
        let bo = try test.addMember("bo", role)
        try refused(test, bo, .execConnection) { _ = try test.use("A", as: bo) }
        try refused(test, bo, .verifySecret) {
            _ = try test.vault.perform(VerifySecret("app-key", of: "A", against: secret("k")), as: bo)
        }
        try refused(test, bo, .beginEpoch) { _ = try test.vault.perform(RotateMasterKey(), as: bo) }
        try refused(test, bo, .removeConnection) {
            try test.vault.perform(RemoveOwner(.connection, "A"), as: bo)
        }
        try refused(test, bo, .removeClient) { try test.vault.perform(RemoveOwner(.client, "C"), as: bo) }
        try refused(test, bo, .addConnector) {
            _ = try test.vault.perform(AddConnector(ConnectorTests.source, from: "f"), as: bo)
        }
        try test.verify()
    }

    @Test func `refuses every change by an auditor`() throws {
        let test = try TestVault()
        try test.custom("A")
        let bo = try test.addMember("bo", .auditor)
        try refused(test, bo, .createConnection) { try test.custom("B", as: bo) }
        try refused(test, bo, .createConnection) {
            _ = try test.vault.createAll(connector: "celonis", as: bo) {
                OwnerDraft(.connection, connector: "celonis", name: "B", settings: [:])
            }
        }
        try refused(test, bo, .editConnection) {
            try test.edit("A", ["name": ["B"]], secrets: ["app-key": "k"], as: bo)
        }
        try refused(test, bo, .setSecret) { try test.set("A", "app-key", "k", as: bo) }
        try refused(test, bo, .annotateConnection) {
            try test.vault.perform(AnnotateOwner(.connection, "A", tags: [], note: "n"), as: bo)
        }
        #expect(try test.use("A") == "app-key-value")
        try test.verify()
    }

    @Test func `a user can use and edit connections, but not rotate the master key`() throws {
        let test = try TestVault()
        try test.custom("A")
        let bo = try test.addMember("bo", .user)
        #expect(try test.use("A", as: bo) == "app-key-value")
        try test.edit("A", ["name": ["B"]], secrets: ["app-key": "k"], as: bo)
        try test.set("B", "app-key", "newer", as: bo)
        #expect(try test.use("B", as: bo) == "newer")
        try refused(test, bo, .beginEpoch) { _ = try test.vault.perform(RotateMasterKey(), as: bo) }
        try refused(test, bo, .addConnector) {
            _ = try test.vault.perform(AddConnector(ConnectorTests.source, from: "f"), as: bo)
        }
        try refused(test, bo, .removeConnector) { try test.vault.perform(RemoveConnector("tickets"), as: bo) }
        // After ana's rotation, bo has a grant for the new key.
        try test.rotate()
        #expect(try test.use("B", as: bo) == "newer")
        try test.verify()
    }

    @Test func `records a refusal because of tampering`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.raw("UPDATE owners SET note = 'x'")
        #expect(failure { try test.use("A") } != nil)
        let entry = try #require(try test.entries().last)
        #expect(entry.action == .refused && entry.object.name == "A")
    }

    @Test func `records a use with the program and the variables`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.custom("B")
        _ = try test.vault.perform(
            OpenVariables(of: ["A"], only: ["CELONIS_URL", "CELONIS_API_TOKEN"], program: "pull.sh"),
            as: test.session)
        let entry = try #require(try test.entries().last)
        #expect(entry.action == .execConnection && entry.object.name == "A")
        #expect(entry.change.details["program"]?.string == "pull.sh")
        #expect(entry.change.details["variables"]?.array == ["CELONIS_URL", "CELONIS_API_TOKEN"])
        #expect(
            failure {
                try test.vault.perform(
                    OpenVariables(of: ["A", "B"], only: [], program: "x"), as: test.session)
            }
                == .use(.variablesCollide(variable: "CELONIS_URL", first: "A", second: "B")))
    }

    @Test func `reports invalid parameters before checking the role, and does not record them`() throws {
        let test = try TestVault()
        try test.custom("A")
        let bo = try test.addMember("bo", .auditor)
        let size = test.vault.size
        let mistakes: [(VaultError?) -> Bool] = [
            { if case .input(.invalid)? = $0 { true } else { false } },
            { if case .input(.notFound)? = $0 { true } else { false } },
            { $0 == .bundle(.recipientKey) },
            { if case .connector(.invalidFile)? = $0 { true } else { false } },
            { if case .connector(.taken)? = $0 { true } else { false } },
        ]
        let attempts: [() throws -> Void] = [
            { try test.vault.perform(AllowUses(of: "A", paths: ["nonsense"]), as: bo) },
            { try test.vault.perform(AllowUses(of: "B", uses: [.exec]), as: bo) },
            { try test.vault.perform(ExportBundle(of: ["A"], to: "bad"), as: bo) },
            { try test.vault.perform(AddConnector("format: 1", from: "broken.yaml"), as: bo) },
            { try test.vault.perform(RemoveConnector("celonis"), as: bo) },
        ]
        for (attempt, isExpected) in zip(attempts, mistakes) { #expect(isExpected(failure(attempt))) }
        #expect(test.vault.size == size)
    }
}
