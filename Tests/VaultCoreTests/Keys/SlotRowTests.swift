import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// Slots that an attacker changes in the file.
@Suite struct SlotRowTests {
    private static let passphrase = Credential.passphrase(secret("correct horse"))

    private func unlock(_ test: TestVault, _ credential: Credential) -> VaultError? {
        failure { try test.vault.unlock(try test.vault.member(named: "ana"), with: credential) }
    }

    // cases 13 and 14: refused before any derivation or allocation
    @Test(
        arguments: [
            "memory = 1024", "passes = 1", "memory = 67108863", "passes = 2", "memory = 0", "passes = 0",
            "memory = -1", "passes = -1", "memory = 9223372036854775807", "memory = 1073741825",
            "passes = 11",
            "passes = 9223372036854775807",
        ])
    func `refuses a passphrase slot with a cost out of bounds`(change: String) throws {
        let test = try TestVault(credentials: [Self.passphrase])
        try test.raw("UPDATE slots SET \(change)")
        #expect(unlock(test, Self.passphrase) == .unlock(.slotRefused(member: "ana", why: .cost)))
        #expect(
            unlock(test, .passphrase(secret("wrong"))) == .unlock(.slotRefused(member: "ana", why: .cost)))
    }

    // case 13: the seal is bound to its cost
    @Test func `refuses a passphrase slot with another cost within the bounds`() throws {
        let test = try TestVault(credentials: [Self.passphrase])
        try test.raw("UPDATE slots SET passes = 4")
        #expect(unlock(test, Self.passphrase) == .unlock(.wrongCredential(member: "ana", kind: "passphrase")))
    }

    @Test func `refuses a passphrase slot without a cost`() throws {
        let test = try TestVault(credentials: [Self.passphrase])
        try test.raw("UPDATE slots SET memory = NULL, passes = NULL")
        #expect(unlock(test, Self.passphrase) == .unlock(.slotRefused(member: "ana", why: .format)))
    }

    // case 15
    @Test func `does not try a slot of an unknown kind`() throws {
        let test = try TestVault()
        try test.raw("UPDATE slots SET kind = 'rot13'")
        #expect(unlock(test, .keyFile(TestVault.key)) == .integrity(.tampered(.slotAltered(member: "ana"))))
    }

    // case 15: the same 32 bytes are given as another kind
    @Test func `refuses a slot with a changed kind`() throws {
        let test = try TestVault()
        try test.raw("UPDATE slots SET kind = 'recovery'")
        #expect(
            unlock(test, .recovery(TestVault.key))
                == .unlock(.wrongCredential(member: "ana", kind: "recovery")))
        #expect(unlock(test, .keyFile(TestVault.key)) == .integrity(.tampered(.slotAltered(member: "ana"))))
    }

    // case 17
    @Test func `refuses the restored row of a removed slot`() throws {
        let test = try TestVault()
        let other = secret([UInt8](repeating: 8, count: 32))
        let id = try test.vault.perform(AddSlot(.keyFile(other)), as: test.session)
        let row = try test.raw { db in
            try #require(
                try Row.fetchOne(db, sql: "SELECT * FROM slots WHERE hex(id) = upper(?)", arguments: [id.hex])
            )
        }
        #expect(unlock(test, .keyFile(other)) == nil)
        try test.vault.perform(RemoveSlot(id), as: test.session)
        #expect(unlock(test, .keyFile(other)) == .unlock(.wrongCredential(member: "ana", kind: "key-file")))
        try test.raw {
            try $0.execute(
                sql: "INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: StatementArguments(row.databaseValues))
        }
        #expect(unlock(test, .keyFile(other)) == .unlock(.wrongCredential(member: "ana", kind: "key-file")))
        #expect(unlock(test, .keyFile(TestVault.key)) == nil)
        #expect(try test.faults() == [.slotRow(member: "ana")])
    }

    // case 17
    @Test func `reports a removed slot when it is the only one of its kind in the file`() throws {
        let test = try TestVault(credentials: [.keyFile(TestVault.key), .recovery(TestVault.key)])
        let recovery = try #require(try test.vault.perform(ListSlots()).first { $0.kind == "recovery" })
        let rows = try test.raw { try Row.fetchAll($0, sql: "SELECT * FROM slots WHERE kind = 'recovery'") }
        try test.vault.perform(RemoveSlot(recovery.id), as: test.session)
        try test.raw {
            try $0.execute(
                sql: "INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: StatementArguments(rows[0].databaseValues))
        }
        #expect(unlock(test, .recovery(TestVault.key)) == .unlock(.slotRefused(member: "ana", why: .removed)))
    }

    // case 18
    @Test func `refuses to remove the last slot of the last admin`() throws {
        let test = try TestVault()
        let only = try #require(try test.vault.perform(ListSlots()).first)
        #expect(
            failure { try test.vault.perform(RemoveSlot(only.id), as: test.session) }
                == .unlock(.lastSlot(member: "ana")))
        // A slot of a member who is not an admin does not count.
        _ = try test.addMember("bo", .user)
        #expect(
            failure { try test.vault.perform(RemoveSlot(only.id), as: test.session) }
                == .unlock(.lastSlot(member: "ana")))
        let next = try test.vault.perform(AddSlot(.recovery(TestVault.key)), as: test.session)
        try test.vault.perform(RemoveSlot(only.id), as: test.session)
        #expect(
            failure { try test.vault.perform(RemoveSlot(next), as: test.session) }
                == .unlock(.lastSlot(member: "ana")))
        #expect(try test.vault.perform(ListSlots()).map(\.kind).sorted() == ["key-file", "recovery"])
    }

    @Test func `only an admin can remove the slots of others`() throws {
        let test = try TestVault()
        let bo = try test.addMember("bo", .user)
        let anas = try #require(try test.vault.perform(ListSlots()).first { $0.member == "ana" })
        let bos = try #require(try test.vault.perform(ListSlots()).first { $0.member == "bo" })
        #expect(
            failure { try test.vault.perform(RemoveSlot(anas.id), as: bo) }
                == .access(.forbidden(member: "bo", role: .user, action: .removeSlot)))
        #expect(try test.entries().last?.action == .refused)
        try test.vault.perform(RemoveSlot(bos.id), as: bo)
        #expect(try test.vault.perform(ListSlots()).map(\.member) == ["ana"])
        #expect(
            failure { try test.vault.perform(RemoveSlot(bos.id), as: test.session) }
                == .unlock(.slotNotFound(bos.id.hex)))
    }

    // case 19
    @Test func `a passphrase is normalized to NFC and otherwise compared byte by byte`() throws {
        let test = try TestVault(credentials: [.passphrase(secret("Caf\u{e9} au lait"))])
        #expect(unlock(test, .passphrase(secret("Cafe\u{301} au lait"))) == nil)
        for other in ["Cafe au lait", "Caf\u{e9} au lait ", "Caf\u{e9} au lait\r", "caf\u{e9} au lait"] {
            #expect(
                unlock(test, .passphrase(secret(other)))
                    == .unlock(.wrongCredential(member: "ana", kind: "passphrase")),
                "\(other)")
        }
        #expect(
            unlock(test, .passphrase(secret([0xff, 0xfe])))
                == .unlock(.credentialMalformed(kind: "passphrase", why: "it is not valid UTF-8")))
    }

    // case 20
    @Test func `reports a wrong key and a damaged slot as the same error`() throws {
        let test = try TestVault()
        let wrong = unlock(test, .keyFile(secret([UInt8](repeating: 9, count: 32))))
        #expect(wrong == .unlock(.wrongCredential(member: "ana", kind: "key-file")))
        let copy = try test.copy()
        for place in [2, 40, 100, 176] {
            try test.raw { db in
                var sealed = Array(try #require(try Data.fetchOne(db, sql: "SELECT sealed FROM slots")))
                sealed[min(place, sealed.count - 1)] ^= 1
                try db.execute(sql: "UPDATE slots SET sealed = ?", arguments: [Data(sealed)])
            }
            #expect(unlock(test, .keyFile(TestVault.key)) == wrong, "byte \(place)")
            try test.restore(copy)
            try test.reopen()
        }
        // Damage that is visible without the key has its own error.
        try test.raw("UPDATE slots SET sealed = x'01'")
        #expect(unlock(test, .keyFile(TestVault.key)) == .unlock(.slotRefused(member: "ana", why: .format)))
    }

    @Test func `refuses a slot of another member`() throws {
        let test = try TestVault()
        _ = try test.addMember("bo", .user, key: secret([UInt8](repeating: 8, count: 32)))
        try test.raw(
            """
            UPDATE slots SET (salt, sealed) = (SELECT salt, sealed FROM slots WHERE member =
                (SELECT id FROM members WHERE name = 'bo'))
            WHERE member = (SELECT id FROM members WHERE name = 'ana')
            """)
        #expect(
            unlock(test, .keyFile(secret([UInt8](repeating: 8, count: 32))))
                == .unlock(.wrongCredential(member: "ana", kind: "key-file")))
    }
}
