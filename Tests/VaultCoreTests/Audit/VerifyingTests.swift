import Foundation
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultText

@testable import VaultCore

/// Full verification, and verification against a checkpoint.
@Suite struct VerifyingTests {
    @Test func `reports what it has checked`() throws {
        let test = try TestVault()
        try test.client("C")
        try test.oauth("O", client: "C")
        try test.postgresql("P")
        let size = test.vault.size
        let locked = try test.verify(secrets: false)
        #expect(locked.entries == size && locked.owners == 3 && locked.secrets == 3)
        #expect(locked.opened == nil)
        #expect(try test.verify().opened == 3)
        #expect(try test.verify().heads == 4)
        #expect(locked.root == test.vault.known.range.root.hex)
    }

    @Test func `does not write`() throws {
        let test = try TestVault()
        try test.custom("A")
        let before = try test.contents()
        try test.verify()
        #expect(try test.contents() == before)
    }

    @Test func `reports every fault of the rows, not just the first`() throws {
        let test = try TestVault()
        for name in ["A", "B", "C"] { try test.custom(name) }
        try test.raw("DELETE FROM secrets WHERE owner = 1; UPDATE owners SET note = 'x' WHERE id = 2")
        try test.setBlob("C", "app-key", Data())
        #expect(
            try test.faults() == [
                .secretMissing(owner: "A", field: "app-key"),
                .annotationsChanged(owner: "B", signedBy: "ana", at: test.scene.now),
                .secretEmptied(owner: "C", field: "app-key"),
            ])
    }

    @Test func `accepts an earlier and the current checkpoint`() throws {
        let test = try TestVault()
        let earlier = try test.vault.perform(ShowCheckpoint())
        for number in 0..<300 { try test.custom("A\(number)") }
        try test.verify(secrets: false, checkpoint: earlier)
        try test.verify(secrets: false, checkpoint: try test.vault.perform(ShowCheckpoint()))
    }

    private func fault(_ checkpoint: String, _ test: TestVault) -> CheckpointFault? {
        guard
            case .integrity(.checkpoint(let fault))? = failure({
                try test.verify(secrets: false, checkpoint: checkpoint)
            }
            )
        else { return nil }
        return fault
    }

    @Test func `refuses a checkpoint of another vault, and a malformed one`() throws {
        let test = try TestVault()
        #expect(fault(try TestVault().vault.perform(ShowCheckpoint()), test) == .otherVault)
        #expect(fault("no checkpoint", test) == .malformed)
    }

    // case 47
    @Test func `refuses a checkpoint of a fork, and reports when the vault was last seen`() throws {
        let test = try TestVault()
        let copy = try test.copy()
        try test.custom("A")
        let (size, checkpoint) = (test.vault.size, try test.vault.perform(ShowCheckpoint()))
        test.scene.now = Timestamp(text: "2026-03-02T08:00:00Z")!
        try test.fork(copy) { for name in ["B", "C"] { try test.custom(name) } }
        #expect(fault(checkpoint, test) == .forked(size: size, now: size + 1, seen: test.scene.now))
    }

    // case 45
    @Test func `refuses a checkpoint of a later ledger`() throws {
        let test = try TestVault()
        let copy = try test.copy()
        let now = test.vault.size
        try test.custom("A")
        let (size, checkpoint) = (test.vault.size, try test.vault.perform(ShowCheckpoint()))
        try test.fork(copy) {}
        #expect(fault(checkpoint, test) == .future(size: size, now: now, seen: test.scene.now))
    }

    // case 47: no member signed the checkpoint
    @Test func `refuses a checkpoint with an invalid signature`() throws {
        let test = try TestVault()
        let root = test.vault.known.range.root
        let checkpoint = Checkpoint(vault: test.vault.id, size: test.vault.size, root: root)
        for name in ["ana", "eve"] {
            let note = checkpoint.signed(by: Identity.generate(), name: name).encoded
            #expect(fault(note, test) == .unsigned(size: test.vault.size))
        }
    }

    @Test func `the checkpoint is a note signed by ana`() throws {
        let test = try TestVault()
        let note = try #require(SignedNote(encoded: try test.vault.perform(ShowCheckpoint())))
        #expect(note.isSigned(by: "ana", publicKey: test.session.member.signKey))
        let checkpoint = try #require(Checkpoint(text: note.text))
        #expect(checkpoint.origin == "vault/" + Hex.encode(test.vault.id))
        #expect(checkpoint.size == test.vault.size)
    }
}
