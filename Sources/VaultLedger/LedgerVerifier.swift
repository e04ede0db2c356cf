public import VaultCrypto
import VaultText

/// The first thing in a ledger that is wrong.
public enum LedgerFault: Error, Equatable, Codable {
    /// The bytes of entry `seq` are no entry.
    case malformedEntry(seq: UInt64)
    /// Entry `seq` is not where its own number says, or the one before it is missing.
    case outOfOrder(expected: UInt64, found: UInt64)
    case unknownAuthor(seq: UInt64, name: String)
    case notAllowed(seq: UInt64, name: String, role: Role, action: Action)
    case contradiction(seq: UInt64, what: String)
    /// Two authors under one head.
    case mixedAuthors(seq: UInt64)
    /// Two operations under one head: the head between them is missing.
    case mixedOperations(seq: UInt64)
    case malformedHead(size: UInt64)
    /// A head says another number of entries than there are up to it.
    case headOutOfPlace(size: UInt64, entries: UInt64)
    case otherVault(size: UInt64)
    /// The entries up to this head are not the ones that were signed; the first of them has number `from`.
    case altered(from: UInt64, size: UInt64)
    case badSignature(size: UInt64, name: String)
    /// Entries behind the last head: they were never signed.
    case unsigned(from: UInt64)
    case noBeginning
}

/// What a file tells of the ledger that a verifier cannot have from the entries it is given.
public protocol LedgerHistory: AnyObject {
    /// What the entries before the verifier's first say of an owner; nil where they say nothing.
    func owner(_ key: IdentifierKey) -> SealedOwner?
    /// The digest list that the file keeps for the entry with this number.
    func list(_ seq: UInt64) -> [UInt8]?
}

/// Reads a ledger from where it was last verified, entry by entry and head by head, and stops at the first fault.
///
/// After each accepted head `range` and `state` are what may be remembered. The cost is one hash an entry and one
/// signature a head; memory holds the owners that the entries were about.
public struct LedgerVerifier {
    public private(set) var vault: [UInt8]?
    public private(set) var range: CompactRange
    public private(set) var state: LedgerState

    /// Every owner that was met, as of the newest entry; from the first entry on that is every one there ever was.
    public var owners: OwnerTable {
        get { known.table }
        set { known.table = newValue }
    }

    private var known: VerifiedOwners
    /// The first entry since the last head.
    private var first: (seq: UInt64, actor: Entry.Actor)?
    /// The operation of the entries since the last head; nil where none is known yet.
    private var operation: IdentifierKey?
    /// The state after the entries since the last head, and what was wrong with the first of them that was.
    private var replayed: LedgerState
    private var fault: LedgerFault?
    private var reader = EntryReader()
    private var grown: CompactRange

    /// A verifier that begins at the first entry.
    public init(history: (any LedgerHistory)? = nil) {
        self.init(vault: nil, range: CompactRange(), state: LedgerState(), history)
    }

    /// A verifier that goes on from what was verified before. `state` must know how many secrets there are.
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
        known = VerifiedOwners(history: history)
    }

    /// The tree over everything that was added, accepted or not yet.
    public var reached: CompactRange { grown }

    /// The leaf hash of the entry that was added last.
    public private(set) var newest = TreeHash.empty

    /// The number of the entry that must come next.
    public var next: UInt64 { grown.size }

    @discardableResult
    public mutating func add(_ bytes: [UInt8]) throws(LedgerFault) -> EntryFacts {
        guard let entry = reader.read(bytes) else { throw .malformedEntry(seq: next) }
        guard entry.seq == next else { throw .outOfOrder(expected: next, found: entry.seq) }
        if next == 0 { vault = Digest.sha256(bytes) }
        if let first, first.actor != entry.actor { throw .mixedAuthors(seq: entry.seq) }
        if fault == nil {
            do throws(LedgerFault) {
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

    /// A transaction has one operation, and each one has another: so a head that is missing is noticed, since the next one
    /// would close two transactions. Only entry 0 may differ.
    private func checkOperation(_ entry: EntryFacts) throws(LedgerFault) {
        if let operation, operation != entry.operation { throw .mixedOperations(seq: entry.seq) }
    }

    /// Accepts the entries added since the last head, if this head is theirs and by their author.
    public mutating func close(with encoded: String) throws(LedgerFault) {
        try closing(with: encoded).run()
    }

    /// The same, but for what needs the note only: that is left to the caller, who may do it elsewhere.
    ///
    /// Nothing of what is read from here on holds before the check has run; of several, the first fault counts.
    public mutating func closing(with encoded: String) throws(LedgerFault) -> HeadCheck {
        guard let first, let vault else {
            guard let note = SignedNote(encoded: encoded), let checkpoint = Checkpoint(text: note.text) else {
                throw .malformedHead(size: next)
            }
            throw .headOutOfPlace(size: checkpoint.size, entries: grown.size)
        }
        var check = HeadCheck(
            note: encoded, expected: Checkpoint(vault: vault, size: grown.size, root: grown.root),
            first: first.seq, author: first.actor.name, key: [])
        do throws(LedgerFault) {
            if let fault { throw fault }
            // The author signs with the key they had before; only the founder brings their own.
            let authors = first.seq == 0 ? replayed : state
            guard let author = authors.member(first.actor.id), author.name.hasSameBytes(as: first.actor.name)
            else {
                throw .unknownAuthor(seq: first.seq, name: first.actor.name)
            }
            check.key = author.signKey
        } catch {
            // A head that is not these entries' own is the earlier fault.
            _ = try check.readNote()
            throw error
        }
        replayed.note(first.actor.id, at: grown.size - 1)
        state = replayed
        range = grown
        self.first = nil
        operation = nil
        return check
    }

    /// Says that nothing is left open: every entry stands under a head, and there was a first one.
    public func finish() throws(LedgerFault) {
        if let first { throw .unsigned(from: first.seq) }
        guard vault != nil else { throw .noBeginning }
    }

    private mutating func replay(_ entry: EntryFacts) throws(LedgerFault) {
        if entry.seq > 0 || !replayed.members.isEmpty {
            guard let author = replayed.member(entry.actor.id), author.name.hasSameBytes(as: entry.actor.name)
            else {
                throw .unknownAuthor(seq: entry.seq, name: entry.actor.name)
            }
            guard author.role.allows(entry.action) else {
                throw .notAllowed(seq: entry.seq, name: author.name, role: author.role, action: entry.action)
            }
        } else if entry.action != .createVault {
            throw .contradiction(seq: 0, what: "a vault without a beginning")
        }
        do throws(Contradiction) { try replayed.apply(entry, &known) } catch {
            throw .contradiction(seq: entry.seq, what: error.text)
        }
    }
}

/// The owners that the verified entries were about, and behind them those that the file knows from before.
private struct VerifiedOwners: KnownOwners {
    var table = OwnerTable()
    let history: (any LedgerHistory)?

    init(history: (any LedgerHistory)?) { self.history = history }

    mutating func owner(_ key: IdentifierKey) -> SealedOwner? {
        if let known = table[key] { return known }
        guard let found = history?.owner(key) else { return nil }
        table[key] = found
        return found
    }

    mutating func keep(_ owner: SealedOwner, _ key: IdentifierKey) { table[key] = owner }
    func list(_ seq: UInt64) -> [UInt8]? { history?.list(seq) }
}

/// What is left to check of a head once its entries were read: that the note is their checkpoint's, and its signature.
public struct HeadCheck: Sendable {
    let note: String
    let expected: Checkpoint
    let first: UInt64
    let author: String
    var key: [UInt8]

    public func run() throws(LedgerFault) {
        if isSignedAsWritten { return }
        guard try readNote().isSigned(by: author, publicKey: key) else {
            throw .badSignature(size: expected.size, name: author)
        }
    }

    /// Whether it is the one note that this program writes, by bytes: the text, and one signature of the author's. Taking
    /// a note apart costs a third of its signature, so that is left to those that have more to tell.
    private var isSignedAsWritten: Bool {
        let text = Array(expected.text.utf8)
        let beginning = text + Array("\n— \(author) ".utf8)
        let bytes = Array(note.utf8)
        guard bytes.starts(with: beginning), bytes.last == 0x0a, bytes.count > beginning.count,
            let blob = Base64.decode(
                String(decoding: bytes[beginning.count..<bytes.count - 1], as: UTF8.self)),
            blob.count == 68, blob.starts(with: SignedNote.keyID(name: author, publicKey: key))
        else { return false }
        return Ed25519.verify(Array(blob[4...]), of: text, by: key)
    }

    fileprivate func readNote() throws(LedgerFault) -> SignedNote {
        guard let note = SignedNote(encoded: note), let checkpoint = Checkpoint(text: note.text) else {
            throw .malformedHead(size: expected.size)
        }
        guard checkpoint.size == expected.size else {
            throw .headOutOfPlace(size: checkpoint.size, entries: expected.size)
        }
        guard checkpoint.vault == expected.vault else { throw .otherVault(size: checkpoint.size) }
        guard checkpoint.root == expected.root else { throw .altered(from: first, size: checkpoint.size) }
        return note
    }
}
