import Foundation
import Testing
import VaultCrypto
import VaultLedger

@testable import VaultCore

/// What an outsider is shown of one entry, and what they can tell from it.
@Suite struct ProvingTests {
    /// Ana founds and adds bo (user), cora (writer, added by eve), dan (auditor) and eve (an admin whom ana added).
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

    private func fault(_ proof: String, _ checkpoint: String?, _ key: String) -> ProofFault? {
        guard
            case .proof(let fault)? = failure({
                try Vault.verifyProof(proof, checkpoint: checkpoint, founderKey: key)
            })
        else { return nil }
        return fault
    }

    @Test func `an entry is proved with the checkpoint and the founder's key alone`() throws {
        let team = try Team()
        let seq = try team.entryOfBo
        let proof = try team.test.vault.prove(seq)
        let checkpoint = try team.test.vault.checkpoint()
        let proven = try Vault.verifyProof(proof, checkpoint: checkpoint, founderKey: team.key)
        #expect(proven.entry.seq == seq && proven.entry.actor.name == "bo")
        #expect(proven.founder.name == "ana" && proven.signers == ["bo"])
        #expect(proven.checkpoint.size == team.test.vault.size && proven.extends == nil)
        // Every entry has a proof, whoever wrote it.
        for seq in [0, 1, 2, 3, 4, team.test.vault.size - 1] {
            let proof = try team.test.vault.prove(seq)
            #expect(
                try Vault.verifyProof(proof, checkpoint: nil, founderKey: team.key).entry.seq == seq)
        }
        #expect(
            failure { try team.test.vault.prove(team.test.vault.size) }
                == .entryNotFound(team.test.vault.size))
    }

    @Test("proves every entry about a member, also those that change or end a role")
    func memberChanges() throws {
        let test = try TestVault()
        _ = try test.addMember("bo", .writer)
        let eve = try test.addMember("eve", .admin)
        _ = try test.vault.changeRole(of: "bo", to: .user, as: eve)
        _ = try test.vault.changeRole(of: "eve", to: .auditor, as: test.session)
        _ = try test.vault.removeMember("bo", as: test.session)
        _ = try test.addMember("bo", .auditor)
        let key = Hex.encode(test.session.member.signKey)
        for entry in try test.entries() {
            let proof = try test.vault.prove(entry.seq)
            let proven = try Vault.verifyProof(proof, checkpoint: nil, founderKey: key)
            #expect(proven.entry == entry)
        }
    }

    @Test func `the proof is one of C2SP's form, with the entry's path in the checkpoint's tree`() throws {
        let team = try Team()
        let seq = try team.entryOfBo
        let text = try team.test.vault.prove(seq)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "c2sp.org/tlog-proof@v1" && lines[1].hasPrefix("extra "))
        #expect(lines[2] == "index \(seq)")
        #expect(text.hasSuffix("\n\n" + (try team.test.vault.checkpoint())))
        let proof = try #require(EntryProof(encoded: text))
        #expect(proof.encoded == text)
        let root = team.test.vault.known.range
        try Proof.checkInclusion(
            of: TreeHash.leaf(try team.test.vault.entry(seq).bytes), at: seq, size: root.size,
            path: proof.path, root: root.root)
    }

    @Test func `the founder's key is taken as digits and as a verifier key`() throws {
        let team = try Team()
        let key = team.test.session.member.signKey
        let proof = try team.test.vault.prove(0)
        let id = Hex.encode(SignedNote.keyID(name: "ana", publicKey: key))
        let verifierKey = "ana+\(id)+\(Base64.encode([1] + key))"
        #expect(try Vault.verifyProof(proof, checkpoint: nil, founderKey: verifierKey).founder.name == "ana")
        for text in [
            "", "ana", String(team.key.dropLast()), "eve" + verifierKey, String(verifierKey.dropLast(4)),
        ] {
            guard
                case .invalid? = failure({ try Vault.verifyProof(proof, checkpoint: nil, founderKey: text) })
            else {
                Issue.record("taken: \(text)")
                continue
            }
        }
    }

    @Test func `another founder, another vault and a stranger's checkpoint have each their own fault`() throws
    {
        let team = try Team()
        let other = try TestVault()
        let proof = try team.test.vault.prove(try team.entryOfBo)
        let mine = try team.test.vault.checkpoint()
        #expect(fault(proof, mine, Hex.encode(other.session.member.signKey)) == .otherFounder(name: "ana"))
        #expect(fault(proof, try other.vault.checkpoint(), team.key) == .otherVault)
        #expect(fault("c2sp.org/tlog-proof@v1", mine, team.key) == .malformed)
        #expect(
            failure { try Vault.verifyProof(proof, checkpoint: "x", founderKey: team.key) }
                == .checkpoint(.malformed))
    }

    // case 46
    @Test func `whatever byte of a proof is changed, it proves nothing else`() throws {
        let team = try Team()
        let seq = try team.entryOfBo
        let proof = try #require(EntryProof(encoded: try team.test.vault.prove(seq)))
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

    // case 48: somebody whom nobody made a member signs a tree of their own
    @Test func `a signer whom nobody introduced proves nothing`() throws {
        let team = try Team()
        let proof = try #require(EntryProof(encoded: try team.test.vault.prove(0)))
        let checkpoint = try #require(Checkpoint(text: proof.checkpoint.text))
        for name in ["mallory", "bo"] {
            let forged = EntryProof(
                index: 0, path: proof.path,
                checkpoint: checkpoint.signed(by: Identity.generate(), name: name), steps: proof.steps)
            #expect(
                throws: ProofFault.checkpointUnsigned,
                performing: { try forged.verified(founderKey: team.test.session.member.signKey) })
        }
        // Without the entry that made bo a member, bo is nobody.
        let entry = try #require(EntryProof(encoded: try team.test.vault.prove(try team.entryOfBo)))
        let without = EntryProof(
            index: entry.index, path: entry.path, checkpoint: entry.checkpoint,
            steps: entry.steps.filter { Entry(bytes: $0.entry)?.action != .addMember })
        #expect(
            throws: ProofFault.unknownAuthor(seq: entry.index, name: "bo"),
            performing: { try without.verified(founderKey: team.test.session.member.signKey) })
    }

    @Test func `a proof goes on from an older checkpoint that it was made with, and from no other`() throws {
        let team = try Team()
        let older = try team.test.vault.checkpoint()
        let size = team.test.vault.size
        try team.test.custom("later")
        let oldest = try team.test.vault.prove(0, in: older)
        #expect(
            try Vault.verifyProof(oldest, checkpoint: older, founderKey: team.key).checkpoint.size == size)
        let newest = try team.test.vault.prove(since: older)
        let proven = try Vault.verifyProof(newest, checkpoint: older, founderKey: team.key)
        #expect(proven.extends?.size == size && proven.entry.object.name == "later")
        let plain = try team.test.vault.prove()
        #expect(fault(plain, older, team.key) == .otherCheckpoint(size: size, proved: size + 1))
    }

    // case 47
    @Test func `a checkpoint of a fork contradicts the proof`() throws {
        let team = try Team()
        let copy = try team.test.copy()
        let before = team.test.vault.size
        try team.test.custom("X")
        let mine = try team.test.vault.checkpoint()
        try team.test.fork(copy) { try team.test.custom("Y") }
        #expect(
            fault(try team.test.vault.prove(), mine, team.key)
                == .forked(size: before + 1, proved: before + 1))
        #expect(
            failure { try team.test.vault.prove(since: mine) }
                == .checkpoint(.forked(size: before + 1, now: before + 1, seen: team.test.scene.now)))
    }

    @Test func `the newest checkpoint is cosigned by a witness, and verifying says so`() throws {
        let team = try Team()
        let size = team.test.vault.size
        let note = try team.test.vault.cosign(nil, as: team.dan)
        #expect(team.test.vault.size == size)
        let again = try team.test.vault.cosign(note, as: team.eve)
        let report = try team.test.verify(secrets: false, checkpoint: again)
        let checked = try #require(report.checkpoint)
        #expect(checked.signers == ["bo"] && checked.cosigners.map(\.name) == ["dan", "eve"])
        #expect(checked.cosigners.allSatisfy { $0.time == team.test.scene.now })
        let proof = try team.test.vault.prove(0, in: again)
        #expect(
            try Vault.verifyProof(proof, checkpoint: note, founderKey: team.key).cosigners.map(\.name)
                == ["dan", "eve"])
    }

    // cases 45, 47: a witness signs what they have seen, and nothing older, other or further
    @Test func `a witness refuses what is not the newest that they have seen`() throws {
        let team = try Team()
        let test = team.test
        func fault(_ note: String) -> VaultError? { failure { try test.vault.cosign(note, as: team.dan) } }
        let older = try test.vault.checkpoint()
        let size = test.vault.size
        let copy = try test.copy()
        try test.custom("X")
        let fork = try test.vault.checkpoint()
        #expect(fault(older) == .checkpoint(.outdated(size: size, now: size + 1)))
        #expect(fault(try TestVault().vault.checkpoint()) == .checkpoint(.otherVault))
        #expect(fault("x") == .checkpoint(.malformed))
        let stranger = Checkpoint(vault: test.vault.id, size: size + 1, root: test.vault.known.range.root)
        #expect(
            fault(stranger.signed(by: Identity.generate(), name: "ana").encoded)
                == .checkpoint(.unsigned(size: size + 1)))
        try test.fork(copy) {}
        #expect(fault(fork) == .checkpoint(.future(size: size + 1, now: size, seen: test.scene.now)))
        try test.custom("Y")
        #expect(fault(fork) == .checkpoint(.forked(size: size + 1, now: size + 1, seen: test.scene.now)))
    }

    @Test("refuses to add a cosignature to a checkpoint that could not be read with it")
    func fullCheckpoint() throws {
        let team = try Team()
        var note = try #require(SignedNote(encoded: try team.test.vault.checkpoint()))
        while note.signatures.count < 16 {
            let number = UInt8(note.signatures.count)
            note = note.adding(
                SignedNote.Signature(
                    name: "witness.example/\(number)", keyID: [number, 0, 0, 0],
                    bytes: [UInt8](repeating: number, count: 64)))
        }
        #expect(
            failure { try team.test.vault.cosign(note.encoded, as: team.dan) } == .checkpoint(.full))
        let room = SignedNote(text: note.text, signatures: Array(note.signatures.dropLast()))
        let cosigned = try team.test.vault.cosign(room.encoded, as: team.dan)
        #expect(SignedNote(encoded: cosigned)?.signatures.count == 16)
        // One's own signature is replaced, and takes no place.
        #expect(SignedNote(encoded: try team.test.vault.cosign(cosigned, as: team.dan)) != nil)
    }

    // case 47
    @Test func `a forged cosignature is named`() throws {
        let team = try Team()
        let note = try #require(SignedNote(encoded: try team.test.vault.cosign(nil, as: team.dan)))
        let line = note.signatures[1]
        let forged = note.adding(
            SignedNote.Signature(name: "dan", keyID: line.keyID, bytes: line.bytes.reversed())
        ).encoded
        #expect(
            failure { try team.test.verify(secrets: false, checkpoint: forged) }
                == .checkpoint(.forgedCosignature(name: "dan")))
    }
}
