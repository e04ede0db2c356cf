import Foundation
import GRDB
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// A second verify of the same file: what came since the first one, and no more.
@Suite struct VerifyingNewTests {
    @Test func `looks at new entries and the owners that they are about`() throws {
        let test = try TestVault()
        try test.client("C")
        for name in ["A", "B"] { try test.custom(name) }
        try test.verify(secrets: false)
        let (size, then) = (test.vault.size, test.scene.now)
        #expect(try test.verifyNew().since == Seen(size: size, time: then))
        test.pass(1)
        try test.oauth("O", client: "C")
        try test.set("A", "app-key", "newer")
        _ = try test.addMember("bo", .writer)
        #expect(try test.use("A") == "newer")
        let report = try test.verifyNew()
        #expect(report.since == Seen(size: size, time: then))
        #expect(report.entries == test.vault.size && report.heads == 4)
        #expect(report.owners == 2 && report.secrets == 1 && report.opened == 1)
        #expect(report.root == test.vault.known.range.root.hex)
        #expect(try test.verifyNew().since?.size == test.vault.size)
    }

    @Test func `where this file was never verified, all of it is`() throws {
        let test = try TestVault()
        try test.custom("A")
        #expect(try test.verifyNew().since == nil)
        #expect(try test.verifyNew().since != nil)
        let copy = test.folder + "/v/copy.db"
        try test.copy().write(to: URL(filePath: copy))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy)
        #expect(try Vault.verify(copy, test.surroundings, onlyNew: true).since == nil)
    }

    @Test func `says nothing of rows that no new entry is about; the whole verify does`() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name) }
        try test.verify(secrets: false)
        try test.set("A", "app-key", "newer")
        try test.raw("UPDATE owners SET note = 'x' WHERE name = 'B'")
        #expect(try test.verifyNew().owners == 1)
        let fault = Tampering.annotationsChanged(owner: "B", signedBy: "ana", at: test.scene.now)
        #expect(try test.faults() == [fault])
        // Once it was found, nothing that was verified before stands for this file.
        #expect(failure { try test.verifyNew() } == .verificationFailed([fault]))
    }

    /// What an editor can do to rows that new entries are about, and to the tables that are always looked at.
    @Test(
        arguments: [
            "UPDATE owners SET settings = replace(settings, 'us-1', 'eu-1') WHERE name = 'A'",
            "DELETE FROM owners WHERE name = 'A'", "DELETE FROM secrets WHERE owner = 1",
            "UPDATE secrets SET sealed = x'' WHERE owner = 1",
            "UPDATE secrets SET set_by = 'eve' WHERE owner = 1",
            "UPDATE secrets SET used_at = '2026-01-01T00:00:00Z' WHERE owner = 1",
            "UPDATE secrets SET epoch = 7 WHERE owner = 1", "UPDATE tests SET seq = 1", "DELETE FROM tests",
            "UPDATE members SET role = 'admin'", "DELETE FROM slots", "DELETE FROM grants",
            "UPDATE epochs SET deposit_key = zeroblob(32)", "INSERT INTO connectors VALUES ('other', 'x')",
            "UPDATE heads SET note = replace(note, 'ana', 'eve') WHERE size = (SELECT max(size) FROM heads)",
            "UPDATE entries SET entry = replace(entry, 'newer', 'older') WHERE seq = 8",
            "DELETE FROM entries WHERE seq = 8",
            "INSERT INTO digest_lists SELECT max(seq), x'0000000000000000' FROM entries",
            "INSERT INTO digest_lists VALUES (9999, x'')",
        ])
    func `refuses what was done to what is new`(attack: String) throws {
        let test = try TestVault()
        test.vault.surroundings.reason = "newer"
        try test.custom("A")
        _ = try test.addMember("bo", .writer)
        try test.verify(secrets: false)
        try test.set("A", "app-key", "newer")
        _ = try test.use("A")
        let use = try test.vault.open("A", for: .test, as: test.session)
        try test.vault.recordTest(TestOutcome(passed: true), of: use, as: test.session)
        try test.raw(attack)
        #expect(failure { try test.verifyNew() } != nil)
    }

    @Test func `the tree of the older entries must have the root that it had, and go on from it`() throws {
        let test = try TestVault()
        for number in 0..<300 { try test.custom("A\(number)") }
        try test.verify(secrets: false)
        let verified = URL(filePath: test.surroundings.anchors.verifiedPath(of: test.vault.id))
        let then = try Data(contentsOf: verified)
        for number in 300..<600 { try test.custom("A\(number)") }
        let (copy, size) = (try test.copy(), test.vault.size)
        #expect(try test.verifyNew(secrets: false).owners == 300)
        for level in 0...1 {
            try test.restore(copy)
            try then.write(to: verified)
            try test.raw(
                "UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE level = ? AND position = ?",
                [level, 1 - level])
            #expect(
                failure { try test.verifyNew(secrets: false) }
                    == .verificationFailed([.treeDamaged(size: size)]))
        }
    }

    @Test func `after another master key every row is looked at`() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name) }
        try test.verify(secrets: false)
        try test.rotate()
        #expect(try test.verifyNew().opened == 2)
        try test.verify(secrets: false)
        try test.rotate()
        try test.raw("UPDATE secrets SET epoch = 2 WHERE owner = 1")
        let error = failure { try test.verifyNew(secrets: false) }
        #expect(error == .verificationFailed([.secretRetired(owner: "A", field: "app-key", epoch: 2)]))
    }

    @Test func `an owner that was removed has no row, and one that was not has one`() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name) }
        try test.verify(secrets: false)
        let row = try test.raw { try Row.fetchOne($0, sql: "SELECT * FROM owners WHERE name = 'A'")! }
        try test.vault.remove(.connection, "A", as: test.session)
        try test.raw { db in
            try db.execute(
                sql: "INSERT INTO owners VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: StatementArguments(row.databaseValues))
        }
        #expect(
            failure { try test.verifyNew(secrets: false) }
                == .verificationFailed([.ownerUnsigned(owner: "A")]))
        try test.raw("DELETE FROM owners WHERE name = 'A'")
        try test.verify(secrets: false)
        let seq = test.vault.size
        try test.set("B", "app-key", "newer")
        try test.raw("DELETE FROM owners WHERE name = 'B'; DELETE FROM secrets")
        #expect(
            failure { try test.verifyNew(secrets: false) }
                == .verificationFailed([.ownerMissing(name: "B", seq: seq)]))
    }

    @Test func `a history that was accepted is verified whole`() throws {
        let test = try TestVault()
        try test.custom("A")
        let copy = try test.copy()
        try test.custom("B")
        try test.verify(secrets: false)
        try test.restore(copy)
        try Vault.accept(test.path, test.surroundings) { try test.unlock($0) }
        #expect(try test.verifyNew().since == nil)
        #expect(try test.verifyNew().since?.size == 5)
    }
}
