import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// Attacks by members with modified programs.
@Suite struct TeamAttackTests {
    // case 48
    @Test func `refuses an entry under another member's name`() throws {
        let team = try Team()
        let copy = try team.test.copy()
        for author in team.sessions {
            for victim in team.sessions where victim.member.id != author.member.id {
                let refusal = Change(details: ["what": "nothing", "why": "forged"])
                try team.forge(author, .refused, Entry.Object(.vault, name: ""), refusal, as: victim)
                let size = team.vault.size + 1
                #expect(
                    failure { try team.test.second(anchors: team.test.folder + "/stranger") }
                        == .integrity(.ledger(.badSignature(size: size, name: victim.member.name))))
                try team.test.restore(copy)
                try team.test.reopen()
            }
        }
    }

    // Every reader's replay stops at such an entry.
    @Test func `replay refuses an entry that its author's role does not allow`() throws {
        let team = try Team()
        let copy = try team.test.copy()
        let connection = try team.vault.read { try $0.find(.connection, "A").object }
        let state = try #require(try team.test.entries().last { $0.object == connection }?.change.state)
        let deeds: [(Session, Action, Entry.Object, Change)] = [
            (
                team.bo, .changeRole, team.bo.member.object, Change(details: ["role": "admin"])
            ),
            (team.bo, .removeMember, team.ana.member.object, Change()),
            (
                team.bo, .retireEpoch, Entry.Object(.key, name: "epoch 1"),
                Change(details: ["epoch": 1, "secrets": 1])
            ),
            (team.cora, .execConnection, connection, Change(details: ["program": "x", "variables": []])),
            (
                team.cora, .addMember, team.cora.member.object,
                Change(details: ["member": team.cora.member.details, "role": "admin"])
            ),
            (team.dan, .setSecret, connection, Change(state: state, details: ["field": "app-key"])),
            (team.dan, .verifySecret, connection, Change(details: ["field": "app-key"])),
        ]
        for (author, action, object, change) in deeds {
            try team.forge(author, action, object, change)
            let (name, role, seq) = (author.member.name, author.member.role, team.vault.size)
            #expect(
                failure { try team.test.use("A") }
                    == .integrity(.ledger(.notAllowed(seq: seq, name: name, role: role, action: action))))
            try team.test.restore(copy)
            try team.test.reopen()
        }
        try team.test.verify()
    }

    // case 17
    @Test func `a removed member cannot unlock with restored rows`() throws {
        let team = try Team()
        let tables = ["members", "slots", "grants"]
        func rows(_ table: String) throws -> [Row] {
            try team.test.raw { try Row.fetchAll($0, sql: "SELECT * FROM \(table)") }
        }
        let before = try tables.map { ($0, try rows($0)) }
        _ = try team.vault.perform(RemoveMember("bo"), as: team.ana)
        try team.test.raw { db in
            for (table, rows) in before {
                for row in rows {
                    let marks = Array(repeating: "?", count: row.count).joined(separator: ", ")
                    try db.execute(
                        sql: "INSERT OR IGNORE INTO \(table) VALUES (\(marks))",
                        arguments: StatementArguments(row.databaseValues))
                }
            }
        }
        try team.test.reopen()
        #expect(
            failure { try team.test.unlock("bo", key: Team.key(1)) }
                == .unlock(.memberUnknown(name: "bo", members: ["ana", "cora", "dan"])))
        // Also with the member that their program has in memory.
        let session = try team.vault.unlock(team.bo.member, with: .keyFile(Team.key(1)))
        #expect(failure { try team.test.use("A", as: session) } == .access(.noLongerMember(name: "bo")))
        #expect(try team.test.faults(secrets: false).contains(.memberRow(name: "bo")))
        #expect(try team.test.use("A") == "the first key")
    }
}
