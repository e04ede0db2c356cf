import VaultCore
import VaultLedger

// What a person reads when the vault was changed by something else than the vault.
extension Failure {
    static func trust(_ error: VaultError) -> Failure {
        switch error {
        case .ledger(let fault): Failure(.damaged, "the ledger is not whole: \(fault.text)", next: restore)
        case .rolledBack(let seen, let at, let found):
            Failure(
                .damaged,
                "this vault went back in time: \(seen) entries were seen on \(at.text), and now there are \(found)",
                next: "find out who put an old copy here; if it was you: vault audit accept")
        case .forked(let size, let at):
            Failure(
                .damaged,
                "this vault is not the one that was seen on \(at.text): with \(size) entries it says something else",
                next: "find out where this copy comes from; if it is the true one: vault audit accept")
        case .anchorDamaged(let path):
            Failure(
                .damaged, "what was remembered of this vault cannot be read: \(path)",
                next: "compare 'vault audit checkpoint' with a colleague's, then move that file away")
        case .tampered(let tampering): Failure(.damaged, problems: [tampering.problem])
        case .verificationFailed(let all): Failure(.damaged, problems: all.map(\.problem))
        case .checkpoint(let fault): checkpoint(fault)
        case .proof(let fault): proof(fault)
        default: preconditionFailure("not a failure of trust")
        }
    }

    private static func checkpoint(_ fault: CheckpointFault) -> Failure {
        switch fault {
        case .malformed:
            Failure(
                .damaged, "this is no checkpoint", next: "name the file that 'vault audit checkpoint' made")
        case .full:
            Failure(
                .usage, "the checkpoint has 16 signatures, which is as many as a checkpoint can have",
                next: "vault audit cosign, without a file, signs a copy with no other cosignatures")
        case .otherVault:
            Failure(
                .damaged, "the checkpoint is of another vault",
                next: "name the right vault with --vault PATH, or its own checkpoint")
        case .future(let size, let now, let seen):
            Failure(
                .damaged,
                "the checkpoint has \(size) entries, and this vault only \(now), as last seen on \(seen.text): "
                    + "entries were cut off, or this is an old copy", next: restore)
        case .forked(let size, let now, let seen):
            Failure(
                .damaged,
                "the ledger was forked: its first \(size) entries are not those of the checkpoint "
                    + "(it has \(now), as last seen on \(seen.text))",
                next: "find out which of the two is the true one; keep both for an investigation")
        case .unsigned(let size):
            Failure(
                .damaged, "no member of that time has signed the checkpoint of \(size) entries",
                next: "find out where it comes from; it proves nothing")
        case .forgedCosignature(let name):
            Failure(
                .damaged, "the checkpoint has a cosignature in the name of \(name) that is not theirs",
                next: "find out where it comes from")
        case .noHead(let size):
            Failure(
                .damaged, "no change ended with \(size) entries, so nobody can have signed that checkpoint",
                next: "find out where it comes from; it proves nothing")
        case .outdated(let size, let now):
            Failure(
                .usage,
                "the checkpoint has \(size) entries, and the ledger has gone on to \(now): a witness signs the newest",
                next: "vault audit cosign, without a file, signs the newest as it is")
        }
    }

    private static func proof(_ fault: ProofFault) -> Failure {
        switch fault {
        case .malformed, .malformedStep:
            Failure(
                .damaged, "this is no proof of an entry, or it was cut short",
                next: "name the file that 'vault audit prove' made")
        case .otherVault:
            Failure(
                .damaged, "the proof is of another vault than the checkpoint",
                next: "name the checkpoint and the proof of one vault")
        case .otherFounder(let name):
            Failure(
                .damaged, "this vault was founded by \(name) with another key than the one that was given",
                next: "compare the founder's key with what the founder says of it")
        case .otherCheckpoint(let size, let proved):
            Failure(
                .usage,
                "the proof is for the checkpoint of \(proved) entries, and does not go on from the one of \(size)",
                next: "ask for one: vault audit prove SEQ --checkpoint FILE, or --since FILE for an older one"
            )
        case .forked(let size, let proved):
            Failure(
                .damaged,
                "the ledger was forked: the checkpoint of \(size) entries and the proof's of \(proved) contradict each other",
                next: "find out which of the two is the true one; keep both for an investigation")
        case .unknownAuthor, .notAllowed, .badSignature, .notIncluded, .checkpointUnsigned,
            .forgedCosignature:
            Failure(
                .damaged, "the proof does not hold: \(fault.text)", next: "find out where it comes from")
        }
    }

    private static let restore = "keep this file for an investigation; vault backup restore FILE --replace"
}

extension LedgerFault {
    /// What is wrong, ending the sentence "the ledger is not whole: …".
    var text: String {
        switch self {
        case .malformedEntry(let seq): "entry \(seq) does not have the form of an entry"
        case .outOfOrder(let expected, let found):
            "entry \(expected) is missing, or stands elsewhere (\(found) is in its place)"
        case .unknownAuthor(let seq, let name): "entry \(seq) is by \(name), who was no member then"
        case .notAllowed(let seq, let name, let role, let action):
            "entry \(seq) (\(action.rawValue)) is by \(name), \(role.withArticle), who may not do that"
        case .contradiction(let seq, let what): "entry \(seq) tells of \(what)"
        case .mixedAuthors(let seq): "entry \(seq) is by another member than those it was signed with"
        case .mixedOperations(let seq):
            "the head before entry \(seq) is missing: the entry is of another operation than the one before it"
        case .malformedHead(let size): "the head over \(size) entries is no signed checkpoint"
        case .headOutOfPlace(let size, let entries):
            "a head over \(size) entries stands where there are \(entries)"
        case .otherVault(let size): "the head over \(size) entries is of another vault"
        case .altered(let from, let size):
            from + 1 == size
                ? "entry \(from) is not the one that was signed"
                : "of the entries \(from) to \(size - 1) one is not the one that was signed"
        case .badSignature(let size, let name):
            "the head over \(size) entries is not signed by \(name), its author"
        case .unsigned(let from): "entry \(from) and what follows were never signed"
        case .noBeginning: "it has no beginning"
        }
    }
}

extension ProofFault {
    /// What does not hold, ending the sentence "the proof does not hold: …".
    fileprivate var text: String {
        switch self {
        case .unknownAuthor(let seq, let name): "entry \(seq) is by \(name), whom nobody made a member"
        case .notAllowed(let seq, let name, let role, let action):
            "entry \(seq) (\(action.rawValue)) is by \(name), \(role.withArticle), who may not do that"
        case .badSignature(let seq, let name): "entry \(seq) is not signed by \(name), its author"
        case .notIncluded(let seq): "entry \(seq) is not in the tree of the checkpoint"
        case .checkpointUnsigned: "its checkpoint is signed by nobody whom it introduces"
        case .forgedCosignature(let name): "the cosignature of \(name) is not theirs"
        case .malformed, .malformedStep, .otherVault, .otherFounder, .otherCheckpoint, .forked:
            PlainWords.text(of: self)
        }
    }
}

extension Tampering {
    var problem: Failure.Problem { .init(message, next: next) }

    private var message: String {
        switch self {
        case .settingsChanged(let owner, let by, let at):
            "the settings of '\(owner)' were changed outside the vault; they were last signed by \(by) on \(at.text)"
        case .annotationsChanged(let owner, let by, let at):
            "the tags or the note of '\(owner)' were changed outside the vault; they were last signed by \(by) on \(at.text)"
        case .ownerUnsigned(let owner):
            "'\(owner)' was put into the file outside the vault: no entry tells of it"
        case .ownerMissing(let name, let seq):
            "'\(name)' (entry \(seq)) was taken out of the file outside the vault"
        case .secretMissing(let owner, let field):
            "the secret \(field) of '\(owner)' was taken out of the file"
        case .secretUnsigned(let owner, let field):
            "the secret \(field) of '\(owner)' is not one that somebody signed for"
        case .secretStale(let owner, let field, let found, let signed):
            "the secret \(field) of '\(owner)' is an old one: version \(found), where version \(signed) was signed"
        case .secretRelabelled(let owner, let field, let version):
            "version \(version) of the secret \(field) of '\(owner)' is not what was signed: pending, current, previous, or until when"
        case .secretMisdated(let owner, let field, let version):
            "what is shown of version \(version) of the secret \(field) of '\(owner)' (when and by whom it was set, when it expires, when it was tested or used) is not what the ledger tells"
        case .secretEmptied(let owner, let field):
            "the seal of the secret \(field) of '\(owner)' was emptied or cut"
        case .secretRetired(let owner, let field, let epoch):
            "the secret \(field) of '\(owner)' is sealed under epoch \(epoch), which is retired or was never begun"
        case .secretDoesNotOpen(let owner, let field):
            "the secret \(field) of '\(owner)' does not open: its seal was altered"
        case .secretExchanged(let owner, let field):
            "the secret \(field) of '\(owner)' was changed in the file: its sealed bytes are not the signed ones"
        case .secretUncovered(let owner, let field):
            "the secret \(field) of '\(owner)' was never signed: it did not open when the others were"
        case .digestList(let seq):
            "the digest list of entry \(seq) is not the one that was signed"
        case .entryCutOut(let expected, let found):
            "entries were cut out of the ledger: \(expected) were signed, \(found) are there"
        case .entryAltered(let seq): "entry \(seq) of the ledger is not the one that was signed"
        case .treeDamaged(let size):
            "the hashes kept of the ledger's \(size) entries are not those of its entries"
        case .memberRow(let name): "the row of the member \(name) is not what the ledger says"
        case .slotRow(let member):
            "a way to unlock \(member) was put into the file that the ledger does not know"
        case .slotMissing(let member): "a way to unlock \(member) was taken out of the file"
        case .slotAltered(let member):
            "a way to unlock \(member) was changed outside the vault: its kind, or its form"
        case .strayRow(let table, let number):
            "a row was put into the table \(table) outside the vault: number \(number)"
        case .searchIndex: "the search index is not that of the connections: list --search may name others"
        case .epochRow(let epoch):
            "the row of epoch \(epoch) is not what the ledger says: a rotation was forged, or its keys were"
        case .grantRow(let epoch): "the grants of epoch \(epoch) are not what the ledger says"
        case .connectorRow(let name): "the connector '\(name)' is not the one that was added to this vault"
        case .testRow(let owner):
            "the row that names the newest test of '\(owner)' is not what the ledger says"
        case .database(let detail): "the file is damaged: \(detail)"
        }
    }

    private var next: String {
        switch self {
        case .settingsChanged(let owner, _, _):
            "find out who changed the file; vault backup restore FILE --replace, or create it again after vault connection remove '\(owner)'"
        case .secretMissing(let owner, let field), .secretUnsigned(let owner, let field),
            .secretStale(let owner, let field, _, _), .secretEmptied(let owner, let field),
            .secretRetired(let owner, let field, _), .secretDoesNotOpen(let owner, let field),
            .secretRelabelled(let owner, let field, _), .secretMisdated(let owner, let field, _),
            .secretExchanged(let owner, let field), .secretUncovered(let owner, let field):
            "find out who changed the file; vault backup restore FILE --replace, or enter it again: vault secret set '\(owner)' \(field)"
        case .searchIndex: "vault doctor --repair, where nothing else is reported"
        default:
            "find out who changed the file, and keep it for an investigation; vault backup restore FILE --replace"
        }
    }
}
