import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// Incremental verification: what is new since the last verification of the same file.
@Suite struct VerifyingNewTests {
    @Test func `checks new entries and the owners that they are about`() throws {
        let test = try TestVault()
        try test.client("C")
        for name in ["A", "B"] { try test.custom(name) }
        try test.verify(secrets: false)
        let (size, then) = (test.vault.size, test.scene.now)
        #expect(try test.verifyNew().since == Seen(size: size, time: then))
        test.advance(hours: 1)
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

    @Test func `verifies a file completely the first time`() throws {
        let test = try TestVault()
        try test.custom("A")
        #expect(try test.verifyNew().since == nil)
        #expect(try test.verifyNew().since != nil)
        let copy = test.folder + "/v/copy.db"
        try test.copy().write(to: URL(filePath: copy))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy)
        #expect(try Vault.open(copy, test.surroundings).perform(VerifyVault(onlyNew: true)).since == nil)
    }

    @Test func `skips rows without new entries, which a full verification checks`() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name) }
        try test.verify(secrets: false)
        try test.set("A", "app-key", "newer")
        try test.raw("UPDATE owners SET note = 'x' WHERE name = 'B'")
        #expect(try test.verifyNew().owners == 1)
        let fault = Tampering.annotationsChanged(owner: "B", signedBy: "ana", at: test.scene.now)
        #expect(try test.faults() == [fault])
        // After a fault, the next verification is complete.
        #expect(failure { try test.verifyNew() } == .integrity(.verificationFailed([fault])))
    }

    // Attacks on rows with new entries, and on the tables that are always checked.
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
    func `refuses attacks on new entries and their rows`(attack: String) throws {
        let test = try TestVault()
        test.vault.surroundings.reason = "newer"
        try test.custom("A")
        _ = try test.addMember("bo", .writer)
        try test.verify(secrets: false)
        try test.set("A", "app-key", "newer")
        _ = try test.use("A")
        let use = try test.vault.perform(OpenConnection("A", for: .test), as: test.session)
        try test.vault.perform(RecordTest(TestOutcome(passed: true), of: use), as: test.session)
        try test.raw(attack)
        #expect(failure { try test.verifyNew() } != nil)
    }

    @Test func `checks that the tree extends the verified one`() throws {
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
                    == .integrity(.verificationFailed([.treeDamaged(size: size)])))
        }
    }

    @Test func `checks every row after a rotation of the master key`() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name) }
        try test.verify(secrets: false)
        try test.rotate()
        #expect(try test.verifyNew().opened == 2)
        try test.verify(secrets: false)
        try test.rotate()
        try test.raw("UPDATE secrets SET epoch = 2 WHERE owner = 1")
        let error = failure { try test.verifyNew(secrets: false) }
        #expect(
            error == .integrity(.verificationFailed([.secretRetired(owner: "A", field: "app-key", epoch: 2)]))
        )
    }

    @Test func `reports rows of a removed owner, and missing rows`() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name) }
        try test.verify(secrets: false)
        let row = try test.raw { try Row.fetchOne($0, sql: "SELECT * FROM owners WHERE name = 'A'")! }
        try test.vault.perform(RemoveOwner(.connection, "A"), as: test.session)
        try test.raw { db in
            try db.execute(
                sql: "INSERT INTO owners VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: StatementArguments(row.databaseValues))
        }
        #expect(
            failure { try test.verifyNew(secrets: false) }
                == .integrity(.verificationFailed([.ownerUnsigned(owner: "A")])))
        try test.raw("DELETE FROM owners WHERE name = 'A'")
        try test.verify(secrets: false)
        let seq = test.vault.size
        try test.set("B", "app-key", "newer")
        try test.raw("DELETE FROM owners WHERE name = 'B'; DELETE FROM secrets")
        #expect(
            failure { try test.verifyNew(secrets: false) }
                == .integrity(.verificationFailed([.ownerMissing(name: "B", seq: seq)])))
    }

    @Test func `verifies an accepted history completely`() throws {
        let test = try TestVault()
        try test.custom("A")
        let copy = try test.copy()
        try test.custom("B")
        try test.verify(secrets: false)
        try test.restore(copy)
        try test.accept()
        #expect(try test.verifyNew().since == nil)
        #expect(try test.verifyNew().since?.size == 5)
    }
}
