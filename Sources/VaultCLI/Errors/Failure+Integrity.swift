import VaultCore
import VaultLedger

extension VaultError.IntegrityError {
    var failure: Failure {
        switch self {
        case .ledger(let fault): .damaged("the ledger is damaged: \(fault.text)").next(restore)
        case .rolledBack(let seen, let at, let found):
            .damaged(
                "this vault went back in time: it had \(seen) entries on \(at.text), and now has \(found)"
            )
            .next("find out who put an old copy here; if it was you: vault audit accept")
        case .forked(let size, let at):
            .damaged(
                "this vault is not the one seen on \(at.text): its first \(counted(size, "entry", plural: "entries")) differ"
            )
            .next("find out where this copy comes from; if it is the right one: vault audit accept")
        case .anchorDamaged(let path):
            .damaged("can't read the anchor of this vault: \(path)")
                .next("compare 'vault audit checkpoint' with a colleague's, then move that file away")
        case .tampered(let tampering): Failure(.damaged, problems: [tampering.problem])
        case .verificationFailed(let all): Failure(.damaged, problems: all.map(\.problem))
        case .checkpoint(let fault): fault.failure
        case .proof(let fault): fault.failure
        }
    }
}

extension CheckpointFault {
    var failure: Failure {
        switch self {
        case .malformed:
            .damaged("not a checkpoint").next("name a file made by: vault audit checkpoint")
        case .full:
            .usage("the checkpoint has 16 signatures, the most that a checkpoint can have")
                .next("vault audit cosign, without a file, signs a copy without other cosignatures")
        case .otherVault:
            .damaged("the checkpoint is of another vault")
                .next("name the right vault with --vault PATH, or its own checkpoint")
        case .future(let size, let now, let seen):
            .damaged(
                "the checkpoint has \(size) entries, and this vault, last seen on \(seen.text), only \(now): "
                    + "entries were cut off, or this is an old copy"
            )
            .next(restore)
        case .forked(let size, let now, let seen):
            .damaged(
                "the ledger was forked: its first \(size) entries are not those of the checkpoint "
                    + "(it has \(now), last seen on \(seen.text))"
            )
            .next(compareForks)
        case .unsigned(let size):
            .damaged("the checkpoint of \(size) entries is not signed by a member of that time")
                .next("find out where it comes from; it proves nothing")
        case .forgedCosignature(let name):
            .damaged("the checkpoint has a forged cosignature of \(name)")
                .next("find out where it comes from")
        case .noHead(let size):
            .damaged("no change ended with \(size) entries, so the checkpoint can't have been signed")
                .next("find out where it comes from; it proves nothing")
        case .outdated(let size, let now):
            .usage(
                "the checkpoint has \(size) entries, and the ledger now has \(now): a witness signs the newest"
            )
            .next("vault audit cosign, without a file, signs the newest")
        }
    }
}

extension EntryProofError {
    var failure: Failure {
        switch self {
        case .malformed, .malformedStep:
            .damaged("not a proof of an entry, or truncated").next("name a file made by: vault audit prove")
        case .otherVault:
            .damaged("the proof and the checkpoint are of different vaults")
                .next("name the checkpoint and the proof of one vault")
        case .otherFounder(let name):
            .damaged("--founder-key is not the key of the founder, \(name)")
                .next("compare the key with what the founder says")
        case .otherCheckpoint(let size, let proved):
            .usage(
                "the proof is for the checkpoint of \(proved) entries, and does not extend the one of \(size)"
            )
            .next(
                "ask for one: vault audit prove SEQ --checkpoint FILE, or --since FILE for an older checkpoint"
            )
        case .forked(let size, let proved):
            .damaged(
                "the ledger was forked: the checkpoint of \(size) entries contradicts the proof's of \(proved)"
            )
            .next(compareForks)
        case .unknownAuthor(let seq, let name):
            invalidProof("entry \(seq) is by \(name), who was never made a member")
        case .notAllowed(let seq, let name, let role, let action):
            invalidProof(
                "entry \(seq) (\(action.rawValue)) is by \(name), \(role.withArticle), a role that does not allow it"
            )
        case .badSignature(let seq, let name):
            invalidProof("entry \(seq) is not signed by its author, \(name)")
        case .notIncluded(let seq):
            invalidProof("entry \(seq) is not in the tree of the checkpoint")
        case .checkpointUnsigned:
            invalidProof("its checkpoint is not signed by any member that it introduces")
        case .forgedCosignature(let name): invalidProof("the cosignature of \(name) is forged")
        }
    }

    private func invalidProof(_ why: String) -> Failure {
        .damaged("the proof is invalid: \(why)").next("find out where it comes from")
    }
}

private let restore = "keep this file for an investigation; vault backup restore FILE --replace"
private let compareForks = "find out which of the two is the right one; keep both for an investigation"

extension LedgerError {
    /// Completes the sentence "the ledger is damaged: …".
    var text: String {
        switch self {
        case .malformedEntry(let seq): "entry \(seq) is malformed"
        case .outOfOrder(let expected, let found):
            "entry \(expected) is missing or misplaced (found \(found) in its place)"
        case .unknownAuthor(let seq, let name): "entry \(seq) is by \(name), who was not a member then"
        case .notAllowed(let seq, let name, let role, let action):
            "entry \(seq) (\(action.rawValue)) is by \(name), \(role.withArticle), a role that does not allow it"
        case .contradiction(let seq, let what): "entry \(seq) contradicts the ones before it: \(what)"
        case .mixedAuthors(let seq): "entry \(seq) is by another member than the entries signed with it"
        case .mixedOperations(let seq):
            "the head before entry \(seq) is missing: the entry belongs to another operation than the one before it"
        case .malformedHead(let size): "the head over \(size) entries is not a signed checkpoint"
        case .headOutOfPlace(let size, let entries): "a head over \(size) entries comes after \(entries)"
        case .otherVault(let size): "the head over \(size) entries is of another vault"
        case .altered(let from, let size):
            from + 1 == size
                ? "entry \(from) differs from the signed entry"
                : "at least one of the entries \(from) to \(size - 1) differs from the signed entry"
        case .badSignature(let size, let name):
            "the head over \(size) entries is not signed by its author, \(name)"
        case .unsigned(let from): "the entries from \(from) on were never signed"
        case .noBeginning: "it has no first entry"
        }
    }
}
