import Foundation
import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

/// Rollback and fork detection by a user's anchor.
@Suite struct AnchorTests {
    /// A vault that was restored from an older copy.
    ///
    /// - Returns: the vault, and the sizes of the copy and of the newest ledger.
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
    @Test func `refuses an older copy, and reports the size and time of the newest one seen`() throws {
        let (test, old, new) = try restored()
        let seen = test.scene.now
        test.scene.now = Timestamp(text: "2026-03-03T08:00:00Z")!
        #expect(failure { try test.reopen() } == .integrity(.rolledBack(seen: new, at: seen, found: old)))
        #expect(failure { try test.verify() } == .integrity(.rolledBack(seen: new, at: seen, found: old)))
        // A second attempt fails the same way.
        #expect(failure { try test.reopen() } == .integrity(.rolledBack(seen: new, at: seen, found: old)))
    }

    // case 43: while a command has the vault open
    @Test func `refuses an older copy that replaces an open vault`() throws {
        let test = try TestVault()
        try test.custom("A")
        let size = test.vault.size
        let second = try test.second()
        try test.raw("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)")
        try test.raw("DELETE FROM heads WHERE size = (SELECT max(size) FROM heads)")
        let before = second.size
        #expect(
            failure { try second.perform(ShowOwner(.connection, "A")) }
                == .integrity(.rolledBack(seen: before, at: test.scene.now, found: size - 1)))
    }

    // case 86
    @Test func `accepting succeeds once it is committed, even if the anchor can't be replaced`() throws {
        let (test, old, _) = try restored()
        let anchor = test.surroundings.anchors.path(of: try test.second(anchors: test.folder + "/x").id)
        try FileManager.default.removeItem(atPath: anchor)
        try FileManager.default.createDirectory(atPath: anchor, withIntermediateDirectories: false)
        try test.accept()
        try FileManager.default.removeItem(atPath: anchor)
        try test.reopen()
        #expect(test.vault.size == old + 1)
        #expect(try test.entries().last?.action == .acceptLedger)
        #expect(test.scene.notices.contains { if case .anchorNotKept = $0 { true } else { false } })
    }

    // case 43
    @Test func `accepting an older copy is explicit and recorded`() throws {
        let (test, old, new) = try restored()
        let seen = test.scene.now
        try test.accept()
        let vault = try test.reopen()
        #expect(vault.size == old + 1)
        let entry = try #require(try test.entries().last)
        #expect(entry.action == .acceptLedger)
        #expect(entry.change.details["seen_size"]?.integer == Int64(new))
        #expect(entry.change.details["seen_at"]?.string == seen.text)
        #expect(try test.use("A") == "yesterday")
        try test.verify()
        // The rejected anchor does not count as lost.
        #expect(test.scene.notices.contains { if case .anchorNotKept = $0 { true } else { false } } == false)
    }

    // A kill or a full disk between the entry and the anchor: the next command moves the anchor (cases 86, 88).
    @Test func `follows an accepted copy when the anchor could not be moved`() throws {
        let (test, old, _) = try restored()
        let anchor = test.surroundings.anchors.path(of: try test.second(anchors: test.folder + "/x").id)
        let before = try Data(contentsOf: URL(filePath: anchor))
        try test.accept()
        try test.reopen()
        let operation = try #require(try test.entries().last?.operation)
        // Put the old anchor back.
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
        try test.surroundings.anchors.beginAcceptance(operation, id)
        #expect(failure { try test.reopen() } == .integrity(.rolledBack(seen: new, at: seen, found: old)))
    }

    // The program was killed after it replaced the anchor.
    @Test func `the leftover of an acceptance does not accept a later rollback`() throws {
        let (test, old, _) = try restored()
        try test.accept()
        try test.reopen()
        let operation = try #require(try test.entries().last?.operation)
        let copy = try test.copy()
        try test.custom("C")
        try test.surroundings.anchors.beginAcceptance(operation, test.vault.id)
        let (seen, now) = (test.vault.size, test.scene.now)
        try test.restore(copy)
        #expect(
            failure { try test.reopen() } == .integrity(.rolledBack(seen: seen, at: now, found: old + 1)))
    }

    @Test func `reports damage as such while an acceptance is pending`() throws {
        let test = try TestVault()
        let (size, id) = (test.vault.size, test.vault.id)
        let pending = test.surroundings.anchors.path(of: id) + ".accepting"
        try FileManager.default.createDirectory(atPath: pending, withIntermediateDirectories: false)
        try test.raw("UPDATE heads SET note = 'x' WHERE size = \(size)")
        #expect(failure { try test.reopen() } == .integrity(.ledger(.malformedHead(size: size))))
    }

    // case 43: the second copy is older than the first
    @Test func `older copies can be accepted repeatedly`() throws {
        let test = try TestVault()
        let first = try test.copy()
        try test.custom("A")
        let second = try test.copy()
        try test.custom("B")
        for copy in [second, first] {
            try test.restore(copy)
            #expect(failure { try test.reopen() } != nil)
            try test.accept()
            try test.reopen()
            try test.verify()
        }
        #expect(try test.names() == [])
    }

    // case 43
    @Test func `only an admin can accept, and until then the anchor stays`() throws {
        let test = try TestVault()
        let bo = try test.addMember("bo", .user, key: secret([UInt8](repeating: 8, count: 32)))
        let copy = try test.copy()
        try test.custom("A")
        try test.restore(copy)
        #expect(
            failure { try test.accept { _ in bo } }
                == .access(.forbidden(member: "bo", role: .user, action: .acceptLedger)))
        #expect(failure { try test.reopen() } != nil)
    }

    // case 44
    @Test func `reports the first contact with a vault once`() throws {
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
    @Test func `refuses a damaged anchor and an anchor of another vault, and does not replace it`() throws {
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
            #expect(failure { try test.reopen() } == .integrity(.anchorDamaged(path: path)))
        }
        try kept.write(to: URL(fileURLWithPath: path))
        try test.reopen()
    }

    // case 70
    @Test func `anchors are private to their user`() throws {
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
    @Test func `detects that the newest entries were deleted`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.custom("B")
        let size = test.vault.size
        let checkpoint = try test.vault.perform(ShowCheckpoint())
        try test.raw("DELETE FROM entries WHERE seq >= \(size - 1); DELETE FROM heads WHERE size >= \(size)")
        #expect(
            failure { try test.reopen() }
                == .integrity(.rolledBack(seen: size, at: test.scene.now, found: size - 1)))
        // A user without an anchor needs a checkpoint.
        let stranger = TestVault.surroundings(test.scene, test.folder + "/other")
        #expect(
            failure { try Vault.open(test.path, stranger).perform(VerifyVault(checkpoint: checkpoint)) }
                == .integrity(.checkpoint(.future(size: size, now: size - 1, seen: test.scene.now))))
        // Without a checkpoint, verification finds the row that no entry signs.
        #expect(
            failure { try Vault.open(test.path, stranger).perform(VerifyVault()) }
                == .integrity(.verificationFailed([.ownerUnsigned(owner: "B")])))
    }

    // case 47: two branches of one vault, with the same size
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
        #expect(failure { try test.reopen() } == .integrity(.forked(size: size, at: seen)))
        #expect(failure { try test.verify() } == .integrity(.forked(size: size, at: seen)))
    }

    // case 47: the other branch has more entries
    @Test func `reports a longer fork`() throws {
        let test = try TestVault()
        let copy = try test.copy()
        try test.custom("A")
        let seen = test.scene.now
        let size = test.vault.size
        let mine = try Data(contentsOf: URL(fileURLWithPath: test.anchorPath()))
        try test.fork(copy) { for number in 0..<5 { try test.custom("B\(number)") } }
        test.close()
        try mine.write(to: URL(fileURLWithPath: test.anchorPath()))
        #expect(failure { try test.reopen() } == .integrity(.forked(size: size, at: seen)))
        // A fork can be accepted, as an older copy can.
        try test.accept()
        try test.reopen()
        try test.verify()
    }

    // case 37
    @Test func `treats a file without its write-ahead log as a rollback`() throws {
        let test = try TestVault()
        _ = try test.copy()
        try test.custom("A")
        let size = test.vault.size
        let bare = try Data(contentsOf: URL(fileURLWithPath: test.path))
        try test.restore(bare)
        let error = failure { try test.reopen() }
        guard case .integrity(.rolledBack(size, _, let found))? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found < size)
    }

    @Test func `another user of the vault follows new entries without a notice`() throws {
        let test = try TestVault()
        let other = try test.second(anchors: test.folder + "/bo")
        test.scene.notices = []
        try test.custom("A")
        #expect(try other.perform(ShowOwner(.connection, "A")).name == "A")
        _ = try test.second(anchors: test.folder + "/bo")
        #expect(test.scene.notices.isEmpty)
    }
}

extension TestVault {
    func anchorPath() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: anchors)
        return anchors + "/" + (try #require(names.first { $0.count == 64 }))
    }

    /// Restores an older copy, forgets the anchors, and continues from there.
    func fork(_ copy: Data, _ body: () throws -> Void) throws {
        try restore(copy)
        try FileManager.default.removeItem(atPath: anchors)
        try reopen()
        try body()
    }
}
