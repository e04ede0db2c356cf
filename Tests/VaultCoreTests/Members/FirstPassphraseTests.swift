import TestSupport
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// A passphrase that an admin chose for a new member: it must be replaced before anything else.
@Suite struct FirstPassphraseTests {
    private static let first = Credential.passphrase(secret("chosen by ana"))

    private func added(_ role: Role) throws -> (Team, Session) {
        let team = try Team()
        _ = try team.vault.perform(AddMember("eve", role, by: .credential(Self.first)), as: team.ana)
        return (team, try team.vault.unlock(try team.vault.member(named: "eve"), with: Self.first))
    }

    @Test(arguments: [Role.admin, .user, .writer])
    func `refuses every operation until the passphrase is replaced`(role: Role) throws {
        let (team, eve) = try added(role)
        #expect(eve.mustReplacePassphrase)
        #expect(try team.vault.perform(ShowMember(eve.member)).mustReplacePassphrase)
        let needed = VaultError.unlock(.mustReplacePassphrase(member: "eve"))
        #expect(failure { try team.test.custom("B", as: eve) } == needed)
        #expect(failure { try team.test.set("A", "app-key", "k", as: eve) } == needed)
        if role.mayOpen { #expect(failure { try team.test.use("A", as: eve) } == needed) }
        // Adding another slot is not enough.
        _ = try team.vault.perform(AddSlot(.keyFile(Team.key(7))), as: eve)
        let again = try team.test.unlock("eve", key: Team.key(7))
        #expect(failure { try team.test.set("A", "app-key", "k", as: again) } == needed)
        let id = try #require(eve.slot)
        _ = try team.vault.perform(ReplaceSlot(id, with: .keyFile(Team.key(6))), as: eve)
        try team.test.set("A", "app-key", "k", as: eve)
        #expect(try team.vault.perform(ShowMember(eve.member)).mustReplacePassphrase == false)
        try team.test.verify()
    }

    @Test func `a replaced passphrase no longer unlocks`() throws {
        let (team, eve) = try added(.writer)
        let own = Credential.passphrase(secret("my own words"))
        let id = try team.vault.perform(ReplaceSlot(eve.slot!, with: own), as: eve)
        let member = try team.vault.member(named: "eve")
        #expect(member.slots == [id] && member.temporary.isEmpty)
        #expect(try team.vault.unlock(member, with: own).mustReplacePassphrase == false)
        #expect(
            failure { try team.vault.unlock(member, with: Self.first) }
                == .unlock(.wrongCredential(member: "eve", kind: "passphrase")))
    }

    @Test func `replay refuses an operation by a member with a first passphrase`() throws {
        let (team, eve) = try added(.user)
        let connection = try team.vault.perform(ShowOwner(.connection, "A"))
        try team.forge(
            eve, .execConnection, Entry.Object(.connection, id: connection.id, name: "A"),
            Change(details: ["program": "x", "variables": []]))
        guard case .integrity(.ledger(.contradiction))? = failure({ try team.test.second() }) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func `the anchor keeps which slots are temporary`() throws {
        let (team, _) = try added(.user)
        let vault = try team.test.reopen()
        #expect(vault.state.member(named: "eve")?.temporary.count == 1)
        let stranger = try team.test.second(anchors: team.test.folder + "/stranger")
        #expect(stranger.state == vault.state)
    }
}
