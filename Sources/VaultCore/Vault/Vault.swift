import VaultCrypto
public import VaultLedger
import VaultStore
import VaultText

/// An open vault, verified up to its newest entry.
///
/// Every transaction, read or write, first verifies the entries that were added since the last one, so an operation
/// never acts on unsigned rows. Not thread-safe.
public final class Vault {
    /// The path of the vault's file.
    public let path: String
    let file: VaultFile
    /// The environment of the current operation. A server sets it for each request.
    public var surroundings: Surroundings
    /// The number of chunks that one transaction of a rotation seals: a few tenths of a second of work, so that other
    /// commands wait only briefly and the disk is not synced every few rows.
    var chunksInTransaction = 100

    /// Whether the caller calls `settle` after it has returned the result of a change. Such a caller also keeps the
    /// file open, so the write-ahead log is truncated when it is checkpointed.
    public var settlesLater = false
    private var isSettled = true
    /// Whether the write-ahead log holds sealed bytes that were replaced or destroyed.
    private var logHoldsStaleSecrets = false

    /// The verified part of the ledger.
    var known: KnownLedger

    init(file: VaultFile, surroundings: Surroundings, known: KnownLedger) {
        path = file.path
        (self.file, self.surroundings, self.known) = (file, surroundings, known)
    }

    /// Why this vault is read-only, or nil if it is not: other users may reach this copy, the disk is full, or the
    /// file system is read-only.
    public var exposure: VaultError? { file.exposure.map { VaultError($0) } }

    /// The vault's identifier: the SHA-256 digest of its first entry.
    public var id: [UInt8] { known.vault }
    /// The state that the verified entries describe.
    public var state: LedgerState { known.state }
    /// The number of verified entries.
    public var size: UInt64 { known.range.size }

    /// Opens a vault and verifies the entries that this user has not seen; at first contact, the whole ledger.
    ///
    /// - Throws: `noVault`, `unsafePath`, `notAVault`, `tooNew`, `alteredSchema`, `damaged`, `busy` or `io` if the file
    ///   can't be used; `anchorDamaged`; `rolledBack` or `forked` if the vault contradicts this user's anchor; `ledger`
    ///   for an invalid entry or head.
    public static func open(_ path: String, _ surroundings: Surroundings) throws(VaultError) -> Vault {
        try VaultError.catching {
            let file = try VaultFile.open(path)
            if case .unsafePath(let path, let why, _)? = file.exposure {
                surroundings.notice(.exposed(path: path, why: why))
            }
            let vault = try unseen(file, surroundings)
            let anchor = try surroundings.anchors.load(vault.id)
            if let anchor { vault.known = KnownLedger(anchor) }
            do { try vault.read { _ in } } catch let error as VaultError {
                switch error {
                case .integrity(.rolledBack), .integrity(.forked):
                    if let accepted = try resumeAcceptance(path, anchor, surroundings) { return accepted }
                default: break
                }
                throw error
            }
            if anchor == nil { surroundings.notice(.firstContact(entries: vault.size)) }
            return vault
        }
    }

    /// Opens a vault without reading or writing its anchor.
    static func unseen(_ file: VaultFile, _ surroundings: Surroundings) throws -> Vault {
        guard let first = try file.read({ try $0.entry(0) }) else {
            throw VaultError.integrity(.ledger(.noBeginning))
        }
        let known = KnownLedger(vault: Digest.sha256(first))
        return Vault(file: file, surroundings: surroundings, known: known)
    }

    /// Adopts the result of verifying the whole ledger. Nothing must be known yet.
    func adopt(_ found: KnownLedger) {
        precondition(known.range.size == 0, "a known ledger must not be replaced")
        known = found
    }

    /// Compares the known ledger with the result of another verification, which may know more about who acted last.
    ///
    /// - Throws: `forked` if they differ.
    func confirm(_ range: CompactRange, _ state: LedgerState) throws(VaultError) {
        guard range == known.range, state.agrees(with: known.state) else {
            throw .integrity(.forked(size: size, at: known.seen ?? surroundings.now()))
        }
        guard known.state != state else { return }
        known.state = state
        saveAnchor()
    }

    /// Verifies new entries, then runs `body` in a read transaction. Converts the errors of the storage only, since `body`
    /// may call a caller's callback.
    func read<T>(_ body: (Rows) throws -> T) throws -> T {
        let before = size
        let result: T
        do {
            result = try file.read { rows in
                known = try known.caughtUp(with: rows, surroundings.notice)
                return try body(rows)
            }
        } catch let error as StoreError {
            throw VaultError(error)
        }
        if size > before { settleUnlessDeferred() }
        return result
    }

    /// Checks that no entry is missing, by counting them.
    ///
    /// - Throws: `tampered` if their number is not that of the newest head; the errors of verifying new entries.
    public func checkLedgerIsComplete() throws(VaultError) {
        try VaultError.catching { try read { try LedgerChecks().checkComplete($0, known) } }
    }

    /// Runs one transaction of a member: rows, entries and one signed head, or nothing.
    ///
    /// If `body` throws a refusal, that is recorded in a second transaction and thrown. `body` runs a second time if it
    /// needs a secret that was deposited after the member unlocked, which is sealed first, or if the search index is
    /// unusable, which is rebuilt first (case 100).
    ///
    /// - Parameter isRepeatable: Whether `body` may run again after the search index was rebuilt.
    /// - Throws: The error of `body`; `noLongerMember`; the errors of verifying new entries and of the commit.
    func change<T>(
        as session: Session, isRepeatable: Bool = true, _ body: (inout Transaction) throws -> T
    ) throws -> T {
        var uncovered: [String] = []
        func perform(_ transaction: inout Transaction) throws -> T {
            uncovered = try transaction.coverSecrets(surroundings.notice) ?? []
            let result = try body(&transaction)
            try transaction.destroyPastOverlap()
            return result
        }
        do {
            let result: T
            do {
                result = try commit(as: session, perform)
            } catch VaultError.input(.depositUnusable) where !session.isDepositing {
                _ = try SealDeposits().perform(in: self, as: session)
                result = try commit(as: session, perform)
            } catch StoreError.searchIndex {
                try repairSearchIndex()
                guard isRepeatable else { throw VaultError.file(.searchIndex(isRebuilt: true)) }
                surroundings.notice(.searchIndexRebuilt)
                result = try commit(as: session, perform)
            }
            if !uncovered.isEmpty { surroundings.notice(.secretsUncovered(uncovered)) }
            return result
        } catch let error as VaultError {
            if let refusal = error.refusal { try commit(as: session) { try $0.record(refusal) } }
            throw error
        }
    }

    /// Commits a transaction of a member. Nothing else does, so one rule holds everywhere: an error means that nothing
    /// changed (or is `outcomeUnknown`), and a failure after COMMIT is only a warning.
    private func commit<T>(as session: Session, _ body: (inout Transaction) throws -> T) throws -> T {
        var after = known
        var begun: (seq: UInt64, operation: Identifier)?
        let committed = try file.write(isWritten: { rows in
            try begun.map { try rows.isEntry($0.seq, of: $0.operation) } ?? false
        }) { rows in
            after = try known.caughtUp(with: rows, surroundings.notice)
            guard let member = after.state.member(session.member.id), member.signKey == session.member.signKey
            else { throw VaultError.access(.noLongerMember(name: session.member.name)) }
            var transaction = Transaction(
                rows: rows, ledger: after, session: session, surroundings: surroundings, member: member)
            try transaction.checks.checkComplete(rows, after)
            begun = (after.range.size, transaction.operation)
            let result = try body(&transaction)
            try transaction.close()
            after = transaction.ledger
            return result
        }
        let hasGrown = after.range.size > known.range.size
        known = after
        // A given id is for one transaction only.
        if hasGrown { surroundings.operation = nil }
        if let fault = committed.fault { surroundings.notice(.savedDespite(VaultError(fault))) }
        if committed.discardsSealedBytes { truncateLog() }
        if hasGrown { settleUnlessDeferred() }
        return committed.value
    }

    private func settleUnlessDeferred() {
        isSettled = false
        if !settlesLater { settle() }
    }

    /// Finishes the work after a change that its result need not wait for: saves the anchor, and checkpoints a long
    /// write-ahead log. If the process stops before, the anchor is older but still valid.
    public func settle() {
        guard !isSettled else { return }
        isSettled = true
        saveAnchor()
        if logHoldsStaleSecrets { truncateLog() } else { file.checkpointLog(truncating: settlesLater) }
    }

    /// Truncates the write-ahead log after sealed bytes were replaced or destroyed. If that fails, the next change
    /// tries again, and SQLite truncates the log when the last process closes the file.
    private func truncateLog() {
        do {
            try file.truncateLog()
            logHoldsStaleSecrets = false
        } catch {
            if !logHoldsStaleSecrets { surroundings.notice(.logNotEmptied(VaultError(error))) }
            logHoldsStaleSecrets = true
        }
    }

    /// What this user has seen of the vault now.
    var anchor: Anchor { known.anchor(seen: surroundings.now()) }

    func saveAnchor(replacing: Bool = false) {
        do { try surroundings.anchors.save(anchor, replacing: replacing) } catch {
            surroundings.notice(.anchorNotKept(error))
        }
    }

    /// Records that the whole file was verified up to the end of the known ledger.
    func saveVerified() {
        do { try surroundings.anchors.saveVerified(anchor, file: path) } catch {
            surroundings.notice(.anchorNotKept(error))
        }
    }

    /// Quotes a path for a shell, for commands that are shown to be pasted.
    public static func quoted(_ path: String) -> String { ShellWord.quoted(path) }

    /// A short hash of a path, for the names of files that belong to the vault at that path.
    public static func word(forPath path: String) -> String {
        Hex.encode(Array(Digest.sha256(Array(path.utf8)).prefix(8)))
    }
}
