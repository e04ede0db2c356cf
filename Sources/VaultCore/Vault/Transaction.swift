import VaultCrypto
import VaultLedger
import VaultStore

/// One transaction of a member: each record becomes an entry, and `close` signs one head over them.
struct Transaction {
    let rows: Rows
    private(set) var ledger: KnownLedger
    let session: Session
    let member: LedgerState.Member
    let time: Timestamp
    let timeText: String
    /// The settings that this transaction checked last.
    var lastForm: CheckedForm?
    var identifiers: IdentifierSource
    /// The clients that were already checked against the ledger: an import names the same one many times.
    var checkedClients: Set<Int64> = []

    let checks = LedgerChecks()

    private let via: Entry.Via
    private let reason: String?
    let operation: Identifier
    private var tiles: TileWriter

    init(
        rows: Rows, ledger: KnownLedger, session: Session, surroundings: Surroundings,
        member: LedgerState.Member
    ) {
        (self.rows, self.ledger, self.session, self.member) = (rows, ledger, session, member)
        time = surroundings.now()
        timeText = time.text
        identifiers = IdentifierSource(at: time)
        via = surroundings.via()
        reason = surroundings.reason
        let fresh = identifiers.next()
        operation = surroundings.operation ?? fresh
        tiles = TileWriter(size: ledger.range.size)
    }

    var state: LedgerState { ledger.state }
    var vault: [UInt8] { ledger.vault }

    /// Checks that the member may do something, before any work is done for it.
    ///
    /// - Throws: `forbidden` if the role does not allow it, `mustReplacePassphrase` if the passphrase must be replaced first.
    func mayDo(_ action: Action) throws(VaultError) {
        guard member.role.allows(action) else {
            throw .access(.forbidden(member: member.name, role: member.role, action: action))
        }
        guard member.mayDo(action) else { throw .unlock(.mustReplacePassphrase(member: member.name)) }
    }

    /// Appends an entry by this member.
    mutating func record(_ action: Action, _ object: Entry.Object, _ change: Change = Change()) throws {
        try mayDo(action)
        let entry = Entry(
            seq: ledger.range.size, time: time, actor: Entry.Actor(id: member.id, name: member.name),
            via: via, action: action, object: object, change: change, reason: reason, operation: operation)
        let bytes = entry.bytes
        // An entry that readers reject would invalidate the ledger for good.
        guard let facts = EntryFacts(bytes: bytes) else {
            throw VaultError.integrity(.ledger(.malformedEntry(seq: entry.seq)))
        }
        if entry.seq == 0 {
            ledger = KnownLedger(vault: Digest.sha256(bytes))
            ledger.founderKey = member.signKey
        }
        try rows.appendEntry(entry.seq, String(decoding: bytes, as: UTF8.self))
        let leaf = TreeHash.leaf(bytes)
        var owners = TransactionOwners(
            rows: rows, ledger: ledger, checks: checks, isFresh: action.isCreation)
        do throws(Contradiction) {
            try ledger.state.apply(facts, &owners)
        } catch {
            if let failure = owners.failure { throw failure }
            throw VaultError.integrity(.ledger(.contradiction(seq: entry.seq, what: error.text)))
        }
        ledger.state.recordEntry(by: member.id, at: entry.seq)
        ledger.range.append(leaf)
        try tiles.append(leaf, rows)
    }

    mutating func record(_ refusal: Refusal) throws {
        try record(
            .refused, Entry.Object(refusal.kind, id: refusal.id, name: refusal.name),
            Change(details: ["what": .string(refusal.what), "why": .string(refusal.why)]))
    }

    /// Signs a head over the recorded entries. Does nothing if there are none.
    mutating func close() throws {
        guard try rows.ledgerSize() == ledger.range.size else {
            throw VaultError.integrity(.ledger(.unsigned(from: ledger.range.size)))
        }
        guard try rows.head(ledger.range.size) == nil else { return }
        let checkpoint = Checkpoint(vault: vault, size: ledger.range.size, root: ledger.range.root)
        try rows.appendHead(
            checkpoint.size, checkpoint.signed(by: session.identity, name: member.name).encoded)
    }
}

/// The owners as a transaction sees them, so that its entries are checked by the rules that a reader applies.
private struct TransactionOwners: KnownOwners {
    let rows: Rows
    let ledger: KnownLedger
    let checks: LedgerChecks
    /// Whether the entry creates the owner, under a new id.
    let isFresh: Bool
    var failure: (any Error)?

    mutating func owner(_ key: IdentifierKey) -> SealedOwner? {
        guard !isFresh else { return nil }
        do { return try checks.owner(key, rows, ledger) } catch {
            failure = error
            return nil
        }
    }

    func keep(_ owner: SealedOwner, _ key: IdentifierKey) { checks.keep(owner, key) }
    func list(_ seq: UInt64) -> [UInt8]? { try? rows.digestList(seq) }
}

/// A refused action and the reason. The ledger records it, so it contains only names.
struct Refusal {
    let what: String
    let why: String
    /// The object of the action.
    var kind = Entry.Object.Kind.vault
    var id: Identifier?
    let name: String
}

extension VaultError {
    /// The refusal to record in the ledger, or nil if this error is not one.
    var refusal: Refusal? {
        switch self {
        case .access(.forbidden(_, let role, let action)):
            Refusal(what: action.rawValue, why: "role \(role.rawValue)", name: "")
        case .unlock(.mustReplacePassphrase(let member)):
            Refusal(what: "a change", why: "first passphrase", name: member)
        case .member(.lastAdmin(let member)), .unlock(.lastSlot(let member)):
            Refusal(what: "member.leave", why: "last admin", name: member)
        case .member(.notForOneself(let member)):
            Refusal(what: "member.leave", why: "oneself", name: member)
        case .input(.depositUnusable(let owner, _)):
            Refusal(what: "open", why: "deposit unusable", name: owner)
        case .access(.useRefused(let name, let id, let use, _)):
            Refusal(what: "connection.\(use.rawValue)", why: "policy", kind: .connection, id: id, name: name)
        case .access(.pathRefused(let name, let id, let method, let path, _)):
            Refusal(
                what: "connection.request", why: "policy: \(method) \(path)", kind: .connection, id: id,
                name: name)
        case .access(.headerRefused(let name, let id, let header)):
            Refusal(
                what: "connection.request", why: "policy: header \(header)", kind: .connection, id: id,
                name: name)
        case .access(.hostRefused(let name, let id, let host)):
            Refusal(what: "connection.send", why: "host \(host)", kind: .connection, id: id, name: name)
        // Nothing is appended to an altered ledger.
        case .integrity(.tampered(let tampering)) where !tampering.isOfLedger:
            Refusal(what: "open", why: tampering.word, name: tampering.owner ?? "")
        default: nil
        }
    }
}
