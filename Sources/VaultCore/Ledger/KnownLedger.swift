import VaultCrypto
import VaultLedger
import VaultStore
import VaultText

/// The verified part of a ledger: its extent, and the state that its entries describe.
struct KnownLedger {
    let vault: [UInt8]
    var range: CompactRange
    var state: LedgerState
    var founderKey: [UInt8]
    /// When the anchor was saved; nil without one.
    var seen: Timestamp?
    /// The stored head that was found to match `range`, so that only the first transaction parses it.
    private var head: String?

    /// Creates a ledger without any verified entries.
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

    /// Verifies all newer entries and heads, and returns the ledger extended by them.
    ///
    /// - Parameters:
    ///   - entry: Called with each new entry after it was verified.
    ///   - sawHead: Called with each new head after its entries were verified.
    /// - Throws: `rolledBack` or `forked` if the file contradicts the known ledger; `ledger` for a fault in what is new.
    func caughtUp(
        with rows: Rows, _ notice: (Notice) -> Void,
        entry: (LedgerVerifier, EntryFacts) throws -> Void = { _, _ in },
        head sawHead: (Rows.Head) throws -> Void = { _ in }
    ) throws -> KnownLedger {
        let size = try rows.ledgerSize()
        guard size >= range.size else {
            throw VaultError.integrity(
                .rolledBack(seen: range.size, at: seen ?? Timestamp(seconds: 0), found: size))
        }
        var after = self
        if range.size > 0 { try after.checkHead(rows, size) }
        // Anchors of older programs lack the number of secrets. The whole ledger is then replayed, and must pass `range`.
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
                throw VaultError.integrity(.forked(size: range.size, at: seen ?? Timestamp(seconds: 0)))
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

    /// Checks that the head over the known entries is the verified one. If it is missing and the ledger has grown, the
    /// ledger has grown from another history.
    private mutating func checkHead(_ rows: Rows, _ size: UInt64) throws {
        let note = try rows.head(range.size)
        if let note, let head, note.hasSameBytes(as: head) { return }
        guard let note, let signed = SignedNote(encoded: note),
            let checkpoint = Checkpoint(text: signed.text)
        else {
            if size > range.size {
                throw VaultError.integrity(.forked(size: range.size, at: seen ?? Timestamp(seconds: 0)))
            }
            throw VaultError.integrity(.ledger(.malformedHead(size: range.size)))
        }
        guard checkpoint.root == range.root else {
            throw VaultError.integrity(.forked(size: range.size, at: seen ?? Timestamp(seconds: 0)))
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

    /// Whether this entry exists, and belongs to this operation.
    func isEntry(_ seq: UInt64, of operation: Identifier) throws -> Bool {
        try entry(seq).flatMap { Entry(bytes: $0) }?.operation == operation
    }

    /// The entries of an operation from `first` on, without refusals.
    func entries(of operation: Identifier, from first: UInt64) throws -> [Entry] {
        var found: [Entry] = []
        try forEachEntry(in: first..<ledgerSize()) { _, bytes in
            guard let entry = Entry(bytes: bytes), entry.operation == operation else { return }
            if entry.action != .refused { found.append(entry) }
        }
        return found
    }

    /// Decodes an entry that was verified before.
    ///
    /// - Throws: `tampered` if it does not decode now.
    func knownEntry(_ bytes: [UInt8], seq: UInt64) throws(VaultError) -> Entry {
        guard let entry = Entry(bytes: bytes), entry.seq == seq else {
            throw .integrity(.tampered(.entryAltered(seq: seq)))
        }
        return entry
    }
}
