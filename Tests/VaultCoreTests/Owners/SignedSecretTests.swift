import Foundation
import GRDB
import Testing
import VaultCrypto
import VaultLedger
import VaultRegistry

@testable import VaultCore
@testable import VaultStore

/// Every sealed byte of a secret is one that an entry has signed, whoever could have sealed it.
@Suite struct SignedSecretTests {
    /// What a member who may open can do with SQLite: another value, sealed rightly under the master key, in a row that has
    /// all else that was signed.
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
        #expect(failure { try test.holds("planted", owner, field) } == .tampered(fault))
        #expect(try test.faults(secrets: false) == [fault])
        #expect(try test.faults() == [fault])
        // Somebody who has never seen the vault finds it, too.
        #expect(
            failure {
                try Vault.verify(
                    test.path, TestVault.surroundings(test.scene, test.folder + "/\(UUID())"))
            } == .verificationFailed([fault]))
    }

    @Test("refuses a value that a member sealed into a row without an entry (case 112)")
    func exchanged() throws {
        let test = try TestVault()
        try test.custom("A", key: "signed")
        try test.client("C")
        let copy = try test.copy()
        try exchange(test, "A")
        #expect(failure { try test.use("A") } == .tampered(.secretExchanged(owner: "A", field: "app-key")))
        try expectExchanged(test)
        try test.restore(copy, forgetting: true)
        try test.reopen()
        try exchange(test, "C")
        try expectExchanged(test, "C", "client-secret")
    }

    @Test("refuses it after a rotation, where a digest list has the digest, and during one (case 112)")
    func exchangedAfterRotation() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name, key: "signed") }
        try test.rotate()
        #expect(try test.use("A") == "signed")
        let copy = try test.copy()
        try exchange(test, "A")
        try expectExchanged(test)
        try test.restore(copy, forgetting: true)
        try test.reopen()
        try stop(test, at: "B")
        for name in ["A", "B"] {
            #expect(try test.use(name) == "signed")
            let copy = try test.copy()
            try exchange(test, name)
            try expectExchanged(test, name)
            try test.restore(copy, forgetting: true)
            try test.reopen()
        }
    }

    @Test("does not seal an exchanged value again, so that no rotation signs for it (case 112)")
    func rotation() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name, key: "signed") }
        try exchange(test, "A")
        #expect(
            failure { try test.vault.rotateMasterKey(as: test.session) }
                == .rowsNotResealed(["A: app-key"], left: 1))
        #expect(try test.vault.keyStatus().retiring == 1)
        try expectExchanged(test)
        // What the message says to do.
        try test.set("A", "app-key", "entered again")
        _ = try test.vault.rotateMasterKey(as: test.session, resumeOnly: true)
        #expect(try test.use("A") == "entered again" && test.use("B") == "signed")
        try test.verify()
    }

    /// Stops a rotation before one secret, which does not open for a moment.
    private func stop(_ test: TestVault, at name: String) throws {
        let blob = try test.blob(name, "app-key")
        try test.setBlob(name, "app-key", Data([UInt8](repeating: 1, count: 145)))
        #expect(
            failure { try test.vault.rotateMasterKey(as: test.session) }
                == .rowsNotResealed(["\(name): app-key"], left: 1))
        try test.setBlob(name, "app-key", blob)
    }

    @Test("keeps the old master key while a row claims the new one (case 97)")
    func claimedEpoch() throws {
        let test = try TestVault()
        for name in ["A", "B", "C"] { try test.custom(name, key: "key of \(name)") }
        try stop(test, at: "B")
        let copy = try test.copy()
        try test.raw("UPDATE secrets SET epoch = 2 WHERE epoch = 1")
        let fault = Tampering.secretExchanged(owner: "B", field: "app-key")
        #expect(try test.faults(secrets: false) == [fault])
        #expect(
            failure { try test.vault.rotateMasterKey(as: test.session, resumeOnly: true) }
                == .verificationFailed([fault]))
        #expect(try test.vault.keyStatus().retiring == 1)
        #expect(failure { try test.use("B") } == .tampered(fault))
        // Nothing is lost: with the epoch that is true, the rotation ends.
        try test.raw("UPDATE secrets SET epoch = 1 WHERE owner = 2")
        #expect(try test.vault.rotateMasterKey(as: test.session, resumeOnly: true).resealed == 3)
        for name in ["A", "B", "C"] { #expect(try test.use(name) == "key of \(name)") }
        // The reverse: a row that was sealed again claims the old key.
        try test.restore(copy, forgetting: true)
        try test.reopen()
        try test.raw("UPDATE secrets SET epoch = 1 WHERE owner = 1")
        #expect(
            failure { try test.vault.rotateMasterKey(as: test.session, resumeOnly: true) }
                == .rowsNotResealed(["A: app-key"], left: 1))
        #expect(try test.vault.keyStatus().retiring == 1)
    }

    @Test(
        "refuses the seal from before a rotation that has stopped, whatever the hint says",
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
        #expect(failure { try test.use("A") } == .tampered(fault))
        #expect(try test.faults(secrets: false) == [fault])
        #expect(try test.use("B") == "key of B")
    }

    @Test(
        "finds the list without its hint, and names a hint that is wrong",
        arguments: ["NULL", "0", "3", "99"])
    func hints(hint: String) throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name, key: "key of \(name)") }
        try test.rotate()
        try test.set("B", "app-key", "newer")
        try test.raw("UPDATE secrets SET listed = \(hint)")
        #expect(try test.use("A") == "key of A" && test.use("B") == "newer")
        try test.vault.annotate(.connection, "A", tags: [], note: "x", as: test.session)
        let faults = try test.faults(secrets: false)
        #expect(faults.contains(.secretExchanged(owner: "A", field: "app-key")))
        #expect(faults.contains(.secretExchanged(owner: "B", field: "app-key")) == (hint != "NULL"))
    }

    @Test(
        "refuses a digest list that was altered, deleted, exchanged or planted",
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
        // One who goes on from before the rotation reads the lists, too.
        #expect(
            failure {
                try Vault.verify(
                    test.path, TestVault.surroundings(test.scene, test.folder + "/\(UUID())"))
            } != nil)
    }

    @Test("replaces and destroys what was altered, since it is not used for that")
    func repairs() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "pending"])
        try test.raw("UPDATE secrets SET sealed = zeroblob(145)")
        _ = try test.vault.destroyVersion(2, of: "app-key", of: "A", as: test.session)
        try test.set("A", "app-key", "new")
        #expect(try test.use("A") == "new")
        try test.verify()
    }

    @Test("an independent reader of the format finds the same digests, and the same differences")
    func independently() throws {
        guard let python = Python() else { return print("left out: there is no python3 with sqlite3") }
        let team = try Team()
        let test = team.test
        for number in 0..<300 { try test.custom("A\(number)", key: "key \(number)") }
        try test.client("C")
        try test.rotate()
        try test.set("A", "app-key", "deposited", as: team.cora)
        try test.custom("deposited", as: team.cora)
        try test.start("A7", ["app-key": "pending"])
        _ = try test.vault.finishRotation(
            of: "A7", overlap: .days(1), untested: true, as: test.session)
        try test.vault.remove(.connection, "A9", as: team.bo)
        try stop(test, at: "A5")
        try test.set("A5", "app-key", "newer")
        try test.custom("during the rotation")
        try test.rotate()
        #expect(try python.digests(of: test.path) == ["304 known, 0 unknown"])
        try test.verify()
        try exchange(test, "A7")
        #expect(
            try python.digests(of: test.path) == [
                "A7: ('app-key', 2) is not what was signed", "303 known, 0 unknown",
            ])
    }
}

/// Python with SQLite, where it is installed.
struct Python {
    private static let script = URL(filePath: #filePath).appending(path: "../../Foreign/digests.py")
        .standardized

    init?() {
        guard (try? Self.run(["-c", "import sqlite3"]))?.status == 0 else { return nil }
    }

    /// What `digests.py` says of a vault.
    func digests(of path: String) throws -> [String] {
        let (status, lines) = try Self.run([Self.script.path, path])
        #expect(status == 0)
        return lines
    }

    private static func run(_ arguments: [String]) throws -> (status: Int32, lines: [String]) {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (
            process.terminationStatus,
            String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        )
    }
}
