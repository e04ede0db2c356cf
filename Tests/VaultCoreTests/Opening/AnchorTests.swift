import Foundation
import Testing
import VaultLedger

@testable import VaultCore

/// What a user has seen is not unseen, whatever the file says later.
@Suite struct AnchorTests {
    /// A vault that was copied yesterday, and went on.
    private func restored() throws -> (TestVault, old: UInt64, new: UInt64) {
        let test = try TestVault()
        try test.custom("A", key: "yesterday")
        let old = test.vault.size
        let copy = try test.copy()
        test.scene.now = Timestamp(text: "2026-03-02T08:00:00Z")!
        try test.set("A", "app-key", "today")
        try test.custom("B")
        let new = test.vault.size
        try test.restore(copy)
        return (test, old, new)
    }

    // case 43
    @Test func `refuses yesterday's copy, and tells what was seen when`() throws {
        let (test, old, new) = try restored()
        let seen = test.scene.now
        test.scene.now = Timestamp(text: "2026-03-03T08:00:00Z")!
        #expect(failure { try test.reopen() } == .rolledBack(seen: new, at: seen, found: old))
        #expect(failure { try test.verify() } == .rolledBack(seen: new, at: seen, found: old))
        // Asking again does not wear it down.
        #expect(failure { try test.reopen() } == .rolledBack(seen: new, at: seen, found: old))
    }

    // case 43: also while a command has the vault open
    @Test func `refuses a copy that was put in place under an open vault`() throws {
        let test = try TestVault()
        try test.custom("A")
        let size = test.vault.size
        let second = try test.second()
        try test.raw("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)")
        try test.raw("DELETE FROM heads WHERE size = (SELECT max(size) FROM heads)")
        let before = second.size
        #expect(
            failure { try second.show(.connection, "A") }
                == .rolledBack(seen: before, at: test.scene.now, found: size - 1))
    }

    // case 43
    @Test func `accepting an older copy is explicit, and an entry`() throws {
        let (test, old, new) = try restored()
        let seen = test.scene.now
        try Vault.accept(test.path, test.surroundings) { try test.unlock($0) }
        let vault = try test.reopen()
        #expect(vault.size == old + 1)
        let entry = try #require(try test.entries().last)
        #expect(entry.action == .acceptLedger)
        #expect(entry.change.details["seen_size"]?.integer == Int64(new))
        #expect(entry.change.details["seen_at"]?.string == seen.text)
        #expect(try test.use("A") == "yesterday")
        try test.verify()
        // The anchor that was given up is not the one that is kept.
        #expect(test.scene.notices.contains { if case .anchorNotKept = $0 { true } else { false } } == false)
    }

    // case 43: and again, further back than the first time
    // A kill, or a full disk, between the entry and the anchor: the next command moves the anchor (cases 86, 88).
    @Test func `an accepted copy is followed, where the anchor could not be moved`() throws {
        let (test, old, _) = try restored()
        let anchor = test.surroundings.anchors.path(of: try test.second(anchors: test.folder + "/x").id)
        let before = try Data(contentsOf: URL(filePath: anchor))
        try Vault.accept(test.path, test.surroundings) { try test.unlock($0) }
        try test.reopen()
        let operation = try #require(try test.entries().last?.operation)
        // As it was before the anchor was moved.
        test.close()
        try before.write(to: URL(filePath: anchor))
        #expect(failure { try test.reopen() } != nil)
        try Data((operation.hex + "\n").utf8).write(to: URL(filePath: anchor + ".accepting"))
        #expect(try test.reopen().size == old + 1)
        #expect(!FileManager.default.fileExists(atPath: anchor + ".accepting"))
        try test.reopen()
    }

    @Test func `an operation that is not in the ledger accepts nothing`() throws {
        let (test, old, new) = try restored()
        let seen = test.scene.now
        let id = try test.second(anchors: test.folder + "/x").id
        let operation = try #require(Identifier(bytes: [UInt8](repeating: 9, count: 16)))
        try test.surroundings.anchors.willAccept(operation, id)
        #expect(failure { try test.reopen() } == .rolledBack(seen: new, at: seen, found: old))
    }

    @Test func `an older copy can be accepted more than once`() throws {
        let test = try TestVault()
        let first = try test.copy()
        try test.custom("A")
        let second = try test.copy()
        try test.custom("B")
        for copy in [second, first] {
            try test.restore(copy)
            #expect(failure { try test.reopen() } != nil)
            try Vault.accept(test.path, test.surroundings) { try test.unlock($0) }
            try test.reopen()
            try test.verify()
        }
        #expect(try test.names() == [])
    }

    // case 43
    @Test func `only an admin accepts, and nothing is remembered until one has`() throws {
        let test = try TestVault()
        let bo = try test.addMember("bo", .user, key: secret([UInt8](repeating: 8, count: 32)))
        let copy = try test.copy()
        try test.custom("A")
        try test.restore(copy)
        #expect(
            failure { try Vault.accept(test.path, test.surroundings) { _ in bo } }
                == .forbidden(member: "bo", role: .user, action: .acceptLedger))
        #expect(failure { try test.reopen() } != nil)
    }

    // case 44
    @Test func `says once that it has not seen a vault before`() throws {
        let test = try TestVault()
        try test.custom("A")
        #expect(test.scene.notices.isEmpty)
        test.close()
        try FileManager.default.removeItem(atPath: test.anchors)
        try test.reopen()
        #expect(test.scene.notices == [.firstContact(entries: 4)])
        try test.reopen()
        try test.verify()
        #expect(test.scene.notices == [.firstContact(entries: 4)])
    }

    // case 44
    @Test func `refuses an anchor that is damaged or of another vault, instead of starting anew`() throws {
        let test = try TestVault()
        let other = try TestVault()
        let path = try test.anchorPath()
        let kept = try Data(contentsOf: URL(fileURLWithPath: path))
        for bytes in [
            Data(), Data("{}".utf8), kept.dropLast(20),
            try Data(contentsOf: URL(fileURLWithPath: other.anchorPath())),
            Data(String(decoding: kept, as: UTF8.self).replacing("\"size\":3", with: "\"size\":1").utf8),
        ] {
            try bytes.write(to: URL(fileURLWithPath: path))
            #expect(failure { try test.reopen() } == .anchorDamaged(path: path))
        }
        try kept.write(to: URL(fileURLWithPath: path))
        try test.reopen()
    }

    // case 70
    @Test func `anchors are their user's alone`() throws {
        let test = try TestVault()
        try test.custom("A")
        let path = try test.anchorPath()
        for (path, mode) in [(path, 0o600), (test.anchors, 0o700)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? Int) == mode)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: test.anchors).count == 1)
    }

    // case 45
    @Test func `detects that the newest entries were cut off`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.custom("B")
        let size = test.vault.size
        let checkpoint = try test.vault.checkpoint()
        try test.raw("DELETE FROM entries WHERE seq >= \(size - 1); DELETE FROM heads WHERE size >= \(size)")
        #expect(
            failure { try test.reopen() } == .rolledBack(seen: size, at: test.scene.now, found: size - 1))
        // Somebody who never saw the vault needs a checkpoint.
        let stranger = TestVault.surroundings(test.scene, test.folder + "/other")
        #expect(
            failure { try Vault.verify(test.path, stranger, checkpoint: checkpoint) }
                == .checkpoint(.future(size: size, now: size - 1, seen: test.scene.now)))
        // Without one, the rows tell.
        #expect(
            failure { try Vault.verify(test.path, stranger) }
                == .verificationFailed([.ownerUnsigned(owner: "B")]))
    }

    // case 47: two vaults that were one once, and have the same size again
    @Test func `reports a fork of the same size`() throws {
        let test = try TestVault()
        let copy = try test.copy()
        try test.custom("A")
        let seen = test.scene.now
        let size = test.vault.size
        let mine = try Data(contentsOf: URL(fileURLWithPath: test.anchorPath()))
        try test.fork(copy) { try test.custom("B") }
        #expect(test.vault.size == size)
        test.close()
        try mine.write(to: URL(fileURLWithPath: test.anchorPath()))
        #expect(failure { try test.reopen() } == .forked(size: size, at: seen))
        #expect(failure { try test.verify() } == .forked(size: size, at: seen))
    }

    // case 47: the other branch has gone further
    @Test func `reports a fork that has grown longer`() throws {
        let test = try TestVault()
        let copy = try test.copy()
        try test.custom("A")
        let seen = test.scene.now
        let size = test.vault.size
        let mine = try Data(contentsOf: URL(fileURLWithPath: test.anchorPath()))
        try test.fork(copy) { for number in 0..<5 { try test.custom("B\(number)") } }
        test.close()
        try mine.write(to: URL(fileURLWithPath: test.anchorPath()))
        #expect(failure { try test.reopen() } == .forked(size: size, at: seen))
        // It can be accepted, like a copy that went back.
        try Vault.accept(test.path, test.surroundings) { try test.unlock($0) }
        try test.reopen()
        try test.verify()
    }

    // case 37
    @Test func `a file without its write-ahead log is a rollback`() throws {
        let test = try TestVault()
        _ = try test.copy()
        try test.custom("A")
        let size = test.vault.size
        let bare = try Data(contentsOf: URL(fileURLWithPath: test.path))
        try test.restore(bare)
        let error = failure { try test.reopen() }
        guard case .rolledBack(size, _, let found)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found < size)
    }

    @Test func `another user of the same vault follows what is new`() throws {
        let test = try TestVault()
        let other = try test.second(anchors: test.folder + "/bo")
        test.scene.notices = []
        try test.custom("A")
        #expect(try other.show(.connection, "A").name == "A")
        _ = try test.second(anchors: test.folder + "/bo")
        #expect(test.scene.notices.isEmpty)
    }
}

extension TestVault {
    func anchorPath() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: anchors)
        return anchors + "/" + (try #require(names.first { $0.count == 64 }))
    }

    /// Goes on from an older copy as if the newer one had never been.
    func fork(_ copy: Data, _ body: () throws -> Void) throws {
        try restore(copy)
        try FileManager.default.removeItem(atPath: anchors)
        try reopen()
        try body()
    }
}
