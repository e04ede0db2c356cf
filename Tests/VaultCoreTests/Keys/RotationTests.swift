import Foundation
import GRDB
import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

/// Rotations of the master key: interrupted, concurrent and forged.
@Suite struct RotationTests {
    @Test func `reseals every secret and deletes the old key`() throws {
        let test = try TestVault()
        for number in 0..<20 { try test.custom("A\(number)", key: "key \(number)") }
        let before = try test.blob("A7", "app-key")
        let receipt = try test.vault.perform(RotateMasterKey(), as: test.session)
        #expect(receipt == RotationReceipt(from: 1, to: 2, resealed: 20))
        #expect(try test.blob("A7", "app-key") != before)
        #expect(
            try test.vault.perform(ShowKeyStatus())
                == KeyStatus(
                    epoch: 2, retiring: nil, secrets: [.init(epoch: 2, count: 20)], members: ["ana"],
                    unsigned: 0,
                    isSignedNext: false))
        let left = try test.raw {
            try Int.fetchAll($0, sql: "SELECT epoch FROM epochs UNION ALL SELECT epoch FROM grants")
        }
        #expect(left == [2, 2])
        #expect(try test.raw { try Int.fetchOne($0, sql: "SELECT count(sealed_previous) FROM epochs") } == 0)
        for number in 0..<20 { #expect(try test.use("A\(number)") == "key \(number)") }
        try test.verify()
        // A new session opens secrets with the new key, too.
        let fresh = try test.unlock(test.reopen())
        #expect(try test.use("A3", as: fresh) == "key 3")
    }

    /// An interrupted rotation.
    ///
    /// - Returns: the vault with a damaged secret of `A2`, and the intact blob of that secret.
    private func stopped() throws -> (TestVault, blob: Data) {
        let test = try TestVault()
        for number in 0..<5 { try test.custom("A\(number)", key: "key \(number)") }
        let blob = try test.blob("A2", "app-key")
        var damaged = blob
        damaged[100] ^= 1
        try test.setBlob("A2", "app-key", damaged)
        #expect(
            failure { try test.vault.perform(RotateMasterKey(), as: test.session) }
                == .masterKey(.secretsNotResealed(["A2: app-key"], left: 1)))
        return (test, blob)
    }

    @Test func `a row that does not open only prevents the rotation from finishing`() throws {
        let (test, _) = try stopped()
        let status = try test.vault.perform(ShowKeyStatus())
        #expect(status.retiring == 1)
        #expect(status.secrets.map(\.count) == [1, 4])
        for number in [0, 1, 3, 4] { #expect(try test.use("A\(number)") == "key \(number)") }
        #expect(
            failure { try test.use("A2") }
                == .integrity(.tampered(.secretExchanged(owner: "A2", field: "app-key"))))
        #expect(try test.faults() == [.secretExchanged(owner: "A2", field: "app-key")])
    }

    // case 29
    @Test func `resumes an interrupted rotation`() throws {
        let (test, blob) = try stopped()
        try test.setBlob("A2", "app-key", blob)
        // Reads and writes work with both keys in use.
        #expect(try test.use("A2") == "key 2")
        try test.custom("B", key: "new")
        try test.verify()
        let vault = try test.reopen()
        let receipt = try vault.perform(RotateMasterKey(resumeOnly: true), as: try test.unlock(vault))
        #expect(receipt == RotationReceipt(from: 1, to: 2, resealed: 6))
        #expect(test.scene.notices.contains(.resuming(epoch: 1)))
        #expect(try test.use("A2") == "key 2")
        #expect(try test.use("B") == "new")
        try test.verify()
        #expect(
            failure { try vault.perform(RotateMasterKey(resumeOnly: true), as: test.session) }
                == .masterKey(.nothingToResume))
    }

    @Test func `keeps the old key while a row has an unknown epoch`() throws {
        let test = try TestVault()
        for number in 0..<3 { try test.custom("A\(number)", key: "key \(number)") }
        try test.raw("UPDATE secrets SET epoch = 99 WHERE id = 2")
        #expect(
            failure { try test.vault.perform(RotateMasterKey(), as: test.session) }
                == .masterKey(.secretsNotResealed(["A1: app-key"], left: 1)))
        try test.raw("UPDATE secrets SET epoch = 1 WHERE id = 2")
        _ = try test.vault.perform(RotateMasterKey(), as: test.session)
        #expect(try test.use("A1") == "key 1")
        try test.verify()
    }

    @Test func `only an admin can resume a rotation`() throws {
        let (test, blob) = try stopped()
        let bo = try test.addMember("bo", .user)
        try test.setBlob("A2", "app-key", blob)
        #expect(
            failure { try test.vault.perform(RotateMasterKey(), as: bo) }
                == .access(.forbidden(member: "bo", role: .user, action: .beginEpoch)))
        #expect(try test.vault.perform(ShowKeyStatus()).secrets.map(\.count) == [1, 4])
    }

    // case 28
    @Test func `keeps a secret that is written during a rotation`() throws {
        let test = try TestVault()
        for number in 0..<3 { try test.custom("A\(number)", key: "key \(number)") }
        let other = try test.second()
        var hasWritten = false
        defer { test.scene.onNotice = { _ in } }
        test.scene.onNotice = { notice in
            guard case .progress(.sealing, _, _) = notice, !hasWritten else { return }
            hasWritten = true
            #expect(throws: Never.self) {
                _ = try other.perform(
                    SetSecret("app-key", of: "A0", to: secret("written concurrently")), as: test.session)
                try test.custom("B", key: "created concurrently")
            }
        }
        let vault = try Vault.open(test.path, test.surroundings)
        _ = try vault.perform(RotateMasterKey(), as: test.session)
        #expect(hasWritten)
        let epochs = try test.raw { try Int.fetchAll($0, sql: "SELECT DISTINCT epoch FROM secrets") }
        #expect(epochs == [2])
        #expect(try test.use("A0") == "written concurrently")
        #expect(try test.use("B") == "created concurrently")
        #expect(try test.use("A1") == "key 1")
        try test.verify()
    }

    // case 29
    @Test func `of two concurrent rotations, one fails with a clear error`() throws {
        let test = try TestVault()
        try test.custom("A")
        let other = try test.second()
        var answers: [VaultError?] = []
        test.scene.onNotice = { notice in
            guard case .progress(.sealing, _, _) = notice else { return }
            answers.append(failure { try other.perform(RotateMasterKey(), as: test.session) })
        }
        let receipt = try test.vault.perform(RotateMasterKey(), as: test.session)
        #expect(answers == [.masterKey(.rotationInProgress)])
        #expect(receipt.to == 2)
        test.scene.onNotice = { _ in }
        #expect(try other.perform(RotateMasterKey(), as: test.session).to == 3)
        try test.verify()
    }

    // case 30
    @Test func `refuses a blob of a retired epoch`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        let old = try test.row("A")
        try test.rotate()
        try test.putBack(old)
        let retired = Tampering.secretRetired(owner: "A", field: "app-key", epoch: 1)
        #expect(failure { try test.use("A") } == .integrity(.tampered(retired)))
        #expect(try test.faults(secrets: false) == [retired])
        // The old blob under the new epoch's number.
        try test.raw("UPDATE secrets SET epoch = 2")
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.secretExchanged(owner: "A", field: "app-key"))))
    }

    // case 30: the rotation must not accept a row with a lowered epoch
    @Test func `a rotation reports a row with a retired epoch`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.rotate()
        try test.raw("UPDATE secrets SET epoch = 1")
        #expect(
            failure { try test.vault.perform(RotateMasterKey(), as: test.session) }
                == .masterKey(.secretsNotResealed(["A: app-key"], left: 1)))
    }

    // case 27
    @Test func `refuses forged rotation state`() throws {
        let test = try TestVault()
        try test.custom("A")
        let epoch = try test.raw { try Row.fetchOne($0, sql: "SELECT * FROM epochs") }
        try test.rotate()
        let copy = try test.copy()
        let attacks: [(String, StatementArguments, Tampering)] = [
            ("INSERT INTO epochs VALUES (3, randomblob(32), randomblob(32), NULL)", [], .epochRow(epoch: 3)),
            ("INSERT INTO epochs VALUES (3, randomblob(32), randomblob(32), x'01')", [], .epochRow(epoch: 3)),
            (
                "INSERT INTO epochs VALUES (1, ?, ?, NULL)",
                [epoch?["commitment"] as Data?, epoch?["deposit_key"] as Data?], .epochRow(epoch: 1)
            ),
            ("UPDATE epochs SET sealed_previous = randomblob(177)", [], .epochRow(epoch: 2)),
            ("UPDATE epochs SET commitment = randomblob(32)", [], .epochRow(epoch: 2)),
            ("UPDATE epochs SET deposit_key = randomblob(32)", [], .epochRow(epoch: 2)),
            ("DELETE FROM epochs", [], .epochRow(epoch: 2)),
            ("DELETE FROM grants", [], .grantRow(epoch: 2)),
            ("INSERT INTO grants VALUES (2, randomblob(16), randomblob(80))", [], .grantRow(epoch: 2)),
        ]
        for (sql, arguments, fault) in attacks {
            try test.raw(sql, arguments)
            #expect(try test.faults(secrets: false).contains(fault), "\(sql)")
            try test.restore(copy)
            try test.reopen()
        }
        try test.verify()
    }

    // case 27
    @Test func `refuses an interrupted rotation that is forged as finished or reversed`() throws {
        let (test, blob) = try stopped()
        try test.setBlob("A2", "app-key", blob)
        let copy = try test.copy()
        try test.raw("DELETE FROM epochs WHERE epoch = 1; UPDATE epochs SET sealed_previous = NULL")
        let faults = try test.faults(secrets: false)
        #expect(faults.contains(.epochRow(epoch: 2)) && faults.contains(.epochRow(epoch: 1)))
        let session = try test.unlock(test.reopen())
        #expect(failure { try test.use("A2", as: session) } == .integrity(.tampered(.epochRow(epoch: 1))))
        let stopped = VaultError.masterKey(
            .rotationStopped(epoch: 2, because: .integrity(.tampered(.epochRow(epoch: 1)))))
        #expect(failure { try test.vault.perform(RotateMasterKey(), as: session) } == stopped)

        try test.restore(copy, forgettingAnchors: true)
        try test.raw("UPDATE secrets SET epoch = 1; DELETE FROM epochs WHERE epoch = 2")
        let again = try test.unlock(test.reopen())
        #expect(failure { try test.use("A1", as: again) } != nil)
        #expect(try test.faults(secrets: false).contains(.epochRow(epoch: 2)))
    }

    // case 27
    @Test func `refuses another vault's key in place of the old key`() throws {
        let (test, blob) = try stopped()
        try test.setBlob("A2", "app-key", blob)
        let (other, _) = try stopped()
        let sealed = try other.raw {
            try Data.fetchOne($0, sql: "SELECT sealed_previous FROM epochs WHERE epoch = 2")
        }
        try test.raw("UPDATE epochs SET sealed_previous = ? WHERE epoch = 2", [sealed])
        let session = try test.unlock(test.reopen())
        #expect(failure { try test.use("A2", as: session) } == .integrity(.tampered(.epochRow(epoch: 2))))
    }

    @Test func `refuses a grant that opens to another key`() throws {
        let test = try TestVault()
        let other = try TestVault()
        try test.custom("A")
        let grant = try other.raw { try Data.fetchOne($0, sql: "SELECT sealed FROM grants") }
        try test.raw("UPDATE grants SET sealed = ?", [grant])
        let session = try test.unlock(test.reopen())
        #expect(failure { try test.use("A", as: session) } == .integrity(.tampered(.grantRow(epoch: 1))))
    }

    @Test func `rotates an empty vault`() throws {
        let test = try TestVault()
        #expect(try test.vault.perform(RotateMasterKey(), as: test.session).resealed == 0)
        try test.verify()
    }

    @Test func `reseals rows in several batches`() throws {
        let test = try TestVault()
        test.vault.chunksInTransaction = 2
        var number = 0
        _ = try test.vault.createAll(connector: "celonis", as: test.session) {
            defer { number += 1 }
            guard number < 4100 else { return nil }
            return OwnerDraft(
                .connection, connector: "celonis", name: "A\(number)",
                settings: [
                    "api-type": ["intelligence"], "domain": ["t.us-1.celonis.cloud"], "auth-type": ["custom"],
                ],
                secrets: ["app-key": secret("key \(number)")])
        }
        // As in an agent, which otherwise settles only after its answer: the write-ahead log must not hold all seals.
        test.vault.settlesLater = true
        var log = 0
        let notice = test.vault.surroundings.notice
        test.vault.surroundings.notice = { [path = test.path] heard in
            notice(heard)
            log = max(log, (try? Data(contentsOf: URL(filePath: path + "-wal")).count) ?? 0)
        }
        try test.rotate()
        #expect(log > 0 && log <= 64 * 4120)
        for number in [0, 3999, 4000, 4099] { #expect(try test.use("A\(number)") == "key \(number)") }
        let seals = test.scene.notices.filter {
            if case .progress(.sealing, _, 4100) = $0 { true } else { false }
        }
        #expect(seals.count > 1)
        #expect(try test.verify().opened == 4100)
    }
}
