import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultRegistry

@testable import VaultCore
@testable import VaultStore

/// Entries sign the sealed bytes of every secret, so that even a member with the master key cannot replace them.
@Suite struct SignedSecretTests {
    /// Replaces a secret in its row with another value, correctly sealed under the master key, as a member with SQLite could.
    private func exchange(_ test: TestVault, _ owner: String, _ value: String = "planted") throws {
        let (row, secret) = try test.vault.read { rows in
            let row = try rows.findEither(owner)
            return (row, try #require(try rows.secrets(of: row.id).first { $0.isCurrent }))
        }
        let blob = try test.vault.read { rows in
            let key = try test.session.masterKey(secret.epoch, test.vault.known, rows)
            let address = SecretAddress(
                vault: test.vault.id, owner: row.uid, field: secret.field, version: secret.version,
                epoch: secret.epoch, settingsDigest: secret.settingsDigest)
            return try key.key.withKey {
                try Seal.seal(
                    SecretBytes(copying: Array(value.utf8)), key: $0, purpose: .secret, aad: address.aad)
            }
        }
        try test.raw("UPDATE secrets SET sealed = ? WHERE id = ?", [Data(blob), secret.id])
    }

    private func expectExchanged(_ test: TestVault, _ owner: String = "A", _ field: String = "app-key") throws
    {
        let fault = Tampering.secretExchanged(owner: owner, field: field)
        #expect(failure { try test.holds("planted", owner, field) } == .integrity(.tampered(fault)))
        #expect(try test.faults(secrets: false) == [fault])
        #expect(try test.faults() == [fault])
        // A user without an anchor finds it, too.
        #expect(
            failure {
                try Vault.open(test.path, TestVault.surroundings(test.scene, test.folder + "/\(UUID())"))
                    .perform(VerifyVault())
            } == .integrity(.verificationFailed([fault])))
    }

    @Test("refuses a value that a member seals into a row without an entry (case 112)")
    func exchanged() throws {
        let test = try TestVault()
        try test.custom("A", key: "signed")
        try test.client("C")
        let copy = try test.copy()
        try exchange(test, "A")
        #expect(
            failure { try test.use("A") }
                == .integrity(.tampered(.secretExchanged(owner: "A", field: "app-key"))))
        try expectExchanged(test)
        try test.restore(copy, forgettingAnchors: true)
        try test.reopen()
        try exchange(test, "C")
        try expectExchanged(test, "C", "client-secret")
    }

    @Test("refuses a value without an entry during and after a rotation, if a list has the digest (case 112)")
    func exchangedAfterRotation() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name, key: "signed") }
        try test.rotate()
        #expect(try test.use("A") == "signed")
        let copy = try test.copy()
        try exchange(test, "A")
        try expectExchanged(test)
        try test.restore(copy, forgettingAnchors: true)
        try test.reopen()
        try stop(test, at: "B")
        for name in ["A", "B"] {
            #expect(try test.use(name) == "signed")
            let copy = try test.copy()
            try exchange(test, name)
            try expectExchanged(test, name)
            try test.restore(copy, forgettingAnchors: true)
            try test.reopen()
        }
    }

    @Test("a rotation does not reseal, and so does not sign, a replaced value (case 112)")
    func rotation() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name, key: "signed") }
        try exchange(test, "A")
        #expect(
            failure { try test.vault.perform(RotateMasterKey(), as: test.session) }
                == .masterKey(.secretsNotResealed(["A: app-key"], left: 1)))
        #expect(try test.vault.perform(ShowKeyStatus()).retiring == 1)
        try expectExchanged(test)
        // Follow the advice of the message.
        try test.set("A", "app-key", "entered again")
        _ = try test.vault.perform(RotateMasterKey(resumeOnly: true), as: test.session)
        #expect(try test.use("A") == "entered again" && test.use("B") == "signed")
        try test.verify()
    }

    /// Interrupts a rotation at one secret, which is damaged temporarily.
    private func stop(_ test: TestVault, at name: String) throws {
        let blob = try test.blob(name, "app-key")
        try test.setBlob(name, "app-key", Data([UInt8](repeating: 1, count: 145)))
        #expect(
            failure { try test.vault.perform(RotateMasterKey(), as: test.session) }
                == .masterKey(.secretsNotResealed(["\(name): app-key"], left: 1)))
        try test.setBlob(name, "app-key", blob)
    }

    @Test("keeps the old master key while a row claims the new epoch (case 97)")
    func claimedEpoch() throws {
        let test = try TestVault()
        for name in ["A", "B", "C"] { try test.custom(name, key: "key of \(name)") }
        try stop(test, at: "B")
        let copy = try test.copy()
        try test.raw("UPDATE secrets SET epoch = 2 WHERE epoch = 1")
        let fault = Tampering.secretExchanged(owner: "B", field: "app-key")
        #expect(try test.faults(secrets: false) == [fault])
        #expect(
            failure { try test.vault.perform(RotateMasterKey(resumeOnly: true), as: test.session) }
                == .integrity(.verificationFailed([fault])))
        #expect(try test.vault.perform(ShowKeyStatus()).retiring == 1)
        #expect(failure { try test.use("B") } == .integrity(.tampered(fault)))
        // Nothing is lost: with the right epoch, the rotation completes.
        try test.raw("UPDATE secrets SET epoch = 1 WHERE owner = 2")
        #expect(try test.vault.perform(RotateMasterKey(resumeOnly: true), as: test.session).resealed == 3)
        for name in ["A", "B", "C"] { #expect(try test.use(name) == "key of \(name)") }
        // The reverse: a resealed row claims the old epoch.
        try test.restore(copy, forgettingAnchors: true)
        try test.reopen()
        try test.raw("UPDATE secrets SET epoch = 1 WHERE owner = 1")
        #expect(
            failure { try test.vault.perform(RotateMasterKey(resumeOnly: true), as: test.session) }
                == .masterKey(.secretsNotResealed(["A: app-key"], left: 1)))
        #expect(try test.vault.perform(ShowKeyStatus()).retiring == 1)
    }

    @Test(
        "refuses a blob from before an interrupted rotation, with any hint",
        arguments: [0, 1, 2])
    func stale(hint: Int) throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name, key: "key of \(name)") }
        try test.rotate()
        let old = try test.row("A")
        try stop(test, at: "B")
        try test.putBack(old)
        let hints = ["listed", "NULL", "(SELECT max(seq) FROM digest_lists)"]
        try test.raw("UPDATE secrets SET listed = \(hints[hint]) WHERE owner = 1")
        let fault = Tampering.secretExchanged(owner: "A", field: "app-key")
        #expect(failure { try test.use("A") } == .integrity(.tampered(fault)))
        #expect(try test.faults(secrets: false) == [fault])
        #expect(try test.use("B") == "key of B")
    }

    @Test(
        "finds the digest list without a hint, and reports a wrong hint",
        arguments: ["NULL", "0", "3", "99"])
    func hints(hint: String) throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name, key: "key of \(name)") }
        try test.rotate()
        try test.set("B", "app-key", "newer")
        try test.raw("UPDATE secrets SET listed = \(hint)")
        #expect(try test.use("A") == "key of A" && test.use("B") == "newer")
        try test.vault.perform(AnnotateOwner(.connection, "A", tags: [], note: "x"), as: test.session)
        let faults = try test.faults(secrets: false)
        #expect(faults.contains(.secretExchanged(owner: "A", field: "app-key")))
        #expect(faults.contains(.secretExchanged(owner: "B", field: "app-key")) == (hint != "NULL"))
    }

    @Test(
        "refuses a digest list that is altered, deleted, replaced or inserted",
        arguments: [
            "DELETE FROM digest_lists WHERE seq = (SELECT min(seq) FROM digest_lists)",
            "UPDATE digest_lists SET list = CAST(substr(list, 1, length(list) - 1) || x'00' AS BLOB)",
            "UPDATE digest_lists SET list = x''", "UPDATE digest_lists SET seq = seq + 100",
            "UPDATE digest_lists SET list = (SELECT list FROM digest_lists ORDER BY seq DESC LIMIT 1)",
            "INSERT INTO digest_lists VALUES (1, x'0000000000000000')",
            "INSERT INTO digest_lists SELECT 999, list FROM digest_lists LIMIT 1",
        ])
    func lists(attack: String) throws {
        let test = try TestVault()
        for number in 0..<300 { try test.custom("A\(number)", key: "key") }
        try test.rotate()
        #expect(try test.raw { try Int.fetchOne($0, sql: "SELECT count(*) FROM digest_lists") } == 2)
        try test.raw(attack)
        #expect(failure { try test.verify(secrets: false) } != nil)
        if !attack.hasPrefix("INSERT") { #expect(failure { try test.use("A3") } != nil) }
        // A user without an anchor reads the lists, too.
        #expect(
            failure {
                try Vault.open(test.path, TestVault.surroundings(test.scene, test.folder + "/\(UUID())"))
                    .perform(VerifyVault())
            } != nil)
    }

    @Test("an altered secret can be replaced and destroyed")
    func repairs() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "pending"])
        try test.raw("UPDATE secrets SET sealed = zeroblob(145)")
        _ = try test.vault.perform(DestroyVersion(2, of: "app-key", of: "A"), as: test.session)
        try test.set("A", "app-key", "new")
        #expect(try test.use("A") == "new")
        try test.verify()
    }

    @Test(
        "an independent implementation finds the same digests and the same differences",
        .enabled(if: DigestReader.isAvailable, "there is no python3 with sqlite3"))
    func independently() throws {
        let team = try Team()
        let test = team.test
        for number in 0..<300 { try test.custom("A\(number)", key: "key \(number)") }
        try test.client("C")
        try test.rotate()
        try test.set("A", "app-key", "deposited", as: team.cora)
        try test.custom("deposited", as: team.cora)
        try test.start("A7", ["app-key": "pending"])
        _ = try test.vault.perform(
            FinishRotation(of: "A7", overlap: .days(1), untested: true), as: test.session)
        try test.vault.perform(RemoveOwner(.connection, "A9"), as: team.bo)
        try stop(test, at: "A5")
        try test.set("A5", "app-key", "newer")
        try test.custom("during the rotation")
        try test.rotate()
        #expect(try DigestReader.digests(of: test.path) == ["304 known, 0 unknown"])
        try test.verify()
        try exchange(test, "A7")
        #expect(
            try DigestReader.digests(of: test.path) == [
                "A7: ('app-key', 2) differs from its signed digest", "303 known, 0 unknown",
            ])
    }
}

/// `digests.py`, which recomputes the digests of a vault's secrets from docs/format.md alone.
enum DigestReader {
    static let isAvailable = Python.has(module: "sqlite3")

    /// The lines that the script prints for a vault.
    static func digests(of path: String) throws -> [String] {
        let script = Repository.file("Tests/VaultCoreTests/Python/digests.py")
        let outcome = try Subprocess.run("python3", [script.path, path])
        #expect(outcome.status == 0)
        return outcome.lines
    }
}
