import Foundation
import GRDB
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// Slots as they stand in the file, and what somebody who edits it can reach.
@Suite struct SlotRowTests {
    private static let passphrase = Credential.passphrase(secret("correct horse"))

    private func unlock(_ test: TestVault, _ credential: Credential) -> VaultError? {
        failure { try test.vault.unlock(try test.vault.member(named: "ana"), with: credential) }
    }

    // cases 13 and 14: refused for what the row says, before anything is derived or allocated
    @Test(
        arguments: [
            "memory = 1024", "passes = 1", "memory = 67108863", "passes = 2", "memory = 0", "passes = 0",
            "memory = -1", "passes = -1", "memory = 9223372036854775807", "memory = 1073741825",
            "passes = 11",
            "passes = 9223372036854775807",
        ])
    func `refuses a passphrase's cost that was changed beyond its bounds`(change: String) throws {
        let test = try TestVault(credentials: [Self.passphrase])
        try test.raw("UPDATE slots SET \(change)")
        #expect(unlock(test, Self.passphrase) == .slotRefused(member: "ana", why: .cost))
        #expect(unlock(test, .passphrase(secret("wrong"))) == .slotRefused(member: "ana", why: .cost))
    }

    // case 13: within the bounds it is still not the cost that it was sealed with
    @Test func `refuses a cost that was changed within its bounds`() throws {
        let test = try TestVault(credentials: [Self.passphrase])
        try test.raw("UPDATE slots SET passes = 4")
        #expect(unlock(test, Self.passphrase) == .wrongCredential(member: "ana", kind: "passphrase"))
    }

    @Test func `refuses a passphrase without a cost`() throws {
        let test = try TestVault(credentials: [Self.passphrase])
        try test.raw("UPDATE slots SET memory = NULL, passes = NULL")
        #expect(unlock(test, Self.passphrase) == .slotRefused(member: "ana", why: .format))
    }

    // case 15
    @Test func `never tries a slot of an unknown kind`() throws {
        let test = try TestVault()
        try test.raw("UPDATE slots SET kind = 'rot13'")
        #expect(unlock(test, .keyFile(TestVault.key)) == .tampered(.slotAltered(member: "ana")))
    }

    // case 15: the same 32 bytes, given as another kind
    @Test func `refuses a slot whose kind was changed`() throws {
        let test = try TestVault()
        try test.raw("UPDATE slots SET kind = 'recovery'")
        #expect(unlock(test, .recovery(TestVault.key)) == .wrongCredential(member: "ana", kind: "recovery"))
        #expect(unlock(test, .keyFile(TestVault.key)) == .tampered(.slotAltered(member: "ana")))
    }

    // case 17
    @Test func `refuses a removed slot that was put back`() throws {
        let test = try TestVault()
        let other = secret([UInt8](repeating: 8, count: 32))
        let id = try test.vault.addSlot(.keyFile(other), as: test.session)
        let row = try test.raw { db in
            try #require(
                try Row.fetchOne(db, sql: "SELECT * FROM slots WHERE hex(id) = upper(?)", arguments: [id.hex])
            )
        }
        #expect(unlock(test, .keyFile(other)) == nil)
        try test.vault.removeSlot(id, as: test.session)
        #expect(unlock(test, .keyFile(other)) == .wrongCredential(member: "ana", kind: "key-file"))
        try test.raw {
            try $0.execute(
                sql: "INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: StatementArguments(row.databaseValues))
        }
        #expect(unlock(test, .keyFile(other)) == .wrongCredential(member: "ana", kind: "key-file"))
        #expect(unlock(test, .keyFile(TestVault.key)) == nil)
        #expect(try test.faults() == [.slotRow(member: "ana")])
    }

    // case 17
    @Test func `says that a slot was removed when it is the only one of its kind in the file`() throws {
        let test = try TestVault(credentials: [.keyFile(TestVault.key), .recovery(TestVault.key)])
        let recovery = try #require(try test.vault.slots().first { $0.kind == "recovery" })
        let rows = try test.raw { try Row.fetchAll($0, sql: "SELECT * FROM slots WHERE kind = 'recovery'") }
        try test.vault.removeSlot(recovery.id, as: test.session)
        try test.raw {
            try $0.execute(
                sql: "INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: StatementArguments(rows[0].databaseValues))
        }
        #expect(unlock(test, .recovery(TestVault.key)) == .slotRefused(member: "ana", why: .removed))
    }

    // case 18
    @Test func `does not remove the last slot of the last admin`() throws {
        let test = try TestVault()
        let only = try #require(try test.vault.slots().first)
        #expect(failure { try test.vault.removeSlot(only.id, as: test.session) } == .lastSlot(member: "ana"))
        // A slot of somebody who is no admin does not help.
        _ = try test.addMember("bo", .user)
        #expect(failure { try test.vault.removeSlot(only.id, as: test.session) } == .lastSlot(member: "ana"))
        let next = try test.vault.addSlot(.recovery(TestVault.key), as: test.session)
        try test.vault.removeSlot(only.id, as: test.session)
        #expect(failure { try test.vault.removeSlot(next, as: test.session) } == .lastSlot(member: "ana"))
        #expect(try test.vault.slots().map(\.kind).sorted() == ["key-file", "recovery"])
    }

    @Test func `a member removes their own slots, and nobody else's unless an admin`() throws {
        let test = try TestVault()
        let bo = try test.addMember("bo", .user)
        let anas = try #require(try test.vault.slots().first { $0.member == "ana" })
        let bos = try #require(try test.vault.slots().first { $0.member == "bo" })
        #expect(
            failure { try test.vault.removeSlot(anas.id, as: bo) }
                == .forbidden(member: "bo", role: .user, action: .removeSlot))
        #expect(try test.entries().last?.action == .refused)
        try test.vault.removeSlot(bos.id, as: bo)
        #expect(try test.vault.slots().map(\.member) == ["ana"])
        #expect(
            failure { try test.vault.removeSlot(bos.id, as: test.session) } == .slotNotFound(bos.id.hex))
    }

    // case 19
    @Test func `a passphrase opens in composed and decomposed form, and otherwise to the byte`() throws {
        let test = try TestVault(credentials: [.passphrase(secret("Caf\u{e9} au lait"))])
        #expect(unlock(test, .passphrase(secret("Cafe\u{301} au lait"))) == nil)
        for other in ["Cafe au lait", "Caf\u{e9} au lait ", "Caf\u{e9} au lait\r", "caf\u{e9} au lait"] {
            #expect(
                unlock(test, .passphrase(secret(other)))
                    == .wrongCredential(member: "ana", kind: "passphrase"),
                "\(other)")
        }
        #expect(
            unlock(test, .passphrase(secret([0xff, 0xfe])))
                == .credentialMalformed(kind: "passphrase", why: "it is not valid UTF-8"))
    }

    // case 20
    @Test func `a wrong key and a damaged slot cannot be told apart`() throws {
        let test = try TestVault()
        let wrong = unlock(test, .keyFile(secret([UInt8](repeating: 9, count: 32))))
        #expect(wrong == .wrongCredential(member: "ana", kind: "key-file"))
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
        // What anybody can see without the key has its own message.
        try test.raw("UPDATE slots SET sealed = x'01'")
        #expect(unlock(test, .keyFile(TestVault.key)) == .slotRefused(member: "ana", why: .format))
    }

    // A slot of another member, or of another vault, under this member's name.
    @Test func `refuses a slot that opens to somebody else's identity`() throws {
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
                == .wrongCredential(member: "ana", kind: "key-file"))
    }
}
