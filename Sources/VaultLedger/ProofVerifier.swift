import VaultCrypto
import VaultText

/// Why a proof file does not prove its entry.
public enum ProofFault: Error, Sendable, Equatable, Codable {
    case malformed
    /// The first entry is missing, or is not the one that the checkpoint's vault is named after.
    case otherVault
    /// The vault was founded with another key.
    case otherFounder(name: String)
    case malformedStep
    case unknownAuthor(seq: UInt64, name: String)
    case notAllowed(seq: UInt64, name: String, role: Role, action: Action)
    case badSignature(seq: UInt64, name: String)
    /// The entry is not in the tree that its author signed, or that tree is not the beginning of the checkpoint's.
    case notIncluded(seq: UInt64)
    /// The checkpoint is signed by nobody whom the proof introduces.
    case checkpointUnsigned
    case forgedCosignature(name: String)
    /// The checkpoint at hand is neither the proof's own nor one that the proof goes on from.
    case otherCheckpoint(size: UInt64, proved: UInt64)
    /// The checkpoint at hand contradicts the proof's: the ledger was forked.
    case forked(size: UInt64, proved: UInt64)
}

/// What a proof file has proved.
public struct ProvenEntry: Sendable, Equatable {
    public let entry: Entry
    public let checkpoint: Checkpoint
    public let founder: LedgerState.Member
    public let signers: [String]
    public let cosigners: [Cosigner]
    /// The older checkpoint that was at hand, when it was not the proof's own.
    public let extends: Checkpoint?

    /// A member who signed the checkpoint as a witness.
    public struct Cosigner: Sendable, Equatable, Codable {
        public let name: String
        public let time: Timestamp

        public init(name: String, time: Timestamp) {
            self.name = name
            self.time = time
        }
    }
}

extension EntryProof {
    /// Checks everything, beginning with the founder's key alone.
    ///
    /// What follows when this returns, with SHA-256 and Ed25519 as good as they are:
    /// 1. the vault is the one that this key founded (its id is the hash of the first entry, which names the key);
    /// 2. the entry was signed by its author, whom an admin made a member, whom an admin … whom the founder made one;
    ///    each of these entries stands under a head signed by its own author;
    /// 3. the entry, and every head on the way, is in the tree of the checkpoint, which a member has signed;
    /// 4. a checkpoint at hand is that checkpoint, or the beginning of it.
    ///
    /// What does not: that no other entry took a member's role away in between. Only the whole ledger shows what is
    /// *not* in it.
    public func verified(founderKey: [UInt8], at hand: SignedNote? = nil) throws(ProofFault) -> ProvenEntry {
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
        let extends = try Self.compare(hand, with: self, checkpoint)
        let notes = [self.checkpoint, hand].compactMap(\.self).filter {
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
    ) throws(ProofFault) {
        guard entry.seq == 0, Digest.sha256(bytes) == checkpoint.vault, let founder = founder(entry) else {
            throw .otherVault
        }
        guard founder.signKey == key else { throw .otherFounder(name: founder.name) }
        do { try state.apply(entry) } catch { throw .malformedStep }
    }

    /// The entry's author was introduced, may do it, and signed a head over it that the checkpoint continues.
    private func check(
        _ entry: Entry, _ step: Step, _ checkpoint: Checkpoint, _ state: LedgerState
    ) throws(ProofFault) {
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
    ) throws(ProofFault) {
        do {
            try Proof.checkInclusion(of: leaf, at: seq, size: tree.size, path: path, root: tree.root)
        } catch { throw .notIncluded(seq: seq) }
    }

    /// Takes in what an entry says of members; what else it says is not followed here.
    private static func apply(_ entry: Entry, to state: inout LedgerState) throws(ProofFault) {
        guard entry.action.changesMembers else { return }
        do { try state.apply(entry) } catch { throw .malformedStep }
    }

    /// The older checkpoint at hand, nil when there is none or it is the proof's own.
    private static func compare(
        _ hand: SignedNote?, with proof: EntryProof, _ checkpoint: Checkpoint
    ) throws(ProofFault) -> Checkpoint? {
        guard let hand, !hand.text.hasSameBytes(as: proof.checkpoint.text) else { return nil }
        guard let older = Checkpoint(text: hand.text) else { throw .malformed }
        guard older.vault == checkpoint.vault else { throw .otherVault }
        let fork = ProofFault.forked(size: older.size, proved: checkpoint.size)
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
    ) throws(ProofFault) -> [ProvenEntry.Cosigner] {
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

extension Action {
    /// Whether an entry of this action changes who is a member, or what a member may do.
    public var changesMembers: Bool {
        [.createVault, .addMember, .changeRole, .removeMember].contains(self)
    }
}
