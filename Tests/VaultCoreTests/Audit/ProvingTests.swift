import Foundation
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultText

@testable import VaultCore

/// Proofs of single entries for outsiders, and cosigned checkpoints.
@Suite struct ProvingTests {
    /// A vault with ana (its founder), bo (user), dan (auditor) and eve (admin).
    private struct Team {
        let test: TestVault
        let bo: Session
        let dan: Session
        let eve: Session

        init() throws {
            test = try TestVault()
            bo = try test.addMember("bo", .user)
            dan = try test.addMember("dan", .auditor)
            eve = try test.addMember("eve", .admin)
            try test.custom("A", as: bo)
            for number in 0..<300 { try test.custom("N\(number)", as: number % 2 == 0 ? bo : nil) }
            try test.set("A", "app-key", "2", as: bo)
        }

        var key: String { Hex.encode(test.session.member.signKey) }
        var entryOfBo: UInt64 { get throws { try test.entries().first { $0.object.name == "A" }!.seq } }
    }

    private func fault(_ proof: String, _ checkpoint: String?, _ key: String) -> EntryProofError? {
        guard
            case .integrity(.proof(let fault))? = failure({
                try Vault.verifyProof(proof, checkpoint: checkpoint, founderKey: key)
            })
        else { return nil }
        return fault
    }

    @Test func `verifies an entry with the checkpoint and the founder's key alone`() throws {
        let team = try Team()
        let seq = try team.entryOfBo
        let proof = try team.test.vault.perform(ProveEntry(seq))
        let checkpoint = try team.test.vault.perform(ShowCheckpoint())
        let proven = try Vault.verifyProof(proof, checkpoint: checkpoint, founderKey: team.key)
        #expect(proven.entry.seq == seq && proven.entry.actor.name == "bo")
        #expect(proven.founder.name == "ana" && proven.signers == ["bo"])
        #expect(proven.checkpoint.size == team.test.vault.size && proven.extends == nil)
        // Entries of other authors have proofs, too.
        for seq in [0, 1, 2, 3, 4, team.test.vault.size - 1] {
            let proof = try team.test.vault.perform(ProveEntry(seq))
            #expect(
                try Vault.verifyProof(proof, checkpoint: nil, founderKey: team.key).entry.seq == seq)
        }
        #expect(
            failure { try team.test.vault.perform(ProveEntry(team.test.vault.size)) }
                == .input(.entryNotFound(team.test.vault.size)))
    }

    @Test("proves every entry about a member, including changes and ends of roles")
    func memberChanges() throws {
        let test = try TestVault()
        _ = try test.addMember("bo", .writer)
        let eve = try test.addMember("eve", .admin)
        _ = try test.vault.perform(ChangeRole(of: "bo", to: .user), as: eve)
        _ = try test.vault.perform(ChangeRole(of: "eve", to: .auditor), as: test.session)
        _ = try test.vault.perform(RemoveMember("bo"), as: test.session)
        _ = try test.addMember("bo", .auditor)
        let key = Hex.encode(test.session.member.signKey)
        for entry in try test.entries() {
            let proof = try test.vault.perform(ProveEntry(entry.seq))
            let proven = try Vault.verifyProof(proof, checkpoint: nil, founderKey: key)
            #expect(proven.entry == entry)
        }
    }

    @Test func `a proof has the C2SP format and an inclusion path in the checkpoint's tree`() throws {
        let team = try Team()
        let seq = try team.entryOfBo
        let text = try team.test.vault.perform(ProveEntry(seq))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "c2sp.org/tlog-proof@v1" && lines[1].hasPrefix("extra "))
        #expect(lines[2] == "index \(seq)")
        #expect(text.hasSuffix("\n\n" + (try team.test.vault.perform(ShowCheckpoint()))))
        let proof = try #require(EntryProof(encoded: text))
        #expect(proof.encoded == text)
        let root = team.test.vault.known.range
        try Proof.checkInclusion(
            of: TreeHash.leaf(try team.test.vault.perform(ShowEntry(seq)).bytes), at: seq, size: root.size,
            path: proof.path, root: root.root)
    }

    @Test func `accepts the founder's key in hexadecimal and as a verifier key`() throws {
        let team = try Team()
        let key = team.test.session.member.signKey
        let proof = try team.test.vault.perform(ProveEntry(0))
        let id = Hex.encode(SignedNote.keyID(name: "ana", publicKey: key))
        let verifierKey = "ana+\(id)+\(Base64.encode([1] + key))"
        #expect(try Vault.verifyProof(proof, checkpoint: nil, founderKey: verifierKey).founder.name == "ana")
        for text in [
            "", "ana", String(team.key.dropLast()), "eve" + verifierKey, String(verifierKey.dropLast(4)),
        ] {
            guard
                case .input(.invalid)? = failure({
                    try Vault.verifyProof(proof, checkpoint: nil, founderKey: text)
                })
            else {
                Issue.record("accepted: \(text)")
                continue
            }
        }
    }

    @Test func `distinguishes another founder, another vault and a malformed checkpoint`() throws {
        let team = try Team()
        let other = try TestVault()
        let proof = try team.test.vault.perform(ProveEntry(try team.entryOfBo))
        let mine = try team.test.vault.perform(ShowCheckpoint())
        #expect(fault(proof, mine, Hex.encode(other.session.member.signKey)) == .otherFounder(name: "ana"))
        #expect(fault(proof, try other.vault.perform(ShowCheckpoint()), team.key) == .otherVault)
        #expect(fault("c2sp.org/tlog-proof@v1", mine, team.key) == .malformed)
        #expect(
            failure { try Vault.verifyProof(proof, checkpoint: "x", founderKey: team.key) }
                == .integrity(.checkpoint(.malformed)))
    }

    // case 46
    @Test func `a changed byte never makes a proof of something else`() throws {
        let team = try Team()
        let seq = try team.entryOfBo
        let proof = try #require(EntryProof(encoded: try team.test.vault.perform(ProveEntry(seq))))
        let good = try proof.verified(founderKey: team.test.session.member.signKey)
        var generator = SystemRandomNumberGenerator()
        let bytes = Array(proof.encoded.utf8)
        for _ in 0..<400 {
            var changed = bytes
            changed[Int.random(in: changed.indices, using: &generator)] ^= UInt8.random(in: 1...127)
            guard let text = String(validating: changed, as: UTF8.self), let read = EntryProof(encoded: text),
                let proven = try? read.verified(founderKey: team.test.session.member.signKey)
            else { continue }
            #expect(proven.entry == good.entry && proven.checkpoint == good.checkpoint)
        }
    }

    // case 48
    @Test func `refuses a signer who is not proven to be a member`() throws {
        let team = try Team()
        let proof = try #require(EntryProof(encoded: try team.test.vault.perform(ProveEntry(0))))
        let checkpoint = try #require(Checkpoint(text: proof.checkpoint.text))
        for name in ["mallory", "bo"] {
            let forged = EntryProof(
                index: 0, path: proof.path,
                checkpoint: checkpoint.signed(by: Identity.generate(), name: name), steps: proof.steps)
            #expect(
                throws: EntryProofError.checkpointUnsigned,
                performing: { try forged.verified(founderKey: team.test.session.member.signKey) })
        }
        // Without the entry that adds bo, bo is unknown.
        let entry = try #require(
            EntryProof(encoded: try team.test.vault.perform(ProveEntry(try team.entryOfBo))))
        let without = EntryProof(
            index: entry.index, path: entry.path, checkpoint: entry.checkpoint,
            steps: entry.steps.filter { Entry(bytes: $0.entry)?.action != .addMember })
        #expect(
            throws: EntryProofError.unknownAuthor(seq: entry.index, name: "bo"),
            performing: { try without.verified(founderKey: team.test.session.member.signKey) })
    }

    @Test func `a proof extends the older checkpoint that it was created with, and no other`() throws {
        let team = try Team()
        let older = try team.test.vault.perform(ShowCheckpoint())
        let size = team.test.vault.size
        try team.test.custom("later")
        let oldest = try team.test.vault.perform(ProveEntry(0, in: older))
        #expect(
            try Vault.verifyProof(oldest, checkpoint: older, founderKey: team.key).checkpoint.size == size)
        let newest = try team.test.vault.perform(ProveEntry(since: older))
        let proven = try Vault.verifyProof(newest, checkpoint: older, founderKey: team.key)
        #expect(proven.extends?.size == size && proven.entry.object.name == "later")
        let plain = try team.test.vault.perform(ProveEntry())
        #expect(fault(plain, older, team.key) == .otherCheckpoint(size: size, proved: size + 1))
    }

    // case 47
    @Test func `reports a checkpoint of a fork`() throws {
        let team = try Team()
        let copy = try team.test.copy()
        let before = team.test.vault.size
        try team.test.custom("X")
        let mine = try team.test.vault.perform(ShowCheckpoint())
        try team.test.fork(copy) { try team.test.custom("Y") }
        #expect(
            fault(try team.test.vault.perform(ProveEntry()), mine, team.key)
                == .forked(size: before + 1, proved: before + 1))
        #expect(
            failure { try team.test.vault.perform(ProveEntry(since: mine)) }
                == .integrity(
                    .checkpoint(.forked(size: before + 1, now: before + 1, seen: team.test.scene.now))))
    }

    @Test func `verification reports the cosignatures of witnesses`() throws {
        let team = try Team()
        let size = team.test.vault.size
        let note = try team.test.vault.perform(CosignCheckpoint(nil), as: team.dan)
        #expect(team.test.vault.size == size)
        let again = try team.test.vault.perform(CosignCheckpoint(note), as: team.eve)
        let report = try team.test.verify(secrets: false, checkpoint: again)
        let checked = try #require(report.checkpoint)
        #expect(checked.signers == ["bo"] && checked.cosigners.map(\.name) == ["dan", "eve"])
        #expect(checked.cosigners.allSatisfy { $0.time == team.test.scene.now })
        let proof = try team.test.vault.perform(ProveEntry(0, in: again))
        #expect(
            try Vault.verifyProof(proof, checkpoint: note, founderKey: team.key).cosigners.map(\.name)
                == ["dan", "eve"])
    }

    // cases 45 and 47
    @Test func `a witness cosigns only the newest checkpoint that they have seen`() throws {
        let team = try Team()
        let test = team.test
        func fault(_ note: String) -> VaultError? {
            failure { try test.vault.perform(CosignCheckpoint(note), as: team.dan) }
        }
        let older = try test.vault.perform(ShowCheckpoint())
        let size = test.vault.size
        let copy = try test.copy()
        try test.custom("X")
        let fork = try test.vault.perform(ShowCheckpoint())
        #expect(fault(older) == .integrity(.checkpoint(.outdated(size: size, now: size + 1))))
        #expect(
            fault(try TestVault().vault.perform(ShowCheckpoint())) == .integrity(.checkpoint(.otherVault)))
        #expect(fault("x") == .integrity(.checkpoint(.malformed)))
        let stranger = Checkpoint(vault: test.vault.id, size: size + 1, root: test.vault.known.range.root)
        #expect(
            fault(stranger.signed(by: Identity.generate(), name: "ana").encoded)
                == .integrity(.checkpoint(.unsigned(size: size + 1))))
        try test.fork(copy) {}
        #expect(
            fault(fork) == .integrity(.checkpoint(.future(size: size + 1, now: size, seen: test.scene.now))))
        try test.custom("Y")
        #expect(
            fault(fork)
                == .integrity(.checkpoint(.forked(size: size + 1, now: size + 1, seen: test.scene.now))))
    }

    @Test("refuses to cosign a checkpoint with the maximum number of signatures")
    func fullCheckpoint() throws {
        let team = try Team()
        var note = try #require(SignedNote(encoded: try team.test.vault.perform(ShowCheckpoint())))
        while note.signatures.count < 16 {
            let number = UInt8(note.signatures.count)
            note = note.adding(
                SignedNote.Signature(
                    name: "witness.example/\(number)", keyID: [number, 0, 0, 0],
                    bytes: [UInt8](repeating: number, count: 64)))
        }
        #expect(
            failure { try team.test.vault.perform(CosignCheckpoint(note.encoded), as: team.dan) }
                == .integrity(.checkpoint(.full)))
        let shorter = SignedNote(text: note.text, signatures: Array(note.signatures.dropLast()))
        let cosigned = try team.test.vault.perform(CosignCheckpoint(shorter.encoded), as: team.dan)
        #expect(SignedNote(encoded: cosigned)?.signatures.count == 16)
        // Cosigning again replaces the member's own signature.
        #expect(
            SignedNote(encoded: try team.test.vault.perform(CosignCheckpoint(cosigned), as: team.dan)) != nil)
    }

    // case 47
    @Test func `reports a forged cosignature`() throws {
        let team = try Team()
        let note = try #require(
            SignedNote(encoded: try team.test.vault.perform(CosignCheckpoint(nil), as: team.dan)))
        let line = note.signatures[1]
        let forged = note.adding(
            SignedNote.Signature(name: "dan", keyID: line.keyID, bytes: line.bytes.reversed())
        ).encoded
        #expect(
            failure { try team.test.verify(secrets: false, checkpoint: forged) }
                == .integrity(.checkpoint(.forgedCosignature(name: "dan"))))
    }
}
