import VaultCrypto
import VaultText

/// Why an entry proof is invalid.
public enum EntryProofError: Error, Sendable, Equatable, Codable {
    /// A checkpoint is malformed, or the proof is not in the form of `EntryProof`.
    case malformed
    /// The first step is not the first entry of the checkpoint's vault, or the trusted checkpoint is of another vault.
    case otherVault
    /// The vault was founded with another key.
    case otherFounder(name: String)
    /// An entry or head of a step is malformed or out of order, or the proved entry is not among the steps.
    case malformedStep
    /// The author of entry `seq` is not a member that an earlier step added.
    case unknownAuthor(seq: UInt64, name: String)
    /// The role of the author of entry `seq` does not allow its action.
    case notAllowed(seq: UInt64, name: String, role: Role, action: Action)
    /// The head over entry `seq` is not signed by its author.
    case badSignature(seq: UInt64, name: String)
    /// Entry `seq` is not in the tree that its author signed, or that tree is not consistent with the checkpoint's.
    case notIncluded(seq: UInt64)
    /// The checkpoint is not signed by a member that the steps added.
    case checkpointUnsigned
    /// A cosignature in the name of a member is invalid.
    case forgedCosignature(name: String)
    /// The proof has no consistency proof from the size of the trusted checkpoint.
    case otherCheckpoint(size: UInt64, proved: UInt64)
    /// The trusted checkpoint contradicts the proof's: the ledger was forked.
    case forked(size: UInt64, proved: UInt64)
}

/// The result of a verified entry proof.
public struct ProvenEntry: Sendable, Equatable {
    /// The proved entry.
    public let entry: Entry
    /// The checkpoint of the tree that contains the entry.
    public let checkpoint: Checkpoint
    /// The founder of the vault.
    public let founder: LedgerState.Member
    /// The names of the members who signed the checkpoint.
    public let signers: [String]
    /// The members who cosigned the checkpoint.
    public let cosigners: [Cosigner]
    /// The trusted checkpoint, if it is older than the proof's.
    public let extends: Checkpoint?

    /// A member who signed the checkpoint as a witness.
    public struct Cosigner: Sendable, Equatable, Codable {
        /// The name of the member.
        public let name: String
        /// The time of the cosignature.
        public let time: Timestamp

        /// Creates a witness.
        public init(name: String, time: Timestamp) {
            self.name = name
            self.time = time
        }
    }
}

extension EntryProof {
    /// Verifies the proof, given only the founder's key.
    ///
    /// A verified proof shows, assuming that SHA-256 and Ed25519 are secure:
    /// 1. The vault was founded with this key: its ID is the hash of the first entry, which names the key.
    /// 2. The entry was signed by its author, who was added as a member by an admin, and so on back to the founder. Each of
    ///    these entries has a head that its author signed.
    /// 3. The entry and each of these heads are in the tree of the checkpoint, which a member signed.
    /// 4. The trusted checkpoint, if given, is that checkpoint or consistent with it.
    ///
    /// It doesn't show that no other entry revoked a role in between. Only the whole ledger can show what it does *not*
    /// contain.
    ///
    /// - Parameters:
    ///   - founderKey: The Ed25519 public key of the founder, 32 bytes.
    ///   - trusted: A checkpoint that the caller trusts.
    /// - Returns: The proved entry.
    /// - Throws: `EntryProofError` if the proof is invalid.
    public func verified(founderKey: [UInt8], trusting trusted: SignedNote? = nil) throws(EntryProofError)
        -> ProvenEntry
    {
        guard let checkpoint = Checkpoint(text: checkpoint.text) else { throw .malformed }
        var state = LedgerState()
        var proven: Entry?
        var next: UInt64 = 0
        for step in steps {
            guard let entry = Entry(bytes: step.entry), entry.seq >= next else { throw .malformedStep }
            if next == 0 { try Self.found(entry, step.entry, checkpoint, founderKey, &state) }
            try check(entry, step, checkpoint, state)
            if entry.seq > 0 { try Self.apply(entry, to: &state) }
            if entry.seq == index {
                proven = entry
                try included(TreeHash.leaf(step.entry), index, path, checkpoint)
            }
            next = entry.seq + 1
        }
        guard let proven, let founder = steps.first.flatMap({ Entry(bytes: $0.entry) }).flatMap(Self.founder)
        else { throw .malformedStep }
        let extends = try Self.compare(trusted, with: self, checkpoint)
        let notes = [self.checkpoint, trusted].compactMap(\.self).filter {
            $0.text.hasSameBytes(as: checkpoint.text)
        }
        let signers = state.members.filter { member in
            notes.contains { $0.isSigned(by: member.name, publicKey: member.signKey) }
        }
        guard !signers.isEmpty else { throw .checkpointUnsigned }
        return ProvenEntry(
            entry: proven, checkpoint: checkpoint, founder: founder, signers: signers.map(\.name),
            cosigners: try Self.cosigners(of: notes, among: state.members), extends: extends)
    }

    private static func founder(_ entry: Entry) -> LedgerState.Member? {
        try? LedgerState.Member(entry.change.details, role: .admin)
    }

    private static func found(
        _ entry: Entry, _ bytes: [UInt8], _ checkpoint: Checkpoint, _ key: [UInt8], _ state: inout LedgerState
    ) throws(EntryProofError) {
        guard entry.seq == 0, Digest.sha256(bytes) == checkpoint.vault, let founder = founder(entry) else {
            throw .otherVault
        }
        guard founder.signKey == key else { throw .otherFounder(name: founder.name) }
        do { try state.apply(entry) } catch { throw .malformedStep }
    }

    /// Checks that the author is a member, may do this, and signed a head over the entry that is consistent with the checkpoint.
    private func check(
        _ entry: Entry, _ step: Step, _ checkpoint: Checkpoint, _ state: LedgerState
    ) throws(EntryProofError) {
        guard let author = state.member(entry.actor.id), author.name.hasSameBytes(as: entry.actor.name) else {
            throw .unknownAuthor(seq: entry.seq, name: entry.actor.name)
        }
        guard author.role.allows(entry.action) else {
            throw .notAllowed(seq: entry.seq, name: author.name, role: author.role, action: entry.action)
        }
        guard let head = Checkpoint(text: step.head.text), head.vault == checkpoint.vault else {
            throw .malformedStep
        }
        guard step.head.isSigned(by: author.name, publicKey: author.signKey) else {
            throw .badSignature(seq: entry.seq, name: author.name)
        }
        try included(TreeHash.leaf(step.entry), entry.seq, step.path, head)
        do {
            try Proof.checkConsistency(
                from: head.size, root1: head.root, to: checkpoint.size, root2: checkpoint.root,
                path: step.consistency)
        } catch { throw .notIncluded(seq: entry.seq) }
    }

    private func included(
        _ leaf: Hash, _ seq: UInt64, _ path: [Hash], _ tree: Checkpoint
    ) throws(EntryProofError) {
        do {
            try Proof.checkInclusion(of: leaf, at: seq, size: tree.size, path: path, root: tree.root)
        } catch { throw .notIncluded(seq: seq) }
    }

    /// Applies a change of members. Other changes are ignored.
    private static func apply(_ entry: Entry, to state: inout LedgerState) throws(EntryProofError) {
        guard entry.action.changesMembers else { return }
        do { try state.apply(entry) } catch { throw .malformedStep }
    }

    /// The trusted checkpoint if it is older than the proof's, after checking that both are consistent.
    private static func compare(
        _ trusted: SignedNote?, with proof: EntryProof, _ checkpoint: Checkpoint
    ) throws(EntryProofError) -> Checkpoint? {
        guard let trusted, !trusted.text.hasSameBytes(as: proof.checkpoint.text) else { return nil }
        guard let older = Checkpoint(text: trusted.text) else { throw .malformed }
        guard older.vault == checkpoint.vault else { throw .otherVault }
        let fork = EntryProofError.forked(size: older.size, proved: checkpoint.size)
        if older.size == checkpoint.size { throw fork }
        guard let beginning = proof.earlier.first(where: { $0.size == older.size }) else {
            throw .otherCheckpoint(size: older.size, proved: checkpoint.size)
        }
        do {
            try Proof.checkConsistency(
                from: older.size, root1: older.root, to: checkpoint.size, root2: checkpoint.root,
                path: beginning.path)
        } catch { throw fork }
        return older
    }

    private static func cosigners(
        of notes: [SignedNote], among members: [LedgerState.Member]
    ) throws(EntryProofError) -> [ProvenEntry.Cosigner] {
        var found: [ProvenEntry.Cosigner] = []
        for member in members {
            for note in notes {
                switch note.cosigned(by: member.name, publicKey: member.signKey) {
                case .absent: continue
                case .forged: throw .forgedCosignature(name: member.name)
                case .at(let time):
                    found.removeAll { $0.name.hasSameBytes(as: member.name) }
                    found.append(ProvenEntry.Cosigner(name: member.name, time: time))
                }
            }
        }
        return found
    }
}
