import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// Changes and forgeries of entries and heads in the file.
@Suite struct LedgerRowTests {
    private func filled() throws -> TestVault {
        let test = try TestVault()
        for name in ["A", "B", "C", "D"] { try test.custom(name) }
        return test
    }

    /// The error of a user without an anchor, which must be the same as that of ana's verification.
    private func fault(_ test: TestVault) -> VaultError? {
        let stranger = TestVault.surroundings(test.scene, test.folder + "/stranger")
        let found = failure { try Vault.open(test.path, stranger) }
        #expect(failure { try test.verify(secrets: false) } == found)
        return found
    }

    // case 46
    @Test func `reports the first edited entry`() throws {
        let test = try filled()
        let seq = try #require(try test.entries().first { $0.object.name == "B" }?.seq)
        try test.raw(
            "UPDATE entries SET entry = replace(entry, 'team.us-1', 'mine.us-1') WHERE seq >= ?", [seq])
        #expect(fault(test) == .integrity(.ledger(.altered(from: seq, size: seq + 1))))
    }

    // case 46
    @Test func `reports the first malformed entry`() throws {
        let test = try filled()
        try test.raw("UPDATE entries SET entry = entry || ' ' WHERE seq = 4")
        #expect(fault(test) == .integrity(.ledger(.malformedEntry(seq: 4))))
    }

    // case 46
    @Test func `reports the first moved entry`() throws {
        let test = try filled()
        try test.raw(
            """
            UPDATE entries SET seq = -1 WHERE seq = 4; UPDATE entries SET seq = 4 WHERE seq = 5;
            UPDATE entries SET seq = 5 WHERE seq = -1
            """)
        #expect(fault(test) == .integrity(.ledger(.outOfOrder(expected: 4, found: 5))))
    }

    // case 46
    @Test func `reports a deleted entry`() throws {
        let test = try filled()
        try test.raw("DELETE FROM entries WHERE seq = 4")
        #expect(fault(test) == .integrity(.ledger(.outOfOrder(expected: 4, found: 5))))
        // A use detects it, too, although the head is the known one.
        #expect(failure { try test.use("A") } == .integrity(.tampered(.entryCutOut(expected: 7, found: 6))))
    }

    // case 46
    @Test func `reports a duplicated entry`() throws {
        let test = try filled()
        try test.raw(
            """
            UPDATE entries SET seq = -seq - 1 WHERE seq > 4; UPDATE entries SET seq = -seq WHERE seq < 0;
            INSERT INTO entries (seq, entry) SELECT 5, entry FROM entries WHERE seq = 4
            """)
        let stranger = TestVault.surroundings(test.scene, test.folder + "/stranger")
        #expect(
            failure { try Vault.open(test.path, stranger) }
                == .integrity(.ledger(.outOfOrder(expected: 5, found: 4))))
    }

    // case 46: an entry that an operation depends on
    @Test func `does not rely on an altered entry under an unchanged head`() throws {
        let test = try filled()
        let seq = try #require(try test.entries().first { $0.object.name == "B" }?.seq)
        let digest = try test.raw {
            try String.fetchOne($0, sql: "SELECT hex(settings_digest) FROM secrets WHERE owner = 3")
        }
        try test.raw(
            """
            UPDATE entries SET entry = replace(entry, (SELECT lower(hex(settings_digest)) FROM secrets WHERE owner = 2),
            lower(?)) WHERE seq = ?
            """, [digest, seq])
        #expect(failure { try test.use("B") } == .integrity(.tampered(.entryAltered(seq: seq))))
        #expect(
            failure { try test.vault.perform(ShowEntry(seq)) }
                == .integrity(.tampered(.entryAltered(seq: seq))))
    }

    @Test func `reports entries after the last head as unsigned`() throws {
        let test = try filled()
        try test.raw("DELETE FROM heads WHERE size = (SELECT max(size) FROM heads)")
        let stranger = TestVault.surroundings(test.scene, test.folder + "/stranger")
        #expect(failure { try Vault.open(test.path, stranger) } == .integrity(.ledger(.unsigned(from: 6))))
        #expect(failure { try test.reopen() } == .integrity(.ledger(.malformedHead(size: 7))))
    }

    // case 48
    @Test func `refuses an entry under another member's name`() throws {
        let test = try filled()
        let bo = try test.addMember("bo", .user)
        let ana = test.session.member
        try test.forge(by: bo.identity, signedAs: "bo") { $0.actor = Entry.Actor(id: ana.id, name: ana.name) }
        #expect(fault(test) == .integrity(.ledger(.badSignature(size: test.vault.size + 1, name: "ana"))))
        #expect(
            failure { try test.use("A") }
                == .integrity(.ledger(.badSignature(size: test.vault.size + 1, name: "ana"))))
    }

    // case 48: with a head that claims to be ana's
    @Test func `refuses a head under another member's name`() throws {
        let test = try filled()
        let bo = try test.addMember("bo", .user)
        let ana = test.session.member
        try test.forge(by: bo.identity, signedAs: "ana") {
            $0.actor = Entry.Actor(id: ana.id, name: ana.name)
        }
        #expect(fault(test) == .integrity(.ledger(.badSignature(size: test.vault.size + 1, name: "ana"))))
    }

    // case 48
    @Test func `refuses an entry by a non-member`() throws {
        let test = try filled()
        let eve = Identity.generate()
        try test.forge(by: eve, signedAs: "eve") {
            $0.actor = Entry.Actor(id: Identifier(bytes: [UInt8](repeating: 1, count: 16))!, name: "eve")
        }
        #expect(fault(test) == .integrity(.ledger(.unknownAuthor(seq: test.vault.size, name: "eve"))))
    }

    // case 48: with the author's own signature
    @Test func `refuses an entry that its author's role does not allow`() throws {
        let test = try filled()
        let bo = try test.addMember("bo", .writer)
        try test.forge(by: bo.identity, signedAs: "bo") {
            $0.actor = Entry.Actor(id: bo.member.id, name: "bo")
            $0.action = .changeRole
            $0.object = Entry.Object(.member, id: bo.member.id, name: "bo")
            $0.change = Change(details: ["role": "admin"])
        }
        #expect(
            fault(test)
                == .integrity(
                    .ledger(.notAllowed(seq: test.vault.size, name: "bo", role: .writer, action: .changeRole))
                ))
    }

    // case 48: roles come from the ledger, not from the tables
    @Test func `a role that is changed in the file grants nothing`() throws {
        let test = try filled()
        let bo = try test.addMember("bo", .auditor)
        try test.raw("UPDATE members SET role = 'admin' WHERE name = 'bo'")
        #expect(
            failure { try test.custom("E", as: bo) }
                == .access(.forbidden(member: "bo", role: .auditor, action: .createConnection)))
        #expect(try test.faults(secrets: false) == [.memberRow(name: "bo")])
    }

    @Test func `refuses operations by a removed member`() throws {
        let test = try filled()
        let bo = try test.addMember("bo", .user)
        try test.vault.change(as: test.session) { transaction in
            try transaction.record(.removeMember, Entry.Object(.member, id: bo.member.id, name: "bo"))
        }
        #expect(failure { try test.custom("E", as: bo) } == .access(.noLongerMember(name: "bo")))
        #expect(failure { try test.use("A", as: bo) } == .access(.noLongerMember(name: "bo")))
    }

    // case 50
    @Test func `keeps the ledger's order regardless of the clock, and shows when it went back`() throws {
        let test = try TestVault()
        for (name, time) in [
            ("A", "2026-05-01"), ("B", "2020-01-01"), ("C", "2099-12-31"), ("D", "2026-05-02"),
        ] {
            test.scene.now = Timestamp(text: time)!
            try test.custom(name)
        }
        var seen: [String] = []
        var filter = EntryFilter()
        filter.action = "connection"
        try ListEntries(filter).forEach(in: test.vault) { line in
            seen.append(line.entry.object.name + (line.isBackInTime ? " back" : ""))
        }
        #expect(seen == ["D back", "C", "B back", "A"])
        test.scene.now = Timestamp(text: "1999-01-01")!
        try test.reopen()
        #expect(try test.use("C") == "app-key-value")
        try test.verify()
    }
}

extension TestVault {
    /// Appends an entry and a head without any check, signed by `identity`.
    func forge(by identity: borrowing Identity, signedAs name: String, _ change: (inout Entry) -> Void) throws
    {
        var entry = try #require(try entries().last)
        entry.seq = vault.size
        entry.action = .refused
        entry.object = Entry.Object(.vault, name: "")
        entry.change = Change(details: ["what": "nothing", "why": "forged"])
        change(&entry)
        var range = vault.known.range
        range.append(TreeHash.leaf(entry.bytes))
        let head = Checkpoint(vault: vault.id, size: range.size, root: range.root).signed(
            by: identity, name: name)
        try raw { db in
            try db.execute(
                sql: "INSERT INTO entries (seq, entry) VALUES (?, ?)",
                arguments: [Int64(entry.seq), String(decoding: entry.bytes, as: UTF8.self)])
            try db.execute(
                sql: "INSERT INTO heads VALUES (?, ?)", arguments: [Int64(range.size), head.encoded])
        }
    }
}
