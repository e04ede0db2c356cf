import Foundation
import GRDB
import Testing
import VaultCrypto
import VaultLedger
import VaultRegistry

@testable import VaultCore
@testable import VaultStore

/// Vaults of programs before form 6, which signed nothing of the sealed bytes: `Tests/Fixtures/vault-v5.db` was written by the
/// last of them, with members of each role, connections and clients that were removed, a finished rotation of the master key
/// and one that stopped, versions of each label, and a deposit.
@Suite struct CoveringTests {
    private static let fixtures = URL(filePath: #filePath).appending(path: "../../../Fixtures").standardized
    private static let values: [(owner: String, field: String, value: String)] = [
        ("Custom", "app-key", "v5 edited"), ("Token", "api-key", "v5 deposited once"),
        ("Push", "app-key", "v5 pending"), ("App", "client-secret", "v5 client secret"),
    ]

    private static func key(_ name: String) throws -> SharedSecret {
        if name == "ana" {
            return secret(Array(try Data(contentsOf: fixtures.appending(path: "vault-v1.key"))))
        }
        return secret(Array("key of \(name)".padding(toLength: 32, withPad: " ", startingAt: 0).utf8))
    }

    private struct Old {
        let test: TestVault
        var vault: Vault { test.vault }

        init(forgetting: Bool = true, _ attack: String = "") throws {
            test = try TestVault()
            test.scene.now = Timestamp(text: "2026-12-24T08:00:00Z")!
            try test.restore(
                try Data(contentsOf: fixtures.appending(path: "vault-v5.db")), forgetting: forgetting)
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

    @Test("opens, verifies, and says how many secrets are not signed yet, without a change")
    func opens() throws {
        let old = try Old()
        let report = try Vault.verify(old.test.path, old.test.surroundings)
        #expect(report.owners == 6 && report.secrets == 7 && report.entries == 31)
        let status = try old.vault.keyStatus()
        #expect(status.unsigned == 7 && status.isSignedNext && status.retiring == 2)
        #expect(try old.lists() == 0 && old.vault.size == 31)
        // Who opens nothing changes that neither; what they write is signed.
        let cora = try old.session("cora")
        try old.test.set("Token", "api-key", "deposited", as: cora)
        #expect(try old.vault.keyStatus().unsigned == 6 && old.lists() == 0)
        _ = try Vault.verify(old.test.path, old.test.surroundings)
    }

    @Test("signs all secrets with the first change of a member who may open", arguments: ["ana", "bo"])
    func covers(name: String) throws {
        let old = try Old()
        let session = try old.session(name)
        // To unlock has sealed a deposit, which is a change.
        let entries = try old.test.entries()
        #expect(entries[31].action == .coverSecrets && entries[31].actor.name == name)
        #expect(entries[31].operation == entries[32].operation && entries[32].action == .sealDeposit)
        #expect(entries[31].change.details["secrets"] == 7)
        #expect(try old.vault.keyStatus().unsigned == 0 && old.lists() == 1)
        for (owner, field, value) in Self.values {
            #expect(
                try old.vault.verifySecret(field, of: owner, against: secret(value), as: session), "\(owner)")
        }
        #expect(try old.test.use("Custom", as: session) == "v5 edited")
        #expect(try old.lists() == 1 && old.faults() == [])
        #expect(test(old).contains(.secretsUncovered([])) == false)
    }

    private func test(_ old: Old) -> [Notice] { old.test.scene.notices }

    @Test("goes on with everything: rotations of both kinds, edits, removal, backup")
    func goesOn() throws {
        let old = try Old()
        let ana = try old.session("ana")
        #expect(try old.vault.rotateMasterKey(as: ana, resumeOnly: true).to == 3)
        #expect(try old.vault.rotateMasterKey(as: ana).to == 4)
        #expect(try old.test.use("Push", as: ana) == "v5 pending")
        _ = try old.vault.rollBack(["app-key"], of: "Push", overlap: .days(1), as: ana)
        #expect(try old.test.use("Push", as: ana) == "v5 push key")
        _ = try old.vault.finishRotation(of: "Push", overlap: nil, untested: true, as: ana)
        #expect(try old.test.use("Push", as: ana) == "v5 pending again")
        try old.test.edit(
            "Custom", ["domain": ["third.eu-1.celonis.cloud"]], secrets: ["app-key": "edited"], as: ana)
        try old.vault.remove(.connection, "OAuth", as: ana)
        try old.vault.remove(.client, "App", as: ana)
        #expect(try old.vault.backUp(to: old.test.folder + "/backup.db").contents.secrets == 4)
        let report = try Vault.verify(old.test.path, old.test.surroundings) { _ in ana }
        #expect(report.opened == 4)
        if let python = Python() { #expect(try python.digests(of: old.test.path) == ["4 known, 0 unknown"]) }
    }

    @Test(
        "leaves out what does not open or is not what was signed, and lets nobody's change wait for it (case 97)",
        arguments: [
            "UPDATE secrets SET sealed = zeroblob(145) WHERE field = 'client-secret'",
            "UPDATE secrets SET epoch = 3 WHERE field = 'client-secret'",
            "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE field = 'api-key') WHERE field = 'client-secret'",
            "UPDATE secrets SET label = 'pending' WHERE field = 'client-secret'",
            "DELETE FROM secrets WHERE field = 'client-secret'",
        ])
    func leavesOut(attack: String) throws {
        let old = try Old(attack)
        let ana = try old.session("ana")
        try old.vault.annotate(.connection, "Token", tags: [], note: "x", as: ana)
        #expect(test(old).contains(.secretsUncovered(["App: client-secret"])))
        let status = try old.vault.keyStatus()
        #expect(status.unsigned == 1 && !status.isSignedNext)
        #expect(try old.test.use("Custom", as: ana) == "v5 edited")
        let refused = failure {
            try old.vault.verifySecret("client-secret", of: "App", against: secret("x"), as: ana)
        }
        guard case .tampered? = refused else {
            Issue.record("\(String(describing: refused))")
            return
        }
        #expect(try !old.faults().isEmpty)
        // Its master key stays, and what was left out is never signed by itself.
        #expect(failure { try old.vault.rotateMasterKey(as: ana, resumeOnly: true) } != nil)
        #expect(try old.vault.keyStatus().retiring == 2 && old.vault.keyStatus().unsigned == 1)
        if attack.contains("sealed =") || attack.contains("epoch") {
            try old.test.set("App", "client-secret", "entered again", as: ana)
        } else {
            try old.vault.remove(.connection, "OAuth", as: ana)
            try old.vault.remove(.client, "App", as: ana)
        }
        _ = try old.vault.rotateMasterKey(as: ana, resumeOnly: true)
        #expect(try old.vault.keyStatus().unsigned == 0 && old.faults() == [])
    }

    @Test(
        "signs nothing of what was exchanged before under a key that does not open it, and finds it afterwards"
    )
    func exchangedAfterwards() throws {
        let old = try Old()
        let ana = try old.session("ana")
        try old.vault.annotate(.connection, "Token", tags: [], note: "x", as: ana)
        try old.test.raw(
            "UPDATE secrets SET sealed = CAST(substr(sealed, 1, 100) || zeroblob(45) AS BLOB) WHERE field = 'client-secret'"
        )
        #expect(try old.faults().count == 1)
    }

    @Test("covers a vault without secrets by an empty list")
    func withoutSecrets() throws {
        let old = try Old()
        let ana = try old.session("ana", depositing: true)
        for name in ["OAuth", "Custom", "Token", "Push", "Deposited"] {
            try old.vault.remove(.connection, name, as: ana)
        }
        try old.vault.remove(.client, "App", as: ana)
        #expect(try old.vault.keyStatus().isSignedNext && old.lists() == 0)
        let bo = try old.session("bo")
        try old.test.custom("New", as: bo)
        let cover = try #require(try old.test.entries().first { $0.action == .coverSecrets })
        #expect(cover.change.details["secrets"] == 0)
        #expect(try old.vault.keyStatus() == old.vault.keyStatus() && old.lists() == 1)
        #expect(try !old.vault.keyStatus().isSignedNext && old.faults() == [])
    }

    @Test("covers nothing where the change is taken back, or the master key cannot be had")
    func takenBack() throws {
        // Without a deposit, unlocking changes nothing.
        let old = try Old("DELETE FROM secrets WHERE substr(sealed, 1, 1) = x'02'")
        let ana = try old.session("ana")
        #expect(
            failure {
                try old.vault.change(as: ana) { _ in throw VaultError.nothingToDo("x") }
            } == .nothingToDo("x"))
        #expect(try old.vault.keyStatus().isSignedNext && old.lists() == 0 && old.vault.size == 31)
        try old.test.raw("DELETE FROM grants")
        let bo = try old.session("bo")
        try old.vault.annotate(.connection, "Token", tags: [], note: "x", as: bo)
        #expect(try old.vault.keyStatus().isSignedNext && old.lists() == 0 && old.vault.size == 32)
    }
}
