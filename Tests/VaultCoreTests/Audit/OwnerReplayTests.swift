import Foundation
import GRDB
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultText

@testable import VaultCore
@testable import VaultStore

/// Replay of owners, which are compared by identifier with the rows.
@Suite struct OwnerReplayTests {
    private func unknown(_ kind: Entry.Object.Kind) -> Entry.Object {
        Entry.Object(kind, id: Identifier(bytes: [UInt8](repeating: 0xee, count: 16))!, name: "Nobody")
    }

    private let end = OwnerState(
        settingsDigest: [UInt8](repeating: 0, count: 32), annotations: nil, secrets: [])

    @Test("the removal of an unknown owner does not hide that another owner's rows are deleted (case 98)")
    func counts() throws {
        let team = try Team()
        try team.test.custom("B")
        try team.test.verify(secrets: false)
        let seq = team.vault.size
        try team.forge(
            team.bo, .removeConnection, unknown(.connection),
            Change(state: end, details: ["connector": "celonis"]))
        try team.test.raw("DELETE FROM secrets WHERE owner = 2; DELETE FROM owners WHERE id = 2")
        let fault = VaultError.integrity(
            .ledger(
                .contradiction(seq: seq, what: "the connection or client does not exist")))
        for anchors in [team.test.anchors, team.test.folder + "/stranger"] {
            let surroundings = TestVault.surroundings(team.test.scene, anchors)
            #expect(failure { try Vault.open(team.test.path, surroundings).perform(VerifyVault()) } == fault)
            #expect(
                failure { try Vault.open(team.test.path, surroundings).perform(VerifyVault(onlyNew: true)) }
                    == fault)
            #expect(failure { try team.test.second(anchors: anchors) } == fault)
        }
    }

    @Test("compares the identifiers of owners, not just their number (case 98)")
    func exchanged() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name) }
        let seq = try #require(try test.entries().last { $0.object.name == "B" }?.seq)
        try test.raw("UPDATE owners SET uid = randomblob(16), name = 'X', name_key = 'x' WHERE id = 2")
        let faults = try test.faults(secrets: false)
        #expect(
            faults.contains(.ownerUnsigned(owner: "X")) && faults.contains(.ownerMissing(name: "B", seq: seq))
        )
    }

    // A modified program writes one entry each. Users with and without an anchor refuse it.
    @Test("refuses an entry that contradicts the owner's earlier entries (cases 98 and 112)")
    func forgeries() throws {
        let team = try Team()
        try team.test.custom("gone")
        let gone = try team.vault.read { try $0.find(.connection, "gone").object }
        try team.test.vault.perform(RemoveOwner(.connection, "gone"), as: team.ana)
        let object = try team.vault.read { try $0.find(.connection, "A").object }
        let state = try #require(try team.test.entries().last { $0.object == object }?.change.state)
        var exchanged = state
        exchanged.secrets[0].sealed = [UInt8](repeating: 9, count: 32)
        var older = state
        older.secrets[0].epoch = nil
        older.secrets[0].sealed = nil
        var more = state
        var extra = state.secrets[0]
        (extra.label, extra.sealed) = (.pending, [UInt8](repeating: 9, count: 32))
        more.put(
            OwnerState.Secret(field: "app-key", version: 2, label: .pending, epoch: 1, sealed: extra.sealed))
        let allow = Change(state: state)
        let item = DigestList.Item(
            owner: IdentifierKey(hex: object.id)!, field: "app-key", version: 1, epoch: 1,
            digest: Hash([UInt8](repeating: 9, count: 32))!)
        let list = DigestList.encode([item])
        let signed: JSON.Members = ["list": .string(Hex.encode(Digest.sha256(list))), "secrets": 1]
        var resealed = signed
        resealed["epoch"] = 1
        let asClient = Entry.Object(.client, id: Identifier(hex: object.id)!, name: "A")
        let forgeries: [(Session, Action, Entry.Object, Change, [UInt8]?)] = [
            (
                team.bo, .execConnection, unknown(.connection),
                Change(details: ["program": "x", "variables": []]), nil
            ),
            (team.ana, .allowUses, unknown(.connection), allow, nil),
            (team.bo, .removeConnection, gone, Change(state: end, details: ["connector": "celonis"]), nil),
            (
                team.bo, .createConnection, object, Change(state: state, details: ["connector": "celonis"]),
                nil
            ),
            (team.bo, .createConnection, gone, Change(state: state, details: ["connector": "celonis"]), nil),
            (team.bo, .removeClient, asClient, Change(state: end, details: ["connector": "celonis"]), nil),
            (team.bo, .annotateConnection, object, Change(state: exchanged), nil),
            (team.cora, .setSecret, object, Change(state: exchanged, details: ["field": "app-key"]), nil),
            (team.bo, .sealDeposit, object, Change(state: exchanged, details: ["fields": ["app-key"]]), nil),
            (team.bo, .annotateConnection, object, Change(state: older), nil),
            (team.bo, .annotateConnection, object, Change(state: more), nil),
            (team.bo, .coverSecrets, Entry.Object(.vault, name: "vault"), Change(details: signed), list),
            (team.ana, .resealSecrets, Entry.Object(.key, name: "epoch 1"), Change(details: resealed), list),
        ]
        let (copy, seq) = (try team.test.copy(), team.vault.size)
        for (author, action, object, change, list) in forgeries {
            try team.forge(author, action, object, change, list: list)
            for anchors in [team.test.anchors, team.test.folder + "/\(action)"] {
                guard
                    case .integrity(.ledger(.contradiction(seq, _)))? = failure({
                        try team.test.second(anchors: anchors)
                    })
                else {
                    Issue.record("\(action) is accepted")
                    continue
                }
            }
            try team.test.restore(copy)
            try team.test.reopen()
        }
    }

    // A modified program signs the state of altered rows, but not the change that leads to it.
    @Test(
        "reports rows that the signed state has, but the changes in the entries do not lead to",
        arguments: [
            (Action.annotateConnection, "UPDATE owners SET note = 'stored' WHERE id = 1"),
            (.editConnection, "UPDATE owners SET settings = replace(settings, 'team', 'tram') WHERE id = 1"),
            (.editConnection, "UPDATE owners SET name = 'B', name_key = 'b' WHERE id = 1"),
        ])
    func unexplained(action: Action, change: String) throws {
        let team = try Team()
        let object = try team.vault.read { try $0.find(.connection, "A").object }
        var state = try #require(try team.test.entries().last { $0.object == object }?.change.state)
        try team.test.raw(change)
        let owner = try #require(try team.vault.read { try $0.owner(id: 1) })
        state.annotations = annotationsDigest(note: owner.note, tags: [])
        state.settingsDigest = try #require(owner.settingsDigest)
        let digest = Hex.encode(state.settingsDigest)
        try team.test.raw("UPDATE secrets SET settings_digest = x'\(digest)' WHERE owner = 1")
        try team.forge(team.bo, action, owner.object, Change(state: state))
        try team.test.reopen()
        let (name, time) = (team.bo.member.name, team.test.scene.now)
        #expect(
            try team.test.faults(secrets: false) == [
                action == .editConnection
                    ? .settingsChanged(owner: owner.name, signedBy: name, at: time)
                    : .annotationsChanged(owner: owner.name, signedBy: name, at: time)
            ])
    }

    @Test("replay from an older anchor gives the same state as a full replay")
    func incremental() throws {
        let team = try Team()
        let test = team.test
        let other = test.folder + "/other"
        func catchUp() throws {
            let vault = try test.second(anchors: other)
            #expect(vault.state == team.vault.state)
        }
        try catchUp()
        for number in 0..<20 { try test.custom("A\(number)", key: "key \(number)") }
        try catchUp()
        try test.rotate()
        try catchUp()
        try test.set("A3", "app-key", "newer")
        try test.set("A4", "app-key", "deposited", as: team.cora)
        try test.vault.perform(RemoveOwner(.connection, "A5"), as: team.bo)
        try catchUp()
        let blob = try test.blob("A7", "app-key")
        try test.setBlob("A7", "app-key", Data([UInt8](repeating: 1, count: 145)))
        #expect(failure { try test.rotate() } != nil)
        try test.setBlob("A7", "app-key", blob)
        try catchUp()
        for name in ["A6", "A7"] {
            try test.vault.perform(AnnotateOwner(.connection, name, tags: [], note: "x"), as: test.session)
        }
        try test.vault.perform(RemoveOwner(.connection, "A8"), as: team.bo)
        try catchUp()
        try test.rotate()
        try test.set("A7", "app-key", "newest")
        try catchUp()
        _ = try Vault.open(test.path, TestVault.surroundings(test.scene, other)).perform(
            VerifyVault(onlyNew: true))
        try test.verify()
    }

    @Test("an anchor of an older version keeps its size and root, and is completed")
    func olderAnchor() throws {
        let test = try TestVault()
        for name in ["A", "B"] { try test.custom(name) }
        let copy = try test.copy()
        let path = test.surroundings.anchors.path(of: test.vault.id)
        func age() throws {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            guard case .object(var json) = try JSON.parse(Array(text.utf8.dropLast())) else { return }
            json["secrets"] = nil
            try Data(JSON.object(json).bytes + [0x0a]).write(to: URL(filePath: path))
        }
        try test.custom("C")
        let size = test.vault.size
        try age()
        #expect(try test.reopen().state.secrets?.secrets(under: 1) == 3)
        try test.custom("D")
        try test.verify()
        // The anchor still detects rollbacks and forks.
        try age()
        try test.restore(copy)
        #expect(
            failure { try test.reopen() }
                == .integrity(.rolledBack(seen: size + 1, at: test.scene.now, found: size - 1)))
        let kept = try Data(contentsOf: URL(filePath: path))
        try test.fork(copy) { for name in ["E", "F", "G"] { try test.custom(name) } }
        try kept.write(to: URL(filePath: path))
        guard case .integrity(.forked)? = failure({ try test.reopen() }) else {
            Issue.record("a fork is accepted")
            return
        }
    }
}
