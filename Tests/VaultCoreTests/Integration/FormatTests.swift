import Foundation
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// Every later version opens a vault of version 1.
///
/// `Tests/Fixtures/vault-v1.db` never changes once version 1 is released. Until then, a change of the format recreates it:
/// `VAULT_WRITE_FIXTURE=1 swift test --filter FormatTests`.
@Suite(.serialized) struct FormatTests {
    private static let database = Repository.fixture("vault-v1.db")
    private static let keyFile = Repository.fixture("vault-v1.key")
    private static let key = Array("a key for tests, never for a use".utf8)
    private static let passphrase = "Caf\u{e9} for tests"

    /// Every secret in the fixture.
    private static let secrets: [(owner: String, field: String, value: String, version: UInt64)] = [
        ("Intelligence custom", "app-key", "fixture app key, edited", 2),
        ("Intelligence token", "api-key", "fixture api key", 1),
        ("Push custom", "app-key", "fixture push app key, set again", 2),
        ("Push token", "api-key", "fixture push api key", 1),
        ("Team client", "client-secret", "fixture client secret", 1),
        ("Warehouse", "certificate-key", "client-key", 1), ("Warehouse", "password", "pw", 1),
        ("Tickets", "token", "fixture ticket token", 1),
    ]

    @Test(.enabled(if: ProcessInfo.processInfo.environment["VAULT_WRITE_FIXTURE"] != nil))
    func `writes the fixture`() throws {
        let test = try TestVault(credentials: [
            .keyFile(secret(Self.key)), .passphrase(secret(Self.passphrase)),
        ])
        try fill(test)
        try test.verifyAs(secret(Self.key))
        try test.copy().write(to: Self.database)
        try Data(Self.key).write(to: Self.keyFile)
    }

    private func fill(_ test: TestVault) throws {
        try test.custom(
            "Intelligence custom", key: "fixture app key", tags: [Owner.Tag(key: "env", value: "prod")])
        try test.celonis("Intelligence token", "intelligence", "api-key", "fixture api key")
        try test.celonis("Push custom", "data-push", "app-key", "fixture push app key")
        try test.celonis("Push token", "data-push", "api-key", "fixture push api key")
        try test.client("Team client", secret: "fixture client secret")
        try test.oauth("Intelligence OAuth", client: "Team client")
        try test.postgresql("Warehouse")
        _ = try test.vault.perform(
            AddConnector(ConnectorTests.source, from: "tickets.yaml"), as: test.session)
        try test.vault.perform(
            CreateOwner(
                OwnerDraft(
                    .connection, connector: "tickets", name: "Tickets",
                    settings: ["domain": ["a.tickets.example"]],
                    secrets: ["token": secret("fixture ticket token")])), as: test.session)
        try test.edit(
            "Intelligence custom", ["domain": ["other.eu-1.celonis.cloud"]],
            secrets: ["app-key": "fixture app key, edited"])
        try test.set("Push custom", "app-key", "fixture push app key, set again")
        try test.vault.perform(
            AnnotateOwner(
                .connection, "Intelligence custom", tags: [Owner.Tag(key: "team", value: "ops")],
                note: "for the format\u{2019}s test"), as: test.session)
        _ = try test.addMember("bo", .user)
        test.scene.now = Timestamp(text: "2026-03-02T08:00:00Z")!
        try test.rotate()
        _ = try test.use("Intelligence custom")
        try test.custom("Removed")
        try test.vault.perform(RemoveOwner(.connection, "Removed"), as: test.session)
    }

    /// Copies the fixture into a temporary directory, with the file modes that Git does not keep.
    private func opened() throws -> (TestVault, Vault) {
        let test = try TestVault()
        try test.restore(try Data(contentsOf: Self.database), forgettingAnchors: true)
        try Data(contentsOf: Self.keyFile).write(to: URL(filePath: test.folder + "/v1.key"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: test.folder + "/v1.key")
        test.scene.notices = []
        return (test, try test.reopen())
    }

    @Test func `a vault of version 1 opens and verifies, and its secrets have the stored values`() throws {
        let (test, vault) = try opened()
        #expect(test.scene.notices == [.firstContact(entries: vault.size)])
        let key = try KeyFile.contents(of: test.folder + "/v1.key")
        let session = try vault.unlock(vault.member(named: "ana"), with: .keyFile(key))
        let report = try Vault.open(test.path, test.surroundings).perform(VerifyVault(), as: session)
        #expect(report.opened == Self.secrets.count && report.owners == 8)
        for (owner, field, value, version) in Self.secrets {
            #expect(
                try vault.perform(VerifySecret(field, of: owner, against: secret(value)), as: session),
                "\(owner): \(field)")
            let stored = try vault.perform(ShowOwner(nil, owner)).secrets.first { $0.field == field }
            #expect(stored?.version == version && stored?.epoch == 2)
        }
        _ = try vault.unlock(
            vault.member(named: "ana"), with: .passphrase(secret("Cafe\u{301} for tests")))
    }

    @Test func `a vault of version 1 can be changed, rotated and verified`() throws {
        let (test, vault) = try opened()
        let key = try KeyFile.contents(of: test.folder + "/v1.key")
        let session = try vault.unlock(vault.member(named: "ana"), with: .keyFile(key))
        #expect(vault.state.members.map(\.name) == ["ana", "bo"])
        #expect(Array(vault.state.connectors.keys) == ["tickets"])
        let owner = try vault.perform(ShowOwner(.connection, "Intelligence custom"))
        #expect(owner.settings["domain"] == .text("other.eu-1.celonis.cloud"))
        #expect(
            owner.tags == [Owner.Tag(key: "env", value: "prod"), Owner.Tag(key: "team", value: "ops")])
        _ = try vault.perform(SetSecret("app-key", of: "Push custom", to: secret("newest")), as: session)
        // Features of later versions: more members, and deposits by members who cannot open secrets.
        _ = try vault.perform(AddMember("cora", .writer, by: .credential(.keyFile(Team.key(9)))), as: session)
        let cora = try vault.unlock(vault.member(named: "cora"), with: .keyFile(Team.key(9)))
        _ = try vault.perform(SetSecret("api-key", of: "Push token", to: secret("deposited")), as: cora)
        #expect(try vault.perform(RotateMasterKey(), as: session).to == 3)
        #expect(
            try vault.perform(
                VerifySecret("api-key", of: "Push token", against: secret("deposited")), as: session))
        #expect(
            try vault.perform(
                VerifySecret("app-key", of: "Push custom", against: secret("newest")), as: session))
        try test.verifyAs(key)
    }
}

extension TestVault {
    fileprivate func verifyAs(_ key: SharedSecret) throws {
        let vault = try Vault.open(path, surroundings)
        let session = try vault.unlock(vault.member(named: "ana"), with: .keyFile(key))
        try vault.perform(VerifyVault(), as: session)
    }

    fileprivate func celonis(_ name: String, _ type: String, _ field: String, _ value: String) throws {
        var settings = [
            "api-type": [type], "domain": ["team.us-1.celonis.cloud"],
            "auth-type": [field == "app-key" ? "custom" : "token"],
        ]
        if type == "data-push" { settings["pool-id"] = ["pool-1"] }
        try vault.perform(
            CreateOwner(
                OwnerDraft(
                    .connection, connector: "celonis", name: name, settings: settings,
                    secrets: [field: secret(value)])), as: session)
    }
}
