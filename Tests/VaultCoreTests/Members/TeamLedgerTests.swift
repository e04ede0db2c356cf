import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore
@testable import VaultStore

/// The ledger as an admin, a user, a writer and an auditor see it, each with their own anchors.
@Suite struct TeamLedgerTests {
    /// Opens the vault with a member's anchors.
    private func look(_ team: Team, _ member: Session) throws -> Vault {
        try team.test.second(anchors: team.test.folder + "/of-" + member.member.name)
    }

    /// Each member makes a change, and opens the vault afterwards.
    private func work(_ team: Team) throws {
        try team.test.custom("D", key: "of ana")
        _ = try team.test.use("A", as: team.bo)
        try team.test.set("A", "app-key", "of cora", as: team.cora)
        _ = try team.vault.perform(AddSlot(.keyFile(Team.key(30))), as: team.dan)
        for member in team.sessions { _ = try look(team, member) }
    }

    // cases 37, 43, 45
    @Test func `every member refuses an old copy, a copy without its log, and a truncated ledger`() throws {
        let team = try Team()
        let yesterday = try team.test.copy()
        let seen = team.test.scene.now
        try work(team)
        let (size, bare) = (team.vault.size, try Data(contentsOf: URL(filePath: team.test.path)))
        let today = try team.test.copy()
        func refused(_ what: String) {
            for member in team.sessions {
                guard case .integrity(.rolledBack(size, seen, _))? = failure({ try look(team, member) })
                else {
                    Issue.record("\(what): \(member.member.name)")
                    continue
                }
            }
        }
        for (what, copy) in [("yesterday's", yesterday), ("without its log", bare)] {
            try team.test.restore(copy)
            refused(what)
        }
        try team.test.restore(today)
        try team.test.raw(
            "DELETE FROM entries WHERE seq >= ?; DELETE FROM heads WHERE size >= ?",
            [Int64(size) - 1, Int64(size)])
        refused("cut")
        // Only an admin can accept the copy.
        try team.test.restore(yesterday)
        for member in team.sessions {
            let anchors = team.test.folder + "/of-" + member.member.name
            let error = failure {
                try team.test.accept(anchors: anchors) { vault in
                    try vault.unlock(
                        vault.member(named: member.member.name), with: .keyFile(team.key(of: member)))
                }
            }
            let (name, role) = (member.member.name, member.member.role)
            #expect(
                error
                    == (role == .admin
                        ? nil : .access(.forbidden(member: name, role: role, action: .acceptLedger))))
        }
        #expect(try look(team, team.ana).state.members.count == 4)
    }

    // case 37
    @Test func `every member refuses a file with the log of another moment`() throws {
        let team = try Team()
        try team.test.custom("B")
        let log = try Data(contentsOf: URL(filePath: team.test.path + "-wal"))
        #expect(log.count > 4096)
        _ = try team.test.copy()
        try work(team)
        try team.test.custom("C")
        for member in team.sessions { _ = try look(team, member) }
        try team.test.restore(try team.test.copy())
        try log.write(to: URL(filePath: team.test.path + "-wal"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: team.test.path + "-wal")
        for member in team.sessions {
            #expect(failure { try look(team, member) } != nil, "\(member.member.name)")
        }
    }

    // case 38
    @Test func `a backup after each member's change opens and verifies`() throws {
        let team = try Team()
        let deeds: [() throws -> Void] = [
            { try team.test.custom("B") }, { _ = try team.test.use("A", as: team.bo) },
            { try team.test.set("A", "app-key", "of cora", as: team.cora) },
            { _ = try team.vault.perform(AddSlot(.keyFile(Team.key(30))), as: team.dan) },
        ]
        for (number, deed) in deeds.enumerated() {
            try deed()
            let report = try team.vault.perform(BackUp(to: team.test.folder + "/\(number).backup"))
            #expect(report.contents.entries == team.vault.size)
            #expect(report.author == team.sessions[number].member.name)
        }
    }

    // case 44
    @Test func `reports a lost anchor once to each member`() throws {
        let team = try Team()
        try work(team)
        for member in team.sessions {
            try FileManager.default.removeItem(atPath: team.test.folder + "/of-" + member.member.name)
            team.test.scene.notices = []
            for _ in 0..<2 { _ = try look(team, member) }
            #expect(team.test.scene.notices == [.firstContact(entries: team.vault.size)])
        }
    }

    // case 46
    @Test func `every member finds the first edited entry, by any author`() throws {
        let team = try Team()
        try work(team)
        let copy = try team.test.copy()
        for author in team.sessions {
            let own = try team.test.entries().filter { $0.actor.id == author.member.id }
            let seq = try #require(own.last?.seq)
            try team.test.raw(
                "UPDATE entries SET entry = replace(entry, 'here', 'else') WHERE seq >= ?", [Int64(seq)])
            for member in team.sessions {
                let anchors = team.test.folder + "/new-\(UUID().uuidString)"
                let error = failure { try team.test.second(anchors: anchors) }
                #expect(
                    error == .integrity(.ledger(.altered(from: seq, size: seq + 1))), "\(member.member.name)")
                let known = TestVault.surroundings(
                    team.test.scene, team.test.folder + "/of-" + member.member.name)
                #expect(failure { try Vault.open(team.test.path, known).perform(VerifyVault()) } == error)
            }
            try team.test.restore(copy)
            try team.test.reopen()
        }
    }

    // case 47
    @Test func `every member who has seen the other branch reports the fork`() throws {
        let team = try Team()
        let copy = try team.test.copy()
        try team.test.custom("B")
        for member in team.sessions { _ = try look(team, member) }
        let (checkpoint, size) = (try team.vault.perform(ShowCheckpoint()), team.vault.size)
        try team.test.fork(copy) { try team.test.custom("C") }
        #expect(team.vault.size == size)
        for member in team.sessions {
            #expect(
                failure { try look(team, member) } == .integrity(.forked(size: size, at: team.test.scene.now))
            )
            // Also as a witness, with a checkpoint that another member kept.
            #expect(
                failure { try team.vault.perform(CosignCheckpoint(checkpoint), as: member) }
                    == .integrity(.checkpoint(.forked(size: size, now: size, seen: team.test.scene.now))))
        }
    }

    // case 49
    @Test func `rolls back an operation that cannot be written, of any role`() throws {
        let team = try Team()
        try team.test.raw("VACUUM")
        let copy = try team.test.copy()
        let deeds: [() throws -> Void] = [
            {
                _ = try team.vault.perform(
                    AddMember("eve", .user, by: .credential(.keyFile(Team.key(9)))), as: team.ana)
            },
            { _ = try team.test.use("A", as: team.bo) },
            { try team.test.custom("B", as: team.cora) },
            { _ = try team.vault.perform(AddSlot(.keyFile(Team.key(30))), as: team.dan) },
        ]
        for (number, deed) in deeds.enumerated() {
            try team.test.restore(copy, forgettingAnchors: true)
            let vault = try team.test.reopen()
            try vault.file.write { rows in
                let pages = try rows.db.number("PRAGMA page_count") ?? 0
                try rows.db.execute("PRAGMA max_page_count = \(pages)")
            }
            let before = try team.test.contents()
            vault.surroundings.reason = String(repeating: "r", count: 20_000)
            #expect(
                failure(deed) == .file(.full(path: team.test.path)), "\(team.sessions[number].member.name)")
            #expect(try team.test.contents() == before)
        }
    }

    // case 50
    @Test func `keeps the order of the ledger with four different clocks`() throws {
        let team = try Team()
        let deeds: [(String, () throws -> Void)] = [
            ("2026-05-01", { try team.test.custom("B") }),
            ("1999-01-01", { _ = try team.test.use("A", as: team.bo) }),
            ("2099-12-31", { try team.test.set("A", "app-key", "k", as: team.cora) }),
            ("2026-05-02", { _ = try team.vault.perform(AddSlot(.keyFile(Team.key(30))), as: team.dan) }),
        ]
        for (time, deed) in deeds {
            team.test.scene.now = Timestamp(text: time)!
            try deed()
        }
        var seen: [String] = []
        var filter = EntryFilter()
        filter.limit = 4
        try ListEntries(filter).forEach(in: team.vault) { line in
            seen.append(line.entry.actor.name + (line.isBackInTime ? " back" : ""))
        }
        #expect(seen == ["dan back", "cora", "bo back", "ana"])
        try team.test.verify(secrets: false)
    }

    // case 51
    @Test func `no secret that a member of any role enters is readable on disk`() throws {
        let team = try Team()
        var canaries: [String] = []
        func canary() -> String {
            canaries.append("canary-\(canaries.count)-value")
            return canaries.last!
        }
        for member in team.sessions {
            _ = failure { try team.test.custom("of \(member.member.name)", key: canary(), as: member) }
            _ = failure { try team.test.set("A", "app-key", canary(), as: member) }
            _ = failure {
                try team.test.edit(
                    "A", ["domain": ["\(member.member.name).us-1.celonis.cloud"]],
                    secrets: ["app-key": canary()], as: member)
            }
            _ = failure {
                try team.vault.perform(
                    VerifySecret("app-key", of: "A", against: secret(canary())), as: member)
            }
        }
        _ = try team.test.unlock("bo", key: Team.key(1))
        #expect(canaries.count == 16)
        for (place, bytes) in try team.test.bytesOnDisk() {
            for canary in canaries where bytes.contains(Array(canary.utf8)) {
                Issue.record("\(canary) is in \(place)")
            }
        }
    }

    // case 52
    @Test func `no field splits an entry into two lines`() throws {
        let team = try Team()
        let text = "=1+1\n{\"action\":\"member.role\"}\r\n\u{1b}[2J\u{2028}"
        team.vault.surroundings.reason = text
        for member in team.sessions {
            _ = failure { try team.test.custom("a\nb", note: text, as: member) }
            _ = failure { try team.test.custom("of \(member.member.name)", note: text, as: member) }
        }
        var reasons = 0
        try ExportEntries().forEach(in: team.vault) { exported in
            #expect(!exported.text.utf8.contains { $0 < 0x20 || $0 == 0x7f })
            if exported.entry.reason == text { reasons += 1 }
        }
        // dan's attempts are refused; the refusals have the reason, too.
        #expect(reasons >= 5)
        try team.test.verify(secrets: false)
    }
}
