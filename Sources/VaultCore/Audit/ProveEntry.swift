import VaultCrypto
public import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// The proof file of one entry (docs/format.md, section 14). It is verified before it is returned.
///
/// - Throws: `entryNotFound`, `checkpoint`, `tampered`.
public struct ProveEntry: ReadQuery {
    public typealias Answer = String

    private let seq: UInt64?
    private let checkpoint: String?
    private let older: String?

    /// - Parameters:
    ///   - seq: The number of the entry; nil for the newest one.
    ///   - checkpoint: The checkpoint with the tree that holds the entry; nil for the newest one.
    ///   - older: Another checkpoint, which the proof shows to be a prefix of the first.
    public init(_ seq: UInt64? = nil, in checkpoint: String? = nil, since older: String? = nil) {
        (self.seq, self.checkpoint, self.older) = (seq, checkpoint, older)
    }

    func run(on rows: Rows, in vault: Vault) throws -> String {
        guard let head = try rows.head(vault.size) else {
            throw VaultError.integrity(.ledger(.malformedHead(size: vault.size)))
        }
        let target = try vault.contained(checkpoint ?? head, rows)
        let older = try older.map { try vault.contained($0, rows).checkpoint.size }
        let seq = seq ?? target.checkpoint.size - 1
        guard seq < target.checkpoint.size else { throw VaultError.input(.entryNotFound(seq)) }
        if let older, older > target.checkpoint.size {
            throw VaultError.integrity(.checkpoint(.outdated(size: target.checkpoint.size, now: older)))
        }
        let proof = try ProofMaker(rows: rows, target: target, vault: vault).proof(of: seq, since: older)
        do throws(EntryProofError) { _ = try proof.verified(founderKey: vault.known.founderKey) } catch {
            throw VaultError.integrity(.proof(error))
        }
        return proof.encoded
    }
}

extension Vault {
    /// Verifies a proof file without a vault.
    ///
    /// - Parameters:
    ///   - text: The text of the proof file.
    ///   - checkpoint: The text of a checkpoint that the proof must be for; nil accepts the proof's own.
    ///   - founderKey: 64 hexadecimal digits, or a verifier key of C2SP signed-note (`NAME+ID+KEY`).
    /// - Throws: `proof` with the first step that fails; `invalid` for a malformed key; `checkpoint`.
    public static func verifyProof(
        _ text: String, checkpoint: String?, founderKey: String
    ) throws(VaultError) -> ProvenEntry {
        guard let key = PublicKey.read(founderKey) else {
            throw .input(
                .invalid([
                    Problem(
                        field: "founder-key", message: "--founder-key is not a public key",
                        hint: "use the 64 hexadecimal digits that 'vault audit verify' prints after founder")
                ]))
        }
        let hand = try checkpoint.map { text throws(VaultError) in
            guard let note = SignedNote(encoded: text), Checkpoint(text: note.text) != nil else {
                throw .integrity(.checkpoint(.malformed))
            }
            return note
        }
        do throws(EntryProofError) {
            guard let proof = EntryProof(encoded: text) else { throw .malformed }
            return try proof.verified(founderKey: key, trusting: hand)
        } catch {
            throw .integrity(.proof(error))
        }
    }
}

/// Collects the entries that a proof needs: those that introduce its signers, and those that introduce their authors, back to
/// the founder.
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
        // A verifier can replay a change of a member only if the member was introduced.
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
            [EntryProof.EarlierTree(size: size, path: try tree.consistencyPath(from: size) ?? [])]
        }
        return EntryProof(
            index: seq, path: try tree.inclusionPath(of: seq) ?? [], checkpoint: target.note, steps: steps,
            earlier: earlier ?? [])
    }

    /// Adds every entry before `seq` that changes this member, and those that introduce their authors.
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
            throw VaultError.integrity(
                .tampered(.entryCutOut(expected: vault.size, found: try rows.entryCount())))
        }
        try rows.checkInclusion(of: bytes, at: seq, in: vault.known)
        return try rows.knownEntry(bytes, seq: seq)
    }

    private func step(_ seq: UInt64, _ tree: inout TiledTree) throws -> EntryProof.Step {
        let entry = try entry(seq)
        guard let head = try rows.heads(after: seq, limit: 1).first,
            let note = SignedNote(encoded: head.note)
        else {
            throw VaultError.integrity(.ledger(.unsigned(from: seq)))
        }
        guard head.size <= target.checkpoint.size else {
            throw VaultError.integrity(.checkpoint(.noHead(size: target.checkpoint.size)))
        }
        var own = rows.tree(size: head.size)
        return EntryProof.Step(
            entry: entry.bytes, head: note, path: try own.inclusionPath(of: seq) ?? [],
            consistency: try tree.consistencyPath(from: head.size) ?? [])
    }
}

/// A public key as text.
enum PublicKey {
    /// The 32 bytes of an Ed25519 key, or nil unless the text has one of the two forms with a matching key id.
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
