import VaultCrypto
public import VaultLedger
import VaultRegistry
import VaultStore

/// An open vault, verified up to its newest entry.
///
/// Every transaction, read or write, begins by checking what is new in the ledger since it was last verified, so an
/// operation never acts on rows that nobody signed for. Not for two threads at once.
public final class Vault {
    public let path: String
    let file: VaultFile
    /// Whoever works for several, one after another, sets here whom to tell, and why it is done.
    public var surroundings: Surroundings
    /// How much of a rotation is one transaction: some tenths of a second, so that another command waits a moment
    /// only, and the disk is not asked for every few rows.
    var chunksInTransaction = 100

    /// Connectors that come with the program and were read before: a file of YAML costs more than a thousand rows.
    var builtIns: [Connector] = []

    /// Set by whoever hands out the result of a change first, and settles then; such a one also keeps the file open.
    public var settlesLater = false
    private var isSettled = true
    /// Whether the write-ahead log holds sealed bytes that were replaced or destroyed.
    private var logHoldsSeals = false

    /// What is known of the ledger: where it was verified up to, and what it says up to there.
    private(set) var known: KnownLedger

    init(file: VaultFile, surroundings: Surroundings, known: KnownLedger) {
        path = file.path
        self.file = file
        self.surroundings = surroundings
        self.known = known
    }

    /// Why this vault can only be read: others may reach this copy, the disk is full, or the file system is read-only.
    public var exposure: VaultError? { file.exposure.map { VaultError($0) } }

    public var id: [UInt8] { known.vault }
    public var state: LedgerState { known.state }
    /// How many entries the ledger has, as of the last look.
    public var size: UInt64 { known.range.size }

    /// Opens a vault and verifies what is new in its ledger; at first contact that is all of it.
    public static func open(_ path: String, _ surroundings: Surroundings) throws(VaultError) -> Vault {
        try VaultError.catching {
            let file = try VaultFile.open(path)
            if case .unsafePath(let path, let why, _)? = file.exposure {
                surroundings.notice(.exposed(path: path, why: why))
            }
            let first = try file.read { try $0.entry(0) }
            guard let first else { throw VaultError.ledger(.noBeginning) }
            let id = Digest.sha256(first)
            let anchor = try surroundings.anchors.load(id)
            let known = anchor.map(KnownLedger.init) ?? KnownLedger(vault: id)
            let vault = Vault(file: file, surroundings: surroundings, known: known)
            do {
                try vault.read { _ in }
            } catch let error as VaultError where error.contradictsAnchor {
                guard let accepted = try followAcceptance(path, id, surroundings) else { throw error }
                return accepted
            }
            if anchor == nil { surroundings.notice(.firstContact(entries: vault.size)) }
            return vault
        }
    }

    /// Makes a vault whose first transaction is `begin`'s.
    static func create(
        _ path: String, _ surroundings: Surroundings,
        begin: (Rows) throws -> KnownLedger
    ) throws -> Vault {
        var known: KnownLedger?
        let file = try VaultFile.create(path) { known = try begin($0) }
        let vault = Vault(file: file, surroundings: surroundings, known: known!)
        vault.keepAnchor()
        return vault
    }

    /// Takes over what verifying all of the ledger has found, where nothing was known before.
    func learn(_ found: KnownLedger) {
        precondition(known.range.size == 0, "what was seen before is never forgotten")
        known = found
    }

    /// Holds what is known against what a look at the ledger has found, which may know more of who acted last.
    func confirm(_ range: CompactRange, _ state: LedgerState) throws(VaultError) {
        guard range == known.range, state.agrees(with: known.state) else {
            throw .forked(size: size, at: known.seen ?? surroundings.now())
        }
        guard known.state != state else { return }
        known.state = state
        keepAnchor()
    }

    /// Reads rows, after what is new was verified.
    func read<T>(_ body: (Rows) throws -> T) throws -> T {
        let before = known
        let result = try file.read { rows in
            known = try known.caughtUp(with: rows, surroundings.notice)
            return try body(rows)
        }
        if known.range.size > before.range.size { settleInTime() }
        return result
    }

    /// That no entry of the ledger is missing, by how many there are.
    ///
    /// - Throws: `tampered` where there are fewer or more than the newest head is over.
    public func checkLedgerIsComplete() throws(VaultError) {
        try VaultError.catching { try read { try LedgerChecks().checkWhole($0, known) } }
    }

    /// Runs one transaction of a member: rows, entries and one signed head, or nothing.
    ///
    /// A refusal inside it is recorded by a transaction of its own, and then thrown. Where it needs a secret that was
    /// deposited after the member unlocked, that is sealed, and `body` runs a second time. So it does where the search
    /// index cannot be used: that is made again first (case 100).
    ///
    /// - Parameter isRepeatable: Whether `body` may run a second time.
    func change<T>(
        as session: Session, isRepeatable: Bool = true, _ body: (inout Transaction) throws -> T
    ) throws -> T {
        var uncovered: [String] = []
        func whole(_ transaction: inout Transaction) throws -> T {
            uncovered = try transaction.coverSecrets(surroundings.notice) ?? []
            let result = try body(&transaction)
            try transaction.destroyPastOverlap()
            return result
        }
        do {
            let result: T
            do {
                result = try commit(as: session, whole)
            } catch VaultError.depositUnusable where !session.isDepositing {
                try sealDeposits(as: session)
                result = try commit(as: session, whole)
            } catch StoreError.searchIndex {
                try repairSearchIndex()
                guard isRepeatable else { throw VaultError.searchIndex(isRebuilt: true) }
                surroundings.notice(.searchIndexRebuilt)
                result = try commit(as: session, whole)
            }
            if !uncovered.isEmpty { surroundings.notice(.secretsUncovered(uncovered)) }
            return result
        } catch let error as VaultError {
            if let refusal = error.refusal {
                try commit(as: session) { try $0.record(refusal) }
            }
            throw error
        }
    }

    /// The one place where a member's transaction is committed, so that the rule of a commit holds everywhere: what
    /// throws has changed nothing (or says that this is not known), and what comes after COMMIT can only warn.
    private func commit<T>(as session: Session, _ body: (inout Transaction) throws -> T) throws -> T {
        var after = known
        var begun: (seq: UInt64, operation: Identifier)?
        let committed = try file.write(isWritten: { rows in
            try begun.map { try rows.isEntry($0.seq, of: $0.operation) } ?? false
        }) { rows in
            after = try known.caughtUp(with: rows, surroundings.notice)
            guard let member = after.state.member(session.member.id), member.signKey == session.member.signKey
            else {
                throw VaultError.noLongerMember(name: session.member.name)
            }
            var transaction = Transaction(
                rows: rows, ledger: after, session: session, surroundings: surroundings, member: member)
            try transaction.checks.checkWhole(rows, after)
            begun = (after.range.size, transaction.operation)
            let result = try body(&transaction)
            try transaction.close()
            after = transaction.ledger
            return result
        }
        let hasGrown = after.range.size > known.range.size
        known = after
        // Each transaction has its own id; later ones of the same command get new ids.
        if hasGrown { surroundings.operation = nil }
        if let fault = committed.fault { surroundings.notice(.savedDespite(VaultError(fault))) }
        if committed.discardsSeals { emptyLog() }
        if hasGrown { settleInTime() }
        return committed.value
    }

    private func settleInTime() {
        isSettled = false
        if !settlesLater { settle() }
    }

    /// What a change leaves to be done, and its result need not wait for: the anchor is kept, and a log that grew long
    /// is cut. A process that is stopped before it has an older anchor, which is a true one.
    public func settle() {
        guard !isSettled else { return }
        isSettled = true
        keepAnchor()
        if logHoldsSeals { emptyLog() } else { file.shortenLog(cutting: settlesLater) }
    }

    /// Empties the write-ahead log after sealed bytes were replaced or destroyed. Where that fails, it is tried again with
    /// the next change; and SQLite empties the log when the last process closes the file.
    private func emptyLog() {
        do {
            try file.truncateLog()
            logHoldsSeals = false
        } catch {
            if !logHoldsSeals { surroundings.notice(.logNotEmptied(VaultError(error))) }
            logHoldsSeals = true
        }
    }

    /// Takes what this user's anchor says for what is known, after something else than this object has changed it.
    func relearn() throws(VaultError) {
        guard let anchor = try surroundings.anchors.load(id) else { return }
        known = KnownLedger(anchor)
    }

    func keepAnchor(replacing: Bool = false) {
        keep { anchors, anchor throws(VaultError) in try anchors.save(anchor, replacing: replacing) }
    }

    /// Remembers that all of the file was verified as far as it is known.
    func keepVerified() {
        keep { anchors, anchor throws(VaultError) in try anchors.saveVerified(anchor, file: path) }
    }

    private func keep(_ save: (AnchorStore, Anchor) throws(VaultError) -> Void) {
        do {
            try save(surroundings.anchors, known.anchor(seen: surroundings.now()))
        } catch {
            surroundings.notice(.anchorNotKept(error))
        }
    }
}
