import VaultCrypto
import VaultLedger
import VaultStore

/// An external checkpoint that belongs to this vault.
struct GivenCheckpoint {
    let note: SignedNote
    let checkpoint: Checkpoint

    init(_ text: String, of vault: [UInt8]) throws(VaultError) {
        guard let note = SignedNote(encoded: text), let checkpoint = Checkpoint(text: note.text),
            checkpoint.size > 0
        else { throw .integrity(.checkpoint(.malformed)) }
        guard checkpoint.vault == vault else { throw .integrity(.checkpoint(.otherVault)) }
        self.note = note
        self.checkpoint = checkpoint
    }

    /// The members who have cosigned.
    ///
    /// - Throws: `forgedCosignature` for an invalid one under a member's name.
    func cosigners(among members: [LedgerState.Member]) throws(VaultError) -> [ProvenEntry.Cosigner] {
        var found: [ProvenEntry.Cosigner] = []
        for member in members {
            switch note.cosigned(by: member.name, publicKey: member.signKey) {
            case .absent: break
            case .forged: throw .integrity(.checkpoint(.forgedCosignature(name: member.name)))
            case .at(let time): found.append(ProvenEntry.Cosigner(name: member.name, time: time))
            }
        }
        return found
    }
}

extension Vault {
    func fork(at size: UInt64) -> VaultError {
        .integrity(.checkpoint(.forked(size: size, now: self.size, seen: known.seen ?? surroundings.now())))
    }

    /// Parses an external checkpoint, and proves that it is consistent with the verified tree.
    ///
    /// - Throws: `checkpoint` with the reason why it is not.
    func contained(_ text: String, _ rows: Rows) throws -> GivenCheckpoint {
        let given = try GivenCheckpoint(text, of: id)
        let (checkpoint, root) = (given.checkpoint, known.range.root)
        try checkSize(of: checkpoint)
        var tree = rows.tree(size: size)
        do {
            let path = try tree.consistencyPath(from: checkpoint.size) ?? []
            try Proof.checkConsistency(
                from: checkpoint.size, root1: checkpoint.root, to: size, root2: root, path: path)
        } catch is ProofError {
            throw fork(at: checkpoint.size)
        }
        return given
    }

    func checkSize(of checkpoint: Checkpoint) throws(VaultError) {
        guard checkpoint.size <= size else {
            throw .integrity(
                .checkpoint(
                    .future(size: checkpoint.size, now: size, seen: known.seen ?? surroundings.now())))
        }
    }
}

/// Signs a checkpoint as a witness, and keeps its other signatures. Nothing is written to the vault. The answer is the
/// text of the cosigned checkpoint.
///
/// A cosignature states that this is the newest tree that the witness has seen (C2SP tlog-cosignature), so an older
/// checkpoint is refused. Any member can be a witness.
///
/// - Throws: `checkpoint` with `outdated`, `unsigned`, `full` or the reason why it is not of this vault; `noLongerMember`.
public struct CosignCheckpoint: RemoteOperation {
    public static let isConfirmedByEntries = false
    public typealias Answer = String

    private let checkpoint: String?

    /// - Parameter checkpoint: The text of a checkpoint; nil for the newest one.
    public init(_ checkpoint: String?) { self.checkpoint = checkpoint }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> String {
        try VaultError.catching {
            try vault.read { rows in
                let size = vault.size
                guard let member = vault.state.member(session.member.id),
                    member.signKey == session.member.signKey
                else { throw VaultError.access(.noLongerMember(name: session.member.name)) }
                guard let head = try rows.head(size), let signed = SignedNote(encoded: head) else {
                    throw VaultError.integrity(.ledger(.malformedHead(size: size)))
                }
                let given = try vault.contained(checkpoint ?? head, rows)
                guard given.checkpoint.size == size else {
                    throw VaultError.integrity(.checkpoint(.outdated(size: given.checkpoint.size, now: size)))
                }
                guard given.note.signatures.contains(where: signed.signatures.contains) else {
                    throw VaultError.integrity(.checkpoint(.unsigned(size: size)))
                }
                let mine = given.checkpoint.cosignature(
                    by: session.identity, name: member.name, at: vault.surroundings.now())
                let cosigned = given.note.adding(mine)
                guard cosigned.fits else { throw VaultError.integrity(.checkpoint(.full)) }
                return cosigned.encoded
            }
        }
    }
}
