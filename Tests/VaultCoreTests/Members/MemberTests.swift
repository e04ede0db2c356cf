import Foundation
import GRDB
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore
@testable import VaultStore

/// Members come, change and go; who may open is who holds a grant.
@Suite struct MemberTests {
    private func granted(_ team: Team) throws -> [String] {
        try team.vault.members().filter { $0.grants.last?.isHeld == true }.map(\.name)
    }

    @Test func `a grant goes with the right to open, and nothing else does`() throws {
        let team = try Team()
        #expect(try granted(team) == ["ana", "bo"])
        #expect(try team.test.use("A", as: team.bo) == "the first key")
        for member in [team.cora, team.dan] {
            #expect(
                failure { try team.test.use("A", as: member) }
                    == .forbidden(
                        member: member.member.name, role: member.member.role, action: .execConnection))
        }
        try team.test.verify()
    }

    @Test func `the list tells roles, ways to unlock, grants and what was done last`() throws {
        let team = try Team()
        _ = try team.vault.addSlot(.recovery(.init(.random(32))), as: team.bo)
        try team.test.set("A", "app-key", "newer", as: team.bo)
        let members = try team.vault.members()
        #expect(members.map(\.name) == ["ana", "bo", "cora", "dan"])
        #expect(members.map(\.role) == [.admin, .user, .writer, .auditor])
        #expect(members[1].slots == ["key-file", "recovery"])
        #expect(members[1].grants == [MemberInfo.Grant(epoch: 1, isHeld: true)])
        #expect(members[2].grants == [MemberInfo.Grant(epoch: 1, isHeld: false)])
        #expect(members[1].lastAction?.action == .setSecret)
        #expect(members[3].lastAction == nil)
        #expect(try team.vault.info(of: team.bo.member).lastAction == members[1].lastAction)
        #expect(Set(members.map(\.fingerprint)).count == 4)
    }

    @Test func `an older program's anchor tells nothing of who acted last; it is found all the same`() throws
    {
        let team = try Team()
        try team.test.set("A", "app-key", "newer", as: team.bo)
        let members = try team.vault.members()
        let path = team.test.anchors + "/" + Hex.encode(team.vault.id)
        let anchor = try String(contentsOfFile: path, encoding: .utf8)
        let older = anchor.replacing(try Regex(#""newest":(null|[0-9]+),"#), with: "")
        #expect(older != anchor)
        try older.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try team.test.reopen().members() == members)
        #expect(team.vault.state.newest.isEmpty)
        // Verifying all of it fills it in.
        try team.test.verify(secrets: false)
        #expect(try team.test.reopen().state.newest.count == 4)
        #expect(try team.vault.members() == members)
    }

    @Test func `who names nobody is the member whose key file they have`() throws {
        let team = try Team()
        team.vault.surroundings.via = { Entry.Via(program: "test", user: "somebody", host: "here") }
        #expect(try team.vault.member(named: nil, with: .keyFile(Team.key(2))).name == "cora")
        #expect(try team.vault.member(named: "bo", with: .keyFile(Team.key(2))).name == "bo")
        for stranger in [
            nil, Credential.keyFile(Team.key(9)), .passphrase(Team.key(2)), .recovery(Team.key(2)),
        ] {
            #expect(
                failure { try team.vault.member(named: nil, with: stranger) }
                    == .memberNotNamed(members: ["ana", "bo", "cora", "dan"]))
        }
    }

    // case 67
    @Test(arguments: ["bo", "b0", "c0ra", "ana", "d a n", "Bo", "", "bo\u{301}"])
    func `a name that is taken, looks like one, or is none is refused`(name: String) throws {
        let team = try Team()
        let size = team.vault.size
        let error = failure {
            try team.vault.addMember(name, .writer, by: .credential(.keyFile(Team.key(9))), as: team.ana)
        }
        if MemberName.isValid(name) {
            guard case .memberTaken(name, _)? = error else {
                Issue.record("\(name): \(String(describing: error))")
                return
            }
        } else {
            #expect(error == .invalid([MemberName.problem(name)]))
        }
        #expect(team.vault.size == size)
    }

    @Test(arguments: [Role.user, .writer, .auditor])
    func `only an admin adds, changes and removes members`(role: Role) throws {
        let team = try Team()
        let eve = try team.test.addMember("eve", role)
        func refused(_ action: Action, _ body: () throws -> Void) throws {
            #expect(failure(body) == .forbidden(member: "eve", role: role, action: action))
            #expect(try team.last().action == .refused)
        }
        try refused(.addMember) {
            _ = try team.vault.addMember("f", .user, by: .credential(.keyFile(Team.key(9))), as: eve)
        }
        try refused(.changeRole) { _ = try team.vault.changeRole(of: "dan", to: .admin, as: eve) }
        try refused(.changeRole) { _ = try team.vault.changeRole(of: "bo", to: .writer, as: eve) }
        try refused(.removeMember) { _ = try team.vault.removeMember("bo", as: eve) }
        try refused(.removeMember) { _ = try team.vault.removeMember("eve", as: eve) }
        #expect(team.vault.state.members.count == 5)
        try team.test.verify()
    }

    @Test func `a name may come again, and that is said`() throws {
        let team = try Team()
        _ = try team.vault.removeMember("cora", as: team.ana)
        let left = team.test.scene.now
        team.test.scene.notices = []
        let other = try team.test.addMember("cora", .writer, key: Team.key(9))
        #expect(team.test.scene.notices == [.nameHadBefore(name: "cora", until: left)])
        #expect(other.member.id != team.cora.member.id)
        #expect(failure { try team.test.custom("B", as: team.cora) } == .noLongerMember(name: "cora"))
        try team.test.custom("B", as: other)
        let deeds = try team.vault.activity(EntryFilter()).filter { $0.name == "cora" }
        #expect(deeds.map(\.id) == [other.member.id])
        try team.test.verify(secrets: false)
    }

    // case 18
    @Test func `the last admin who can unlock stays, and the attempt is an entry`() throws {
        let team = try Team()
        func refused(_ body: () throws -> Void) {
            let size = team.vault.size
            #expect(failure(body) == .lastAdmin(member: "ana"))
            #expect(team.vault.size == size + 1 && (try? team.last().action) == .refused)
        }
        refused { _ = try team.vault.removeMember("ana", as: team.ana) }
        for role in [Role.user, .writer, .auditor] {
            refused { _ = try team.vault.changeRole(of: "ana", to: role, as: team.ana) }
        }
        // Another admin counts only while they have a way to unlock.
        _ = try team.vault.changeRole(of: "bo", to: .admin, as: team.ana)
        let bo = try team.test.unlock("bo", key: Team.key(1))
        try team.vault.removeSlot(bo.slot!, as: bo)
        refused { _ = try team.vault.removeMember("ana", as: team.ana) }
        try team.test.verify()
    }

    @Test func `nobody makes the master key that is to keep them out`() throws {
        let team = try Team()
        _ = try team.vault.changeRole(of: "bo", to: .admin, as: team.ana)
        #expect(
            failure { try team.vault.removeMember("ana", as: team.ana) } == .notForOneself(member: "ana"))
        #expect(
            failure { try team.vault.changeRole(of: "ana", to: .writer, as: team.ana) }
                == .notForOneself(member: "ana"))
        #expect(try team.last().action == .refused)
        let bo = try team.test.unlock("bo", key: Team.key(1))
        #expect(try team.vault.removeMember("ana", as: bo).rotation != nil)
        #expect(try team.test.use("A", as: bo) == "the first key")
        _ = try Vault.verify(team.test.path, team.test.surroundings) { _ in bo }
    }

    @Test func `who is removed is kept out of everything that is sealed from then on`() throws {
        let team = try Team()
        let held = try team.vault.read { try team.bo.masterKey(1, team.vault.known, $0) }
        let receipt = try team.vault.removeMember("bo", as: team.ana)
        #expect(receipt.rotation == RotationReceipt(from: 1, to: 2, resealed: 1))
        #expect(try granted(team) == ["ana"])
        #expect(try team.test.use("A") == "the first key")
        // With the key they had, and the file as it is now.
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

    @Test func `somebody who acts between their removal and their next look changes nothing`() throws {
        let team = try Team()
        let other = try team.test.second()
        _ = try team.vault.removeMember("bo", as: team.ana)
        _ = try team.vault.removeMember("cora", as: team.ana)
        let size = team.vault.size
        for session in [team.bo, team.cora] {
            #expect(
                failure {
                    _ = try other.setSecret("app-key", of: "A", to: secret("late"), as: session)
                } == .noLongerMember(name: session.member.name))
        }
        #expect(try other.read { try $0.ledgerSize() } == size)
        #expect(try team.test.use("A") == "the first key")
    }

    @Test func `a demotion rotates, a promotion grants, anything else leaves the key alone`() throws {
        let team = try Team()
        #expect(try team.vault.changeRole(of: "bo", to: .admin, as: team.ana).rotation == nil)
        #expect(try team.vault.changeRole(of: "bo", to: .user, as: team.ana).rotation == nil)
        #expect(try team.vault.changeRole(of: "cora", to: .auditor, as: team.ana).rotation == nil)
        #expect(try team.vault.changeRole(of: "bo", to: .writer, as: team.ana).rotation?.to == 2)
        #expect(try granted(team) == ["ana"])
        #expect(
            failure { try team.test.use("A", as: team.bo) }
                == .forbidden(member: "bo", role: .writer, action: .execConnection))
        #expect(try team.vault.changeRole(of: "dan", to: .user, as: team.ana).rotation == nil)
        #expect(
            try team.test.use("A", as: try team.test.unlock("dan", key: Team.key(3))) == "the first key")
        #expect(
            failure { try team.vault.changeRole(of: "dan", to: .user, as: team.ana) }
                == .sameRole(member: "dan", role: .user))
        #expect(
            failure { try team.vault.changeRole(of: "eve", to: .user, as: team.ana) }
                == .memberUnknown(name: "eve", members: ["ana", "bo", "cora", "dan"]))
        try team.test.verify()
    }

    @Test func `a rotation that had stopped is finished before one begins that keeps somebody out`() throws {
        let team = try Team()
        try team.test.custom("B", key: "another key")
        let blob = try team.test.blob("A", "app-key")
        try team.test.setBlob("A", "app-key", Data([UInt8](blob.dropLast()) + [blob.last! ^ 1]))
        #expect(failure { try team.test.rotate() } == .rowsNotResealed(["A: app-key"], left: 1))
        // While both keys are in use a new member who may open gets both.
        let eve = try team.test.addMember("eve", .user)
        try team.test.setBlob("A", "app-key", blob)
        #expect(try team.test.use("A", as: eve) == "the first key")
        #expect(try team.test.use("B", as: eve) == "another key")
        #expect(
            try team.vault.members().last?.grants.map(\.epoch) == [1, 2])
        try team.test.verify()
        let receipt = try team.vault.removeMember("bo", as: team.ana)
        #expect(receipt.rotation == RotationReceipt(from: 2, to: 3, resealed: 2))
        #expect(try team.test.use("A", as: eve) == "the first key")
        try team.test.verify()
    }

    @Test func `what a leaver could have seen is told, what they used first`() throws {
        let team = try Team()
        try team.test.custom("B")
        try team.test.custom("C")
        try team.test.set("C", "app-key", "typed by bo", as: team.bo)
        team.test.scene.now = Timestamp(text: "2026-03-02T08:00:00Z")!
        _ = try team.test.use("B", as: team.bo)
        try team.test.set("A", "app-key", "typed by cora", as: team.cora)
        let known = try team.vault.knownOwners(to: "bo")
        #expect(known.map(\.name) == ["B", "C", "A"])
        #expect(known.map(\.how) == [.used(team.test.scene.now), .entered, .couldOpen])
        #expect(known.allSatisfy { $0.fields == ["app-key"] && $0.kind == .connection })
        // A writer knows what they typed, and nothing else.
        #expect(try team.vault.knownOwners(to: "cora").map(\.name) == ["A"])
        #expect(try team.vault.knownOwners(to: "dan").isEmpty)
    }
}
