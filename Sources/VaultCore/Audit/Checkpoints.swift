import VaultCrypto
import VaultLedger
import VaultStore

/// A checkpoint that somebody gave, read and found to be of this vault.
struct GivenCheckpoint {
    let note: SignedNote
    let checkpoint: Checkpoint

    init(_ text: String, of vault: [UInt8]) throws(VaultError) {
        guard let note = SignedNote(encoded: text), let checkpoint = Checkpoint(text: note.text),
            checkpoint.size > 0
        else { throw .checkpoint(.malformed) }
        guard checkpoint.vault == vault else { throw .checkpoint(.otherVault) }
        self.note = note
        self.checkpoint = checkpoint
    }

    /// The witnesses among these members; a line in a member's name that is not theirs is refused.
    func cosigners(among members: [LedgerState.Member]) throws(VaultError) -> [ProvenEntry.Cosigner] {
        var found: [ProvenEntry.Cosigner] = []
        for member in members {
            switch note.cosigned(by: member.name, publicKey: member.signKey) {
            case .absent: break
            case .forged: throw .checkpoint(.forgedCosignature(name: member.name))
            case .at(let time): found.append(ProvenEntry.Cosigner(name: member.name, time: time))
            }
        }
        return found
    }
}

extension Vault {
    func fork(at size: UInt64) -> VaultError {
        .checkpoint(.forked(size: size, now: self.size, seen: known.seen ?? surroundings.now()))
    }

    /// Reads a checkpoint that was kept elsewhere, and holds it against the verified tree by a consistency proof.
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
            throw .checkpoint(
                .future(size: checkpoint.size, now: size, seen: known.seen ?? surroundings.now()))
        }
    }

    /// Signs a checkpoint as a witness, without one the newest; every signature that it has stays.
    ///
    /// A cosignature says that this is the newest tree that the witness has seen (C2SP tlog-cosignature), so an older
    /// one is refused. Nothing is written to the vault: a witness may be anybody who is a member.
    public func cosign(_ checkpoint: String?, as session: Session) throws(VaultError) -> String {
        try VaultError.catching {
            try read { rows in
                let member = try present(session)
                guard let head = try rows.head(size), let signed = SignedNote(encoded: head) else {
                    throw VaultError.ledger(.malformedHead(size: size))
                }
                let given = try contained(checkpoint ?? head, rows)
                guard given.checkpoint.size == size else {
                    throw VaultError.checkpoint(.outdated(size: given.checkpoint.size, now: size))
                }
                guard given.note.signatures.contains(where: signed.signatures.contains) else {
                    throw VaultError.checkpoint(.unsigned(size: size))
                }
                let mine = given.checkpoint.cosignature(
                    by: session.identity, name: member.name, at: surroundings.now())
                let cosigned = given.note.adding(mine)
                guard cosigned.fits else { throw VaultError.checkpoint(.full) }
                return cosigned.encoded
            }
        }
    }

    /// The member of a session, as long as they are one.
    private func present(_ session: Session) throws(VaultError) -> LedgerState.Member {
        guard let member = state.member(session.member.id), member.signKey == session.member.signKey else {
            throw .noLongerMember(name: session.member.name)
        }
        return member
    }
}
