public import VaultCrypto
import VaultText

/// The first fault of a ledger.
public enum LedgerError: Error, Equatable, Codable {
    /// The bytes of entry `seq` are not an entry in canonical form.
    case malformedEntry(seq: UInt64)
    /// The entry in place `expected` has number `found`.
    case outOfOrder(expected: UInt64, found: UInt64)
    /// The author of entry `seq` was not a member at that point.
    case unknownAuthor(seq: UInt64, name: String)
    /// The role of the author of entry `seq` does not allow its action.
    case notAllowed(seq: UInt64, name: String, role: Role, action: Action)
    /// Entry `seq` is impossible in the state before it (`Contradiction`).
    case contradiction(seq: UInt64, what: String)
    /// Entry `seq` has another author than the entries before it under the same head.
    case mixedAuthors(seq: UInt64)
    /// Entry `seq` has another operation than the entries before it under the same head: a head is missing.
    case mixedOperations(seq: UInt64)
    /// The head over `size` entries is not a signed checkpoint.
    case malformedHead(size: UInt64)
    /// A head over `size` entries follows `entries` entries.
    case headOutOfPlace(size: UInt64, entries: UInt64)
    /// The head over `size` entries belongs to another vault.
    case otherVault(size: UInt64)
    /// The entries from number `from` up to the head over `size` entries are not those that were signed.
    case altered(from: UInt64, size: UInt64)
    /// The head over `size` entries is not signed by the author of its entries.
    case badSignature(size: UInt64, name: String)
    /// The entries from number `from` on have no head.
    case unsigned(from: UInt64)
    /// There are no entries.
    case noBeginning
}

/// Verifies a ledger from its start or from an earlier verified head, and stops at the first fault (docs/format.md,
/// section 9).
///
/// Add the entries in order, and close each transaction with its head. After each head, `range` and `state` are verified
/// and may be remembered. The cost is one hash per entry and one signature per head. Memory grows with the number of
/// owners that the entries are about.
public struct LedgerVerifier {
    /// The ID of the vault, 32 bytes; `nil` before the first entry.
    private(set) var vault: [UInt8]?
    /// The tree up to the last head.
    public private(set) var range: CompactRange
    /// The state after the last head.
    public private(set) var state: LedgerState

    /// The owners that the entries were about, as of the newest entry. From the first entry on, these are all owners.
    public var owners: [IdentifierKey: SealedOwner] { known.owners }

    private var known: ReplayedOwners
    /// The first entry since the last head.
    private var first: (seq: UInt64, actor: Entry.Actor)?
    /// The operation of the entries since the last head; `nil` if there is none, or only entry 0.
    private var operation: IdentifierKey?
    /// The state after the entries since the last head.
    private var replayed: LedgerState
    /// The first fault in the entries since the last head.
    private var fault: LedgerError?
    private var grown: CompactRange

    /// Creates a verifier that starts at the first entry.
    ///
    /// - Parameter history: Provides the digest lists.
    public init(history: (any LedgerHistory)? = nil) {
        self.init(vault: nil, range: CompactRange(), state: LedgerState(), history)
    }

    /// Creates a verifier that continues from an earlier head.
    ///
    /// - Parameters:
    ///   - vault: The ID of the vault.
    ///   - range: The tree up to the head.
    ///   - state: The state after the head. `state.secrets` must not be `nil`.
    ///   - history: Provides the owners as of the head, and the digest lists.
    public init(
        vault: [UInt8], range: CompactRange, state: LedgerState, history: (any LedgerHistory)? = nil
    ) {
        self.init(vault: Optional(vault), range: range, state: state, history)
    }

    private init(
        vault: [UInt8]?, range: CompactRange, state: LedgerState, _ history: (any LedgerHistory)?
    ) {
        self.vault = vault
        self.range = range
        self.state = state
        grown = range
        replayed = state
        known = ReplayedOwners(history)
    }

    /// The tree over all entries that were added, including those without a head.
    public var reached: CompactRange { grown }

    /// The leaf hash of the last entry.
    public private(set) var newest = TreeHash.empty

    /// The number of the next entry.
    public var next: UInt64 { grown.size }

    /// Adds the next entry.
    ///
    /// - Parameter bytes: The stored bytes of the entry.
    /// - Returns: The entry. Nothing in it is verified until its head is accepted.
    /// - Throws: `LedgerError.malformedEntry`, `.outOfOrder` or `.mixedAuthors`. A fault in replay is thrown when the head
    ///   is added, since a head that doesn't belong to the entries is reported first.
    @discardableResult
    public mutating func add(_ bytes: [UInt8]) throws(LedgerError) -> EntryFacts {
        guard let entry = EntryFacts(bytes: bytes) else { throw .malformedEntry(seq: next) }
        guard entry.seq == next else { throw .outOfOrder(expected: next, found: entry.seq) }
        if next == 0 { vault = Digest.sha256(bytes) }
        if let first, first.actor != entry.actor { throw .mixedAuthors(seq: entry.seq) }
        if fault == nil {
            do throws(LedgerError) {
                try checkOperation(entry)
                try replay(entry)
            } catch { fault = error }
        }
        if first == nil { first = (entry.seq, entry.actor) }
        if entry.seq != 0 { operation = entry.operation }
        newest = TreeHash.leaf(bytes)
        grown.append(newest)
        return entry
    }

    /// Each transaction has a different operation, so a missing head is noticed: the next one would close two transactions.
    /// Only entry 0 may differ.
    private func checkOperation(_ entry: EntryFacts) throws(LedgerError) {
        if let operation, operation != entry.operation { throw .mixedOperations(seq: entry.seq) }
    }

    /// Accepts the entries since the last head if this head belongs to them and is signed by their author.
    ///
    /// - Parameter encoded: The stored note of the head.
    /// - Throws: `LedgerError` if the head or one of its entries is invalid.
    mutating func close(with encoded: String) throws(LedgerError) {
        try closing(with: encoded).run()
    }

    /// Like `close(with:)`, but leaves the check of the note and its signature to the caller, who may run it on another
    /// thread.
    ///
    /// Nothing from here on is verified until the check has run. The first fault counts.
    ///
    /// - Parameter encoded: The stored note of the head.
    /// - Returns: The check that remains.
    /// - Throws: `LedgerError` if one of the entries is invalid, or if the head has no entries.
    public mutating func closing(with encoded: String) throws(LedgerError) -> HeadCheck {
        guard let first, let vault else {
            guard let note = SignedNote(encoded: encoded), let checkpoint = Checkpoint(text: note.text) else {
                throw .malformedHead(size: next)
            }
            throw .headOutOfPlace(size: checkpoint.size, entries: grown.size)
        }
        var check = HeadCheck(
            note: encoded, expected: Checkpoint(vault: vault, size: grown.size, root: grown.root),
            first: first.seq, author: first.actor.name, key: [])
        do throws(LedgerError) {
            if let fault { throw fault }
            // The author signs with the key from before these entries. Only the founder's key comes from entry 0 itself.
            let authors = first.seq == 0 ? replayed : state
            guard let author = authors.member(first.actor.id), author.name.hasSameBytes(as: first.actor.name)
            else {
                throw .unknownAuthor(seq: first.seq, name: first.actor.name)
            }
            check.key = author.signKey
        } catch {
            // A head that doesn't belong to these entries is the earlier fault.
            _ = try check.readNote()
            throw error
        }
        replayed.recordEntry(by: first.actor.id, at: grown.size - 1)
        state = replayed
        range = grown
        self.first = nil
        operation = nil
        return check
    }

    /// Checks that every entry has a head, and that there is at least one.
    ///
    /// - Throws: `LedgerError.unsigned` or `LedgerError.noBeginning`.
    public func finish() throws(LedgerError) {
        if let first { throw .unsigned(from: first.seq) }
        guard vault != nil else { throw .noBeginning }
    }

    private mutating func replay(_ entry: EntryFacts) throws(LedgerError) {
        if entry.seq > 0 || !replayed.members.isEmpty {
            guard let author = replayed.member(entry.actor.id), author.name.hasSameBytes(as: entry.actor.name)
            else {
                throw .unknownAuthor(seq: entry.seq, name: entry.actor.name)
            }
            guard author.role.allows(entry.action) else {
                throw .notAllowed(seq: entry.seq, name: author.name, role: author.role, action: entry.action)
            }
        } else if entry.action != .createVault {
            throw .contradiction(seq: 0, what: "the first entry must create the vault")
        }
        do throws(Contradiction) { try replayed.apply(entry, &known) } catch {
            throw .contradiction(seq: entry.seq, what: error.text)
        }
    }
}
