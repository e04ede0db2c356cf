import VaultCrypto
public import VaultLedger
import VaultRegistry
import VaultStore

extension Vault {
    /// Makes the proof file of one entry, by default of the newest (docs/format.md, section 14).
    ///
    /// `checkpoint` is the one that the entry is proved to be in; without it the newest. `older` is another one, which
    /// the proof then shows to be its beginning. What is handed out was verified first, as its reader will.
    public func prove(
        _ seq: UInt64? = nil, in checkpoint: String? = nil, since older: String? = nil
    ) throws(VaultError) -> String {
        try VaultError.catching {
            try read { rows in
                guard let head = try rows.head(size) else {
                    throw VaultError.ledger(.malformedHead(size: size))
                }
                let target = try contained(checkpoint ?? head, rows)
                let older = try older.map { try contained($0, rows).checkpoint.size }
                let seq = seq ?? target.checkpoint.size - 1
                guard seq < target.checkpoint.size else { throw VaultError.entryNotFound(seq) }
                if let older, older > target.checkpoint.size {
                    throw VaultError.checkpoint(.outdated(size: target.checkpoint.size, now: older))
                }
                let maker = ProofMaker(rows: rows, target: target, vault: self)
                let proof = try maker.proof(of: seq, since: older)
                do throws(ProofFault) { _ = try proof.verified(founderKey: known.founderKey) } catch {
                    throw VaultError.proof(error)
                }
                return proof.encoded
            }
        }
    }

    /// Checks a proof file without a vault: with the founder's key, and a checkpoint that was kept.
    ///
    /// The key is 64 hexadecimal digits, or a verifier key of C2SP signed-note (`NAME+ID+KEY`).
    public static func verifyProof(
        _ text: String, checkpoint: String?, founderKey: String
    ) throws(VaultError) -> ProvenEntry {
        guard let key = PublicKey.read(founderKey) else {
            throw .invalid([
                Problem(
                    field: "founder-key", message: "this is no public key",
                    fits: "64 hexadecimal digits, as 'vault audit verify --json' shows founder_key")
            ])
        }
        let hand = try checkpoint.map { text throws(VaultError) in
            guard let note = SignedNote(encoded: text), Checkpoint(text: note.text) != nil else {
                throw .checkpoint(.malformed)
            }
            return note
        }
        do throws(ProofFault) {
            guard let proof = EntryProof(encoded: text) else { throw .malformed }
            return try proof.verified(founderKey: key, at: hand)
        } catch {
            throw .proof(error)
        }
    }
}

/// Finds the entries that a proof needs: those that say who its signers are, and who said so, back to the founder.
private struct ProofMaker {
    let rows: Rows
    let target: GivenCheckpoint
    let vault: Vault

    func proof(of seq: UInt64, since older: UInt64?) throws -> EntryProof {
        let size = target.checkpoint.size
        var tree = rows.tree(size: size)
        var wanted: Set<UInt64> = [0, seq]
        let proven = try entry(seq)
        try introduce(proven.actor.id, before: seq, &wanted)
        // A change of a member is followed only where that member is known.
        if proven.action.changesMembers, let member = Identifier(hex: proven.object.id) {
            try introduce(member, before: seq, &wanted)
        }
        try introduce(entry(size - 1).actor.id, before: size, &wanted)
        for witness in try target.cosigners(among: vault.state.members) {
            guard let member = vault.state.member(named: witness.name) else { continue }
            try introduce(member.id, before: size, &wanted)
        }
        let steps = try wanted.sorted().map { try step($0, &tree) }
        let earlier = try older.map { size in
            [EntryProof.Beginning(size: size, path: try tree.consistencyPath(from: size) ?? [])]
        }
        return EntryProof(
            index: seq, path: try tree.inclusionPath(of: seq) ?? [], checkpoint: target.note, steps: steps,
            earlier: earlier ?? [])
    }

    /// Adds every entry before `seq` that says what this member is, and those that introduce their authors.
    private func introduce(_ member: Identifier, before seq: UInt64, _ wanted: inout Set<UInt64>) throws {
        var authors: [(Identifier, UInt64)] = []
        try rows.forEachEntry(about: member.hex) { number, bytes in
            guard number < seq else { return }
            let entry = try rows.knownEntry(bytes, seq: number)
            guard entry.action.changesMembers, wanted.insert(number).inserted else { return }
            authors.append((entry.actor.id, number))
        }
        for (author, number) in authors { try introduce(author, before: number, &wanted) }
    }

    private func entry(_ seq: UInt64) throws -> Entry {
        guard let bytes = try rows.entry(seq) else {
            throw VaultError.tampered(.entryCutOut(expected: vault.size, found: try rows.entryCount()))
        }
        try rows.checkInclusion(of: bytes, at: seq, in: vault.known)
        return try rows.knownEntry(bytes, seq: seq)
    }

    private func step(_ seq: UInt64, _ tree: inout TiledTree) throws -> EntryProof.Step {
        let entry = try entry(seq)
        guard let head = try rows.nextHead(after: seq), let note = SignedNote(encoded: head.note) else {
            throw VaultError.ledger(.unsigned(from: seq))
        }
        guard head.size <= target.checkpoint.size else {
            throw VaultError.checkpoint(.noHead(size: target.checkpoint.size))
        }
        var own = rows.tree(size: head.size)
        return EntryProof.Step(
            entry: entry.bytes, head: note, path: try own.inclusionPath(of: seq) ?? [],
            consistency: try tree.consistencyPath(from: head.size) ?? [])
    }
}

/// A public key as a person hands it over.
enum PublicKey {
    /// The 32 bytes of an Ed25519 key; nil unless the text is one of the two forms, and its key id fits.
    static func read(_ text: String) -> [UInt8]? {
        if let bytes = Hex.decode(text) { return bytes.count == 32 ? bytes : nil }
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64.decode(parts[2]), bytes.count == 33, bytes[0] == 1 else {
            return nil
        }
        let key = Array(bytes.dropFirst())
        return Hex.decode(parts[1]) == SignedNote.keyID(name: String(parts[0]), publicKey: key) ? key : nil
    }
}
