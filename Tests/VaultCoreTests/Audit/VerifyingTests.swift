import Foundation
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// Verifying as a whole, and against a checkpoint that was kept elsewhere.
@Suite struct VerifyingTests {
    @Test func `tells what it has looked at`() throws {
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

    @Test func `verifying does not write`() throws {
        let test = try TestVault()
        try test.custom("A")
        let before = try test.contents()
        try test.verify()
        #expect(try test.contents() == before)
    }

    @Test func `names every fault of the rows, not the first alone`() throws {
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

    @Test func `accepts an earlier checkpoint, and this one`() throws {
        let test = try TestVault()
        let earlier = try test.vault.checkpoint()
        for number in 0..<300 { try test.custom("A\(number)") }
        try test.verify(secrets: false, checkpoint: earlier)
        try test.verify(secrets: false, checkpoint: try test.vault.checkpoint())
    }

    private func why(_ checkpoint: String, _ test: TestVault) -> String? {
        guard
            case .checkpointMismatch(let why)? = failure({
                try test.verify(secrets: false, checkpoint: checkpoint)
            })
        else { return nil }
        return why
    }

    @Test func `refuses a checkpoint of another vault, and what is none`() throws {
        let test = try TestVault()
        #expect(why(try TestVault().vault.checkpoint(), test)?.contains("another vault") == true)
        #expect(why("no checkpoint", test)?.contains("no checkpoint") == true)
    }

    // case 47
    @Test func `refuses a checkpoint of a fork`() throws {
        let test = try TestVault()
        let copy = try test.copy()
        try test.custom("A")
        let checkpoint = try test.vault.checkpoint()
        try test.fork(copy) { for name in ["B", "C"] { try test.custom(name) } }
        #expect(why(checkpoint, test)?.contains("forked") == true)
    }

    // case 45
    @Test func `refuses a checkpoint of the future`() throws {
        let test = try TestVault()
        let copy = try test.copy()
        try test.custom("A")
        let checkpoint = try test.vault.checkpoint()
        try test.fork(copy) {}
        #expect(why(checkpoint, test)?.contains("cut off") == true)
    }

    // case 47: a checkpoint that nobody of this vault signed proves nothing
    @Test func `refuses a checkpoint with a bad signature`() throws {
        let test = try TestVault()
        let root = test.vault.known.range.root
        let checkpoint = Checkpoint(vault: test.vault.id, size: test.vault.size, root: root)
        #expect(
            why(checkpoint.signed(by: Identity.generate(), name: "ana").encoded, test)?.contains("signed")
                == true)
        #expect(
            why(checkpoint.signed(by: Identity.generate(), name: "eve").encoded, test)?.contains("signed")
                == true)
    }

    @Test func `the checkpoint is a note that ana signed`() throws {
        let test = try TestVault()
        let note = try #require(SignedNote(encoded: try test.vault.checkpoint()))
        #expect(note.isSigned(by: "ana", publicKey: test.session.member.signKey))
        let checkpoint = try #require(Checkpoint(text: note.text))
        #expect(checkpoint.origin == "vault/" + Hex.encode(test.vault.id))
        #expect(checkpoint.size == test.vault.size)
    }
}
