import VaultCrypto
import VaultLedger
import VaultStore
import VaultText

/// A ledger as far as it was verified: how far, and what it says up to there.
struct KnownLedger {
    let vault: [UInt8]
    var range: CompactRange
    var state: LedgerState
    var founderKey: [UInt8]
    /// When it was last seen to grow; nil before the first look.
    var seen: Timestamp?
    /// The head that was found to be over a ledger of this, so that it is taken apart once and not by every transaction.
    private var head: String?

    /// A ledger of which nothing is known but its identifier.
    init(vault: [UInt8]) {
        self.vault = vault
        range = CompactRange()
        state = LedgerState()
        founderKey = []
    }

    init(_ anchor: Anchor) {
        vault = anchor.vault
        range = anchor.range
        state = anchor.state
        founderKey = anchor.founderKey
        seen = anchor.seen
    }

    func anchor(seen: Timestamp) -> Anchor {
        Anchor(vault: vault, range: range, state: state, founderKey: founderKey, seen: seen)
    }

    /// This knowledge after every newer entry and head was verified.
    ///
    /// - Throws: `rolledBack` and `forked` when the file contradicts what was seen before; `ledger` for a fault in
    ///   what is new.
    ///
    /// `entry` and `head` see what is new on the way.
    func caughtUp(
        with rows: Rows, _ notice: (Notice) -> Void,
        entry: (LedgerVerifier, EntryFacts) throws -> Void = { _, _ in },
        head sawHead: (Rows.Head) throws -> Void = { _ in }
    ) throws -> KnownLedger {
        let size = try rows.ledgerSize()
        guard size >= range.size else {
            throw VaultError.rolledBack(seen: range.size, at: seen ?? Timestamp(seconds: 0), found: size)
        }
        var after = self
        if range.size > 0 { try after.checkHead(rows, size) }
        // An older program has not remembered how many secrets there are: then all of it is replayed, and must come by here.
        let isAll = range.size == 0 || state.secrets == nil
        if size == range.size, !isAll { return after }
        let history = FileHistory(rows, after: isAll ? nil : self)
        var walk = LedgerWalk(
            rows: rows, size: size,
            verifier: isAll
                ? LedgerVerifier(history: history)
                : LedgerVerifier(vault: vault, range: range, state: state, history: history),
            history: history)
        try walk.run { verifier, facts in
            if isAll, verifier.next == range.size, verifier.reached != range {
                throw VaultError.forked(size: range.size, at: seen ?? Timestamp(seconds: 0))
            }
            try entry(verifier, facts)
        } head: { _, head in
            try sawHead(head)
            if size > 4096 { notice(.progress(.verifying, done: head.size, of: size)) }
        }
        after.range = walk.verifier.range
        after.state = walk.verifier.state
        if after.founderKey.isEmpty, let founder = try rows.founder() { after.founderKey = founder.signKey }
        return after
    }

    /// The head over all that is known must still be the one that was verified. Where there is none and the ledger
    /// went on all the same, it went on from something else.
    private mutating func checkHead(_ rows: Rows, _ size: UInt64) throws {
        let note = try rows.head(range.size)
        if let note, let head, note.hasSameBytes(as: head) { return }
        guard let note, let signed = SignedNote(encoded: note),
            let checkpoint = Checkpoint(text: signed.text)
        else {
            if size > range.size {
                throw VaultError.forked(size: range.size, at: seen ?? Timestamp(seconds: 0))
            }
            throw VaultError.ledger(.malformedHead(size: range.size))
        }
        guard checkpoint.root == range.root else {
            throw VaultError.forked(size: range.size, at: seen ?? Timestamp(seconds: 0))
        }
        head = note
    }
}

extension Rows {
    /// The founder, as the first entry names them.
    func founder() throws -> LedgerState.Member? {
        guard let bytes = try entry(0), let entry = Entry(bytes: bytes) else { return nil }
        return try? LedgerState.Member(entry.change.details, role: .admin)
    }

    /// Whether this entry is there, and belongs to this operation.
    func isEntry(_ seq: UInt64, of operation: Identifier) throws -> Bool {
        try entry(seq).flatMap { Entry(bytes: $0) }?.operation == operation
    }

    /// The entries of an operation among those from `first` on, refusals left out.
    func entries(of operation: Identifier, from first: UInt64) throws -> [Entry] {
        var found: [Entry] = []
        try forEachEntry(in: first..<ledgerSize()) { _, bytes in
            guard let entry = Entry(bytes: bytes), entry.operation == operation else { return }
            if entry.action != .refused { found.append(entry) }
        }
        return found
    }

    /// An entry that was verified before, read again.
    func knownEntry(_ bytes: [UInt8], seq: UInt64) throws(VaultError) -> Entry {
        guard let entry = Entry(bytes: bytes), entry.seq == seq else {
            throw .tampered(.entryAltered(seq: seq))
        }
        return entry
    }
}
