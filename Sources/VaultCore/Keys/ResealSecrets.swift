import Dispatch
import VaultCrypto
import VaultLedger
import VaultMemory
import VaultStore
import VaultText

extension Vault {
    /// Reseals every row of the old epoch under the new one. Rows that do not open are skipped, and reported at the end.
    ///
    /// - Parameter isResumed: Whether some rows were resealed before, so that the others have to be counted.
    /// - Throws: `interrupted`; `secretsNotResealed` with the skipped rows.
    func reseal(from old: UInt64, to new: UInt64, isResumed: Bool, as session: Session) throws {
        let keys = try read { rows in
            (old: try session.masterKey(old, known, rows), new: try session.masterKey(new, known, rows))
        }
        let workers = (0..<Self.workerCount).map { _ in
            keys.old.key.withKey { old in
                keys.new.key.withKey { new in
                    ResealWorker(from: old, to: new, epoch: keys.new.key.epoch, vault: id)
                }
            }
        }
        let total = try file.read { try isResumed ? $0.countSecrets(notOf: new) : $0.countSecrets() }
        let log = BackgroundCheckpointer(try VaultFile.open(path))
        defer { log.wait() }
        var progress = ResealProgress()
        if ReplayedOwners.isCheaper(entries: size, than: total) { progress.owners = ReplayedOwners() }
        while !progress.isDone {
            guard !surroundings.isCancelled() else { throw VaultError.interrupted }
            var next = progress
            try change(as: session) { transaction in
                next = progress
                transaction.checks.listIndex = next.listIndex
                try next.owners?.extend(transaction.rows, transaction.ledger)
                transaction.checks.replayed = next.owners
                try resealChunks(&transaction, to: new, on: workers, &next)
            }
            progress = next
            log.checkpoint()
            surroundings.notice(.progress(.sealing, done: UInt64(progress.count), of: UInt64(total)))
        }
        let bad = progress.bad
        guard bad.isEmpty else { throw VaultError.masterKey(.secretsNotResealed(bad, left: bad.count)) }
    }

    /// Reseals the chunks of one transaction: the workers seal, while this thread reads the next chunk and writes the
    /// previous one.
    private func resealChunks(
        _ transaction: inout Transaction, to epoch: UInt64, on workers: [ResealWorker],
        _ progress: inout ResealProgress
    ) throws {
        // If the transaction fails, the workers still have to finish their chunks.
        defer { for worker in workers { worker.wait() } }
        var busy: [ResealWorker] = []
        for number in 0..<chunksInTransaction {
            let chunk = try transaction.rows.secretsToReseal(
                to: epoch, after: progress.after, limit: DigestList.maximumCount)
            guard let last = chunk.last else {
                progress.isDone = true
                break
            }
            progress.after = last.id
            if busy.count == workers.count {
                try transaction.write(busy.removeFirst(), epoch, &progress)
            }
            let worker = workers[number % workers.count]
            worker.start(try transaction.signed(chunk))
            busy.append(worker)
        }
        for worker in busy { try transaction.write(worker, epoch, &progress) }
    }

    private static let workerCount = 2
}

extension Transaction {
    /// Pairs each row with what the ledger says about its sealed bytes. Only signed bytes may be resealed, since the digest
    /// of the result is signed.
    fileprivate func signed(_ chunk: [SealedRow]) throws -> [SignedRow] {
        try chunk.map { row in
            let owner = try IdentifierKey(bytes: row.owner).flatMap { try checks.owner($0, rows, ledger) }
            return SignedRow(
                row: row,
                signed: owner.flatMap { owner in
                    owner.place(row.field, row.version).map { owner.versions[$0] }
                })
        }
    }

    /// Writes what a worker has sealed, and the entry that signs the digests.
    fileprivate mutating func write(
        _ worker: ResealWorker, _ epoch: UInt64, _ progress: inout ResealProgress
    ) throws {
        worker.wait()
        for row in worker.bad {
            let name = try rows.owner(uid: row.owner)?.name ?? Hex.encode(row.owner)
            progress.bad.append("\(name): \(row.field)")
        }
        progress.count += worker.seals.count + worker.bad.count
        guard !worker.items.isEmpty else { return }
        let list = DigestList.encode(worker.items)
        try rows.reseal(worker.seals, epoch: epoch, list: ledger.range.size)
        try record(
            .resealSecrets, Entry.Object(.key, name: "epoch \(epoch)"), list: list, of: worker.items.count,
            details: ["epoch": .integer(Int64(epoch))])
    }

    /// Appends an entry with a digest list.
    mutating func record(
        _ action: Action, _ object: Entry.Object, list: [UInt8], of count: Int, details: JSON.Members = [:]
    ) throws {
        try rows.insertDigestList(ledger.range.size, list)
        var details = details
        details["list"] = .string(Hex.encode(Digest.sha256(list)))
        details["secrets"] = .integer(Int64(count))
        try record(action, object, Change(details: details))
    }
}

/// A row to reseal, and what the ledger says about it.
private struct SignedRow: Sendable {
    let row: SealedRow
    let signed: SealedVersion?

    var isAsSigned: Bool {
        guard let signed, !signed.isDeposit, let digest = signed.digest else { return false }
        guard signed.epoch == row.epoch else { return false }
        return unsafe row.sealed.withUnsafeBytes { unsafe Digest.sha256($0) } == digest
    }
}

/// The progress of a rotation: the last row that was read, and the secrets that do not open.
private struct ResealProgress {
    var after: Int64 = 0
    var count = 0
    var bad: [String] = []
    var isDone = false
    /// The digest lists so far; each transaction adds to it.
    let listIndex = DigestListIndex()
    /// Set if most owners are needed.
    var owners: ReplayedOwners?
}

/// Checkpoints the write-ahead log on another thread during a rotation. Without it the log would hold all secrets; on the
/// same thread it would take a fifth of the time.
private final class BackgroundCheckpointer: @unchecked Sendable {
    /// A second connection, since each may be used by only one thread at a time.
    private let file: VaultFile
    private let queue = DispatchQueue(label: "vault.log")

    init(_ file: VaultFile) { self.file = file }

    func checkpoint() { queue.async { self.file.checkpointLog(over: 0, truncating: false) } }

    func wait() { queue.sync {} }
}

/// Reseals chunks of rows on a worker thread. The results are valid after `wait`.
private final class ResealWorker: @unchecked Sendable {
    private var resealer: Resealer
    private let epoch: UInt64
    private let vault: [UInt8]
    private let queue = DispatchQueue(label: "vault.reseal")
    private var oldAAD: [UInt8] = []
    private var newAAD: [UInt8] = []
    private(set) var seals = RowBlobs()
    /// The digests of the new seals, for the ledger.
    private(set) var items: [DigestList.Item] = []
    /// The rows of the last chunk that did not open.
    private(set) var bad: [SealedRow] = []

    init(from old: borrowing SecretBytes, to new: borrowing SecretBytes, epoch: UInt64, vault: [UInt8]) {
        resealer = Resealer(from: old, to: new, purpose: .secret)
        self.epoch = epoch
        self.vault = vault
    }

    /// Starts resealing a chunk, and discards the results of the previous one.
    func start(_ chunk: [SignedRow]) { queue.async { self.reseal(chunk) } }

    func wait() { queue.sync {} }

    private func reseal(_ chunk: [SignedRow]) {
        seals.removeAll()
        items.removeAll(keepingCapacity: true)
        bad = []
        for row in chunk {
            guard row.isAsSigned else {
                bad.append(row.row)
                continue
            }
            do { try reseal(row.row) } catch { bad.append(row.row) }
        }
    }

    private func reseal(_ row: SealedRow) throws {
        var address = SecretAddress(
            vault: vault, owner: row.owner, field: row.field, version: row.version, epoch: row.epoch,
            settingsDigest: row.settingsDigest)
        address.write(into: &oldAAD)
        address.epoch = epoch
        address.write(into: &newAAD)
        try unsafe row.sealed.withUnsafeBytes { blob in
            try unsafe oldAAD.withUnsafeBytes { oldAAD in
                try unsafe newAAD.withUnsafeBytes { newAAD in
                    try unsafe resealer.reseal(blob, oldAAD: oldAAD, newAAD: newAAD) {
                        unsafe seals.append($0, of: row.id)
                        items.append(
                            DigestList.Item(
                                owner: IdentifierKey(bytes: row.owner)!, field: row.field,
                                version: row.version,
                                epoch: epoch, digest: unsafe Digest.sha256($0)))
                    }
                }
            }
        }
    }
}
