import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore
@testable import VaultStore

/// Slots of an admin, a user, a writer and an auditor, which are equally strong.
@Suite struct TeamSlotTests {
    private func words(_ session: Session) -> String { "Caf\u{e9} of \(session.member.name)" }

    private func unlock(_ team: Team, _ member: Session, _ words: String) -> VaultError? {
        failure {
            try team.vault.unlock(
                team.vault.member(named: member.member.name), with: .passphrase(secret(words)))
        }
    }

    // cases 13, 14, 15, 19, 20
    @Test func `refuses a changed cost or kind, and reports damage as a wrong passphrase`() throws {
        let team = try Team()
        for member in team.sessions {
            _ = try team.vault.perform(AddSlot(.passphrase(secret(words(member)))), as: member)
        }
        let copy = try team.test.copy()
        for member in team.sessions {
            let name = member.member.name
            let wrong = VaultError.unlock(.wrongCredential(member: name, kind: "passphrase"))
            #expect(unlock(team, member, "Cafe\u{301} of \(name)") == nil)
            #expect(unlock(team, member, words(member) + " ") == wrong)
            for (change, refusal) in [
                ("memory = 1024", VaultError.unlock(.slotRefused(member: name, why: .cost))),
                ("passes = 2", .unlock(.slotRefused(member: name, why: .cost))),
                ("memory = 9223372036854775807", .unlock(.slotRefused(member: name, why: .cost))),
                ("kind = 'rot13'", .integrity(.tampered(.slotAltered(member: name)))),
            ] {
                try team.test.raw(
                    "UPDATE slots SET \(change) WHERE kind = 'passphrase' AND member = ?",
                    [Data(member.member.id.bytes)])
                #expect(unlock(team, member, words(member)) == refusal, "\(name): \(change)")
                try team.test.restore(copy)
                try team.test.reopen()
            }
            try team.test.raw { db in
                let id = Data(member.member.id.bytes)
                let condition = "kind = 'passphrase' AND member = ?"
                var sealed = try #require(
                    try Data.fetchOne(db, sql: "SELECT sealed FROM slots WHERE \(condition)", arguments: [id])
                )
                sealed[100] ^= 1
                try db.execute(
                    sql: "UPDATE slots SET sealed = ? WHERE \(condition)", arguments: [sealed, id])
            }
            #expect(unlock(team, member, words(member)) == wrong)
        }
    }

    // case 17
    @Test func `a removed slot of any member no longer unlocks`() throws {
        let team = try Team()
        for member in team.sessions {
            let key = secret([UInt8](repeating: 99, count: 32))
            let id = try team.vault.perform(AddSlot(.keyFile(key)), as: member)
            let row = try team.test.raw {
                try #require(
                    try Row.fetchOne(
                        $0, sql: "SELECT * FROM slots WHERE id = ?", arguments: [Data(id.bytes)]))
            }
            try team.vault.perform(RemoveSlot(id), as: member)
            try team.test.raw {
                try $0.execute(
                    sql: "INSERT INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)",
                    arguments: StatementArguments(row.databaseValues))
            }
            let name = member.member.name
            #expect(
                failure { try team.test.unlock(name, key: key) }
                    == .unlock(.wrongCredential(member: name, kind: "key-file")))
            #expect(try team.test.faults(secrets: false) == [.slotRow(member: name)])
            try team.test.raw("DELETE FROM slots WHERE id = ?", [Data(id.bytes)])
        }
    }

    // case 18
    @Test func `only the last slot of the last admin cannot be removed`() throws {
        let team = try Team()
        let anas = try #require(team.vault.state.member(team.ana.member.id)?.slots.first)
        #expect(
            failure { try team.vault.perform(RemoveSlot(anas), as: team.ana) }
                == .unlock(.lastSlot(member: "ana")))
        #expect(try team.last().action == .refused)
        for member in [team.bo, team.cora, team.dan] {
            #expect(
                failure { try team.vault.perform(RemoveSlot(anas), as: member) }
                    == .access(
                        .forbidden(
                            member: member.member.name, role: member.member.role, action: .removeSlot)))
            try team.vault.perform(RemoveSlot(member.slot!), as: member)
        }
        try team.test.verify()
    }

    // cases 31 and 49: the disk is full at each possible page
    @Test func `keeps the old slot when its replacement cannot be written`() throws {
        let team = try Team()
        try team.test.raw("VACUUM")
        let copy = try team.test.copy()
        for member in team.sessions {
            let slot = try #require(team.vault.state.member(member.member.id)?.slots.first)
            let (old, new) = (team.key(of: member), secret([UInt8](repeating: 99, count: 32)))
            var refused = 0
            for extra in 0..<20 {
                try team.test.restore(copy, forgettingAnchors: true)
                let vault = try team.test.reopen()
                try vault.file.write { rows in
                    let pages = try rows.db.number("PRAGMA page_count") ?? 0
                    try rows.db.execute("PRAGMA max_page_count = \(pages + Int64(extra))")
                }
                vault.surroundings.reason = String(repeating: "r", count: 20_000)
                let error = failure { try vault.perform(ReplaceSlot(slot, with: .keyFile(new)), as: member) }
                try team.test.reopen()
                let opens = [old, new].map { key in
                    failure { try team.test.unlock(member.member.name, key: key) } == nil
                }
                #expect(opens == [error != nil, error == nil], "\(member.member.name), \(extra) pages")
                guard error != nil else { break }
                #expect(error == .file(.full(path: team.test.path)))
                refused += 1
            }
            #expect((1..<20).contains(refused))
            try team.test.verify(secrets: false)
        }
    }
}
