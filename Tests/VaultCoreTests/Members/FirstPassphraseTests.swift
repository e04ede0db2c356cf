import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// A passphrase that an admin chose for a new member unlocks to one thing only: replacing it.
@Suite struct FirstPassphraseTests {
    private static let first = Credential.passphrase(secret("chosen by ana"))

    private func added(_ role: Role) throws -> (Team, Session) {
        let team = try Team()
        _ = try team.vault.addMember("eve", role, by: .credential(Self.first), as: team.ana, cost: .floor)
        return (team, try team.vault.unlock(try team.vault.member(named: "eve"), with: Self.first))
    }

    @Test(arguments: [Role.admin, .user, .writer])
    func `nothing can be done before it is replaced`(role: Role) throws {
        let (team, eve) = try added(role)
        #expect(eve.isAtFirst)
        #expect(try team.vault.info(of: eve.member).isAtFirst)
        let needed = VaultError.firstPassphrase(member: "eve")
        #expect(failure { try team.test.custom("B", as: eve) } == needed)
        #expect(failure { try team.test.set("A", "app-key", "k", as: eve) } == needed)
        if role.mayOpen { #expect(failure { try team.test.use("A", as: eve) } == needed) }
        // One more way to unlock does not make it right.
        _ = try team.vault.addSlot(.keyFile(Team.key(7)), as: eve)
        let again = try team.test.unlock("eve", key: Team.key(7))
        #expect(failure { try team.test.set("A", "app-key", "k", as: again) } == needed)
        let id = try #require(eve.slot)
        _ = try team.vault.replaceSlot(id, with: .keyFile(Team.key(6)), as: eve)
        try team.test.set("A", "app-key", "k", as: eve)
        #expect(try team.vault.info(of: eve.member).isAtFirst == false)
        try team.test.verify()
    }

    @Test func `replaced, the old one unlocks no more`() throws {
        let (team, eve) = try added(.writer)
        let own = Credential.passphrase(secret("my own words"))
        let id = try team.vault.replaceSlot(eve.slot!, with: own, as: eve, cost: .floor)
        let member = try team.vault.member(named: "eve")
        #expect(member.slots == [id] && member.temporary.isEmpty)
        #expect(try team.vault.unlock(member, with: own).isAtFirst == false)
        #expect(
            failure { try team.vault.unlock(member, with: Self.first) }
                == .wrongCredential(member: "eve", kind: "passphrase"))
    }

    @Test func `a program that does not ask is refused by everybody's replay`() throws {
        let (team, eve) = try added(.user)
        let connection = try team.vault.show(.connection, "A")
        try team.forge(
            eve, .execConnection, Entry.Object(.connection, id: connection.id, name: "A"),
            Change(details: ["program": "x", "variables": []]))
        guard case .ledger(.contradiction)? = failure({ try team.test.second() }) else {
            Issue.record("it was taken")
            return
        }
    }

    @Test func `it is remembered across the anchor`() throws {
        let (team, _) = try added(.user)
        let vault = try team.test.reopen()
        #expect(vault.state.member(named: "eve")?.temporary.count == 1)
        let stranger = try team.test.second(anchors: team.test.folder + "/stranger")
        #expect(stranger.state == vault.state)
    }
}
