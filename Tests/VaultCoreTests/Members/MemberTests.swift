import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultText

@testable import VaultCore
@testable import VaultStore

/// Adding, changing and removing members, and their grants.
@Suite struct MemberTests {
    private func granted(_ team: Team) throws -> [String] {
        try team.vault.perform(ListMembers()).filter { $0.grants.last?.isHeld == true }.map(\.name)
    }

    @Test func `exactly the members who can open secrets have a grant`() throws {
        let team = try Team()
        #expect(try granted(team) == ["ana", "bo"])
        #expect(try team.test.use("A", as: team.bo) == "the first key")
        for member in [team.cora, team.dan] {
            #expect(
                failure { try team.test.use("A", as: member) }
                    == .access(
                        .forbidden(
                            member: member.member.name, role: member.member.role, action: .execConnection)))
        }
        try team.test.verify()
    }

    @Test func `lists roles, slots, grants and last actions`() throws {
        let team = try Team()
        _ = try team.vault.perform(AddSlot(.recovery(.init(.random(32)))), as: team.bo)
        try team.test.set("A", "app-key", "newer", as: team.bo)
        let members = try team.vault.perform(ListMembers())
        #expect(members.map(\.name) == ["ana", "bo", "cora", "dan"])
        #expect(members.map(\.role) == [.admin, .user, .writer, .auditor])
        #expect(members[1].slots == ["key-file", "recovery"])
        #expect(members[1].grants == [MemberInfo.Grant(epoch: 1, isHeld: true)])
        #expect(members[2].grants == [MemberInfo.Grant(epoch: 1, isHeld: false)])
        #expect(members[1].lastAction?.action == .setSecret)
        #expect(members[3].lastAction == nil)
        #expect(try team.vault.perform(ShowMember(team.bo.member)).lastAction == members[1].lastAction)
        #expect(Set(members.map(\.fingerprint)).count == 4)
    }

    @Test func `finds the last actions with an anchor of an older version, which lacks them`() throws {
        let team = try Team()
        try team.test.set("A", "app-key", "newer", as: team.bo)
        let members = try team.vault.perform(ListMembers())
        let path = team.test.anchors + "/" + Hex.encode(team.vault.id)
        let anchor = try String(contentsOfFile: path, encoding: .utf8)
        let older = anchor.replacing(try Regex(#""newest":(null|[0-9]+),"#), with: "")
        #expect(older != anchor)
        try older.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try team.test.reopen().perform(ListMembers()) == members)
        #expect(team.vault.state.newest.isEmpty)
        // A full verification adds the missing part.
        try team.test.verify(secrets: false)
        #expect(try team.test.reopen().state.newest.count == 4)
        #expect(try team.vault.perform(ListMembers()) == members)
    }

    @Test func `without a name, the key file selects the member`() throws {
        let team = try Team()
        team.vault.surroundings.via = { Entry.Via(program: "test", user: "other", host: "here") }
        #expect(try team.vault.member(named: nil, with: .keyFile(Team.key(2))).name == "cora")
        #expect(try team.vault.member(named: "bo", with: .keyFile(Team.key(2))).name == "bo")
        for stranger in [
            nil, Credential.keyFile(Team.key(9)), .passphrase(Team.key(2)), .recovery(Team.key(2)),
        ] {
            #expect(
                failure { try team.vault.member(named: nil, with: stranger) }
                    == .unlock(.memberUnspecified(members: ["ana", "bo", "cora", "dan"])))
        }
    }

    // case 67
    @Test(arguments: ["bo", "b0", "c0ra", "ana", "d a n", "Bo", "", "bo\u{301}"])
    func `refuses a name that is taken, looks like an existing one, or is invalid`(name: String) throws {
        let team = try Team()
        let size = team.vault.size
        let error = failure {
            try team.vault.perform(
                AddMember(name, .writer, by: .credential(.keyFile(Team.key(9)))), as: team.ana)
        }
        if MemberName.isValid(name) {
            guard case .member(.nameTaken(name, _))? = error else {
                Issue.record("\(name): \(String(describing: error))")
                return
            }
        } else {
            #expect(error == .input(.invalid([MemberName.problem(name)])))
        }
        #expect(team.vault.size == size)
    }

    @Test(arguments: [Role.user, .writer, .auditor])
    func `only an admin can add, change and remove members`(role: Role) throws {
        let team = try Team()
        let eve = try team.test.addMember("eve", role)
        func refused(_ action: Action, _ body: () throws -> Void) throws {
            #expect(failure(body) == .access(.forbidden(member: "eve", role: role, action: action)))
            #expect(try team.last().action == .refused)
        }
        try refused(.addMember) {
            _ = try team.vault.perform(AddMember("f", .user, by: .credential(.keyFile(Team.key(9)))), as: eve)
        }
        try refused(.changeRole) { _ = try team.vault.perform(ChangeRole(of: "dan", to: .admin), as: eve) }
        try refused(.changeRole) { _ = try team.vault.perform(ChangeRole(of: "bo", to: .writer), as: eve) }
        try refused(.removeMember) { _ = try team.vault.perform(RemoveMember("bo"), as: eve) }
        try refused(.removeMember) { _ = try team.vault.perform(RemoveMember("eve"), as: eve) }
        #expect(team.vault.state.members.count == 5)
        try team.test.verify()
    }

    @Test func `a name can be reused, with a notice`() throws {
        let team = try Team()
        _ = try team.vault.perform(RemoveMember("cora"), as: team.ana)
        let left = team.test.scene.now
        team.test.scene.notices = []
        let other = try team.test.addMember("cora", .writer, key: Team.key(9))
        #expect(team.test.scene.notices == [.nameHadBefore(name: "cora", until: left)])
        #expect(other.member.id != team.cora.member.id)
        #expect(
            failure { try team.test.custom("B", as: team.cora) } == .access(.noLongerMember(name: "cora")))
        try team.test.custom("B", as: other)
        let deeds = try team.vault.perform(ListActivity(EntryFilter())).filter { $0.name == "cora" }
        #expect(deeds.map(\.id) == [other.member.id])
        try team.test.verify(secrets: false)
    }

    // case 18
    @Test func `refuses to remove the last admin who can unlock, and records the attempt`() throws {
        let team = try Team()
        func refused(_ body: () throws -> Void) {
            let size = team.vault.size
            #expect(failure(body) == .member(.lastAdmin(member: "ana")))
            #expect(team.vault.size == size + 1 && (try? team.last().action) == .refused)
        }
        refused { _ = try team.vault.perform(RemoveMember("ana"), as: team.ana) }
        for role in [Role.user, .writer, .auditor] {
            refused { _ = try team.vault.perform(ChangeRole(of: "ana", to: role), as: team.ana) }
        }
        // Another admin counts only with a slot.
        _ = try team.vault.perform(ChangeRole(of: "bo", to: .admin), as: team.ana)
        let bo = try team.test.unlock("bo", key: Team.key(1))
        try team.vault.perform(RemoveSlot(bo.slot!), as: bo)
        refused { _ = try team.vault.perform(RemoveMember("ana"), as: team.ana) }
        try team.test.verify()
    }

    @Test func `members cannot perform the rotation that excludes themselves`() throws {
        let team = try Team()
        _ = try team.vault.perform(ChangeRole(of: "bo", to: .admin), as: team.ana)
        #expect(
            failure { try team.vault.perform(RemoveMember("ana"), as: team.ana) }
                == .member(.notForOneself(member: "ana")))
        #expect(
            failure { try team.vault.perform(ChangeRole(of: "ana", to: .writer), as: team.ana) }
                == .member(.notForOneself(member: "ana")))
        #expect(try team.last().action == .refused)
        let bo = try team.test.unlock("bo", key: Team.key(1))
        #expect(try team.vault.perform(RemoveMember("ana"), as: bo).rotation != nil)
        #expect(try team.test.use("A", as: bo) == "the first key")
        _ = try Vault.open(team.test.path, team.test.surroundings).perform(VerifyVault(), as: bo)
    }

    @Test func `a removed member cannot open what is sealed afterwards`() throws {
        let team = try Team()
        let held = try team.vault.read { try team.bo.masterKey(1, team.vault.known, $0) }
        let receipt = try team.vault.perform(RemoveMember("bo"), as: team.ana)
        #expect(receipt.rotation == RotationReceipt(from: 1, to: 2, resealed: 1))
        #expect(try granted(team) == ["ana"])
        #expect(try team.test.use("A") == "the first key")
        // The old key does not open the new file.
        try team.vault.read { rows in
            let owner = try rows.find(.connection, "A")
            let row = try #require(try rows.secrets(of: owner.id).first)
            let address = SecretAddress(
                vault: team.vault.id, owner: owner.uid, field: row.field, version: row.version,
                epoch: row.epoch, settingsDigest: row.settingsDigest)
            if held.key.open(row.sealed, address, isDeposit: false) != nil {
                Issue.record("it opens with the old key")
            }
            #expect(try rows.slots(of: team.bo.member.id.bytes).isEmpty)
        }
        try team.test.verify()
    }

    @Test func `a removed member cannot act before their program sees the removal`() throws {
        let team = try Team()
        let other = try team.test.second()
        _ = try team.vault.perform(RemoveMember("bo"), as: team.ana)
        _ = try team.vault.perform(RemoveMember("cora"), as: team.ana)
        let size = team.vault.size
        for session in [team.bo, team.cora] {
            #expect(
                failure {
                    _ = try other.perform(SetSecret("app-key", of: "A", to: secret("late")), as: session)
                } == .access(.noLongerMember(name: session.member.name)))
        }
        #expect(try other.read { try $0.ledgerSize() } == size)
        #expect(try team.test.use("A") == "the first key")
    }

    @Test func `a demotion rotates the master key, a promotion adds a grant, and other changes do neither`()
        throws
    {
        let team = try Team()
        #expect(try team.vault.perform(ChangeRole(of: "bo", to: .admin), as: team.ana).rotation == nil)
        #expect(try team.vault.perform(ChangeRole(of: "bo", to: .user), as: team.ana).rotation == nil)
        #expect(try team.vault.perform(ChangeRole(of: "cora", to: .auditor), as: team.ana).rotation == nil)
        #expect(try team.vault.perform(ChangeRole(of: "bo", to: .writer), as: team.ana).rotation?.to == 2)
        #expect(try granted(team) == ["ana"])
        #expect(
            failure { try team.test.use("A", as: team.bo) }
                == .access(.forbidden(member: "bo", role: .writer, action: .execConnection)))
        #expect(try team.vault.perform(ChangeRole(of: "dan", to: .user), as: team.ana).rotation == nil)
        #expect(
            try team.test.use("A", as: try team.test.unlock("dan", key: Team.key(3))) == "the first key")
        #expect(
            failure { try team.vault.perform(ChangeRole(of: "dan", to: .user), as: team.ana) }
                == .member(.sameRole(member: "dan", role: .user)))
        #expect(
            failure { try team.vault.perform(ChangeRole(of: "eve", to: .user), as: team.ana) }
                == .unlock(.memberUnknown(name: "eve", members: ["ana", "bo", "cora", "dan"])))
        try team.test.verify()
    }

    @Test func `finishes an interrupted rotation before the rotation that excludes a member`() throws {
        let team = try Team()
        try team.test.custom("B", key: "another key")
        let blob = try team.test.blob("A", "app-key")
        try team.test.setBlob("A", "app-key", Data([UInt8](blob.dropLast()) + [blob.last! ^ 1]))
        #expect(
            failure { try team.test.rotate() } == .masterKey(.secretsNotResealed(["A: app-key"], left: 1)))
        // While both keys are in use, a new member gets a grant for each.
        let eve = try team.test.addMember("eve", .user)
        try team.test.setBlob("A", "app-key", blob)
        #expect(try team.test.use("A", as: eve) == "the first key")
        #expect(try team.test.use("B", as: eve) == "another key")
        #expect(
            try team.vault.perform(ListMembers()).last?.grants.map(\.epoch) == [1, 2])
        try team.test.verify()
        let receipt = try team.vault.perform(RemoveMember("bo"), as: team.ana)
        #expect(receipt.rotation == RotationReceipt(from: 2, to: 3, resealed: 2))
        #expect(try team.test.use("A", as: eve) == "the first key")
        try team.test.verify()
    }

    @Test func `lists the secrets that a leaving member could have seen, with the used ones first`() throws {
        let team = try Team()
        try team.test.custom("B")
        try team.test.custom("C")
        try team.test.set("C", "app-key", "typed by bo", as: team.bo)
        team.test.scene.now = Timestamp(text: "2026-03-02T08:00:00Z")!
        _ = try team.test.use("B", as: team.bo)
        try team.test.set("A", "app-key", "typed by cora", as: team.cora)
        let known = try team.vault.perform(ListKnownSecrets(of: "bo"))
        #expect(known.map(\.name) == ["B", "C", "A"])
        #expect(known.map(\.how) == [.used(team.test.scene.now), .entered, .couldOpen])
        #expect(known.allSatisfy { $0.fields == ["app-key"] && $0.kind == .connection })
        // A writer knows only the secrets that they entered.
        #expect(try team.vault.perform(ListKnownSecrets(of: "cora")).map(\.name) == ["A"])
        #expect(try team.vault.perform(ListKnownSecrets(of: "dan")).isEmpty)
    }
}
