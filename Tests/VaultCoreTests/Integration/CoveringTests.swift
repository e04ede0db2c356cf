import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultRegistry

@testable import VaultCore
@testable import VaultStore

/// Vaults of schema versions before 6. Their entries do not sign the sealed bytes of secrets.
///
/// `Tests/Fixtures/vault-v5.db` was written by schema version 5. It has members of each role, removed connections and clients,
/// a finished and an interrupted rotation of the master key, versions with each label, and a deposit.
@Suite struct CoveringTests {
    private static let values: [(owner: String, field: String, value: String)] = [
        ("Custom", "app-key", "v5 edited"), ("Token", "api-key", "v5 deposited once"),
        ("Push", "app-key", "v5 pending"), ("App", "client-secret", "v5 client secret"),
    ]

    private static func key(_ name: String) throws -> SharedSecret {
        if name == "ana" {
            return secret(Array(try Data(contentsOf: Repository.fixture("vault-v1.key"))))
        }
        return secret(Array("key of \(name)".padding(toLength: 32, withPad: " ", startingAt: 0).utf8))
    }

    private struct OldVault {
        let test: TestVault
        var vault: Vault { test.vault }

        init(forgettingAnchors: Bool = true, _ attack: String = "") throws {
            test = try TestVault()
            test.scene.now = Timestamp(text: "2026-12-24T08:00:00Z")!
            try test.restore(
                try Data(contentsOf: Repository.fixture("vault-v5.db")), forgettingAnchors: forgettingAnchors)
            if !attack.isEmpty { try test.raw(attack) }
            try test.reopen()
            test.scene.notices = []
        }

        func session(_ name: String, depositing: Bool = false) throws -> Session {
            try vault.unlock(vault.member(named: name), with: .keyFile(try key(name)), depositing: depositing)
        }

        func faults() throws -> [Tampering] { try test.faults(secrets: false) }

        func lists() throws -> Int {
            try test.raw { try Int.fetchOne($0, sql: "SELECT count(*) FROM digest_lists") ?? 0 }
        }
    }

    @Test("opens and verifies without a change, and reports how many secrets are unsigned")
    func opens() throws {
        let old = try OldVault()
        let report = try Vault.open(old.test.path, old.test.surroundings).perform(VerifyVault())
        #expect(report.owners == 6 && report.secrets == 7 && report.entries == 31)
        let status = try old.vault.perform(ShowKeyStatus())
        #expect(status.unsigned == 7 && status.isSignedNext && status.retiring == 2)
        #expect(try old.lists() == 0 && old.vault.size == 31)
        // A deposit by a writer does not cover the others, but is itself signed.
        let cora = try old.session("cora")
        try old.test.set("Token", "api-key", "deposited", as: cora)
        #expect(try old.vault.perform(ShowKeyStatus()).unsigned == 6 && old.lists() == 0)
        _ = try Vault.open(old.test.path, old.test.surroundings).perform(VerifyVault())
    }

    @Test("signs all secrets with the first change by a member who can open them", arguments: ["ana", "bo"])
    func covers(name: String) throws {
        let old = try OldVault()
        let session = try old.session(name)
        // Unlocking sealed a deposit, which is a change.
        let entries = try old.test.entries()
        #expect(entries[31].action == .coverSecrets && entries[31].actor.name == name)
        #expect(entries[31].operation == entries[32].operation && entries[32].action == .sealDeposit)
        #expect(entries[31].change.details["secrets"] == 7)
        #expect(try old.vault.perform(ShowKeyStatus()).unsigned == 0 && old.lists() == 1)
        for (owner, field, value) in Self.values {
            #expect(
                try old.vault.perform(VerifySecret(field, of: owner, against: secret(value)), as: session),
                "\(owner)")
        }
        #expect(try old.test.use("Custom", as: session) == "v5 edited")
        #expect(try old.lists() == 1 && old.faults() == [])
        #expect(notices(old).contains(.secretsUncovered([])) == false)
    }

    private func notices(_ old: OldVault) -> [Notice] { old.test.scene.notices }

    @Test("supports both kinds of rotations, edits, removal and backup")
    func operations() throws {
        let old = try OldVault()
        let ana = try old.session("ana")
        #expect(try old.vault.perform(RotateMasterKey(resumeOnly: true), as: ana).to == 3)
        #expect(try old.vault.perform(RotateMasterKey(), as: ana).to == 4)
        #expect(try old.test.use("Push", as: ana) == "v5 pending")
        _ = try old.vault.perform(RollBack(["app-key"], of: "Push", overlap: .days(1)), as: ana)
        #expect(try old.test.use("Push", as: ana) == "v5 push key")
        _ = try old.vault.perform(FinishRotation(of: "Push", overlap: nil, untested: true), as: ana)
        #expect(try old.test.use("Push", as: ana) == "v5 pending again")
        try old.test.edit(
            "Custom", ["domain": ["third.eu-1.celonis.cloud"]], secrets: ["app-key": "edited"], as: ana)
        try old.vault.perform(RemoveOwner(.connection, "OAuth"), as: ana)
        try old.vault.perform(RemoveOwner(.client, "App"), as: ana)
        #expect(try old.vault.perform(BackUp(to: old.test.folder + "/backup.db")).contents.secrets == 4)
        let report = try Vault.open(old.test.path, old.test.surroundings).perform(VerifyVault(), as: ana)
        #expect(report.opened == 4)
        if DigestReader.isAvailable {
            #expect(try DigestReader.digests(of: old.test.path) == ["4 known, 0 unknown"])
        }
    }

    @Test(
        "skips a secret that does not open or differs from its entry, without blocking other changes (case 97)",
        arguments: [
            "UPDATE secrets SET sealed = zeroblob(145) WHERE field = 'client-secret'",
            "UPDATE secrets SET epoch = 3 WHERE field = 'client-secret'",
            "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE field = 'api-key') WHERE field = 'client-secret'",
            "UPDATE secrets SET label = 'pending' WHERE field = 'client-secret'",
            "DELETE FROM secrets WHERE field = 'client-secret'",
        ])
    func skips(attack: String) throws {
        let old = try OldVault(attack)
        let ana = try old.session("ana")
        try old.vault.perform(AnnotateOwner(.connection, "Token", tags: [], note: "x"), as: ana)
        #expect(notices(old).contains(.secretsUncovered(["App: client-secret"])))
        let status = try old.vault.perform(ShowKeyStatus())
        #expect(status.unsigned == 1 && !status.isSignedNext)
        #expect(try old.test.use("Custom", as: ana) == "v5 edited")
        let refused = failure {
            try old.vault.perform(VerifySecret("client-secret", of: "App", against: secret("x")), as: ana)
        }
        guard case .integrity(.tampered)? = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(try !old.faults().isEmpty)
        // The old master key is kept, and the skipped secret is never signed without new input.
        #expect(failure { try old.vault.perform(RotateMasterKey(resumeOnly: true), as: ana) } != nil)
        #expect(
            try old.vault.perform(ShowKeyStatus()).retiring == 2
                && old.vault.perform(ShowKeyStatus()).unsigned == 1)
        if attack.contains("sealed =") || attack.contains("epoch") {
            try old.test.set("App", "client-secret", "entered again", as: ana)
        } else {
            try old.vault.perform(RemoveOwner(.connection, "OAuth"), as: ana)
            try old.vault.perform(RemoveOwner(.client, "App"), as: ana)
        }
        _ = try old.vault.perform(RotateMasterKey(resumeOnly: true), as: ana)
        #expect(try old.vault.perform(ShowKeyStatus()).unsigned == 0 && old.faults() == [])
    }

    @Test(
        "finds a secret that is replaced after the vault was covered"
    )
    func replacedLater() throws {
        let old = try OldVault()
        let ana = try old.session("ana")
        try old.vault.perform(AnnotateOwner(.connection, "Token", tags: [], note: "x"), as: ana)
        try old.test.raw(
            "UPDATE secrets SET sealed = CAST(substr(sealed, 1, 100) || zeroblob(45) AS BLOB) WHERE field = 'client-secret'"
        )
        #expect(try old.faults().count == 1)
    }

    @Test("covers a vault without secrets with an empty list")
    func withoutSecrets() throws {
        let old = try OldVault()
        let ana = try old.session("ana", depositing: true)
        for name in ["OAuth", "Custom", "Token", "Push", "Deposited"] {
            try old.vault.perform(RemoveOwner(.connection, name), as: ana)
        }
        try old.vault.perform(RemoveOwner(.client, "App"), as: ana)
        #expect(try old.vault.perform(ShowKeyStatus()).isSignedNext && old.lists() == 0)
        let bo = try old.session("bo")
        try old.test.custom("New", as: bo)
        let cover = try #require(try old.test.entries().first { $0.action == .coverSecrets })
        #expect(cover.change.details["secrets"] == 0)
        #expect(
            try old.vault.perform(ShowKeyStatus()) == old.vault.perform(ShowKeyStatus()) && old.lists() == 1)
        #expect(try !old.vault.perform(ShowKeyStatus()).isSignedNext && old.faults() == [])
    }

    @Test("covers nothing when the change is rolled back or the master key is unavailable")
    func rolledBack() throws {
        // Without a deposit, unlocking changes nothing.
        let old = try OldVault("DELETE FROM secrets WHERE substr(sealed, 1, 1) = x'02'")
        let ana = try old.session("ana")
        #expect(
            failure {
                try old.vault.change(as: ana) { _ in throw VaultError.input(.nothingToDo("x")) }
            } == .input(.nothingToDo("x")))
        #expect(
            try old.vault.perform(ShowKeyStatus()).isSignedNext && old.lists() == 0 && old.vault.size == 31)
        try old.test.raw("DELETE FROM grants")
        let bo = try old.session("bo")
        try old.vault.perform(AnnotateOwner(.connection, "Token", tags: [], note: "x"), as: bo)
        #expect(
            try old.vault.perform(ShowKeyStatus()).isSignedNext && old.lists() == 0 && old.vault.size == 32)
    }
}
