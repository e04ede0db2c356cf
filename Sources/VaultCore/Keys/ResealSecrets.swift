import Dispatch
import VaultCrypto
import VaultLedger
import VaultMemory
import VaultStore
import VaultText

extension Vault {
    /// Reseals every row of the old epoch under the new one. Rows that do not open are skipped, and reported at the end.
    ///
    /// - Throws: `interrupted`; `secretsNotResealed` with the skipped rows.
    func reseal(from old: UInt64, to new: UInt64, as session: Session) throws {
        let keys = try read { rows in
            (old: try session.masterKey(old, known, rows), new: try session.masterKey(new, known, rows))
        }
        let workers = (0..<2).map { _ in
            keys.old.key.withKey { old in
                keys.new.key.withKey { new in
                    ResealWorker(from: old, to: new, epoch: keys.new.key.epoch, vault: id)
                }
            }
        }
        let total = try file.read { try $0.countSecrets(notOf: new) }
        var progress = ResealProgress()
        if OwnerReader.isCheaper(entries: size, than: total) { progress.owners = OwnerReader() }
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
            // An agent settles after its answer; the write-ahead log would hold all secrets until then.
            settle()
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
}

extension Transaction {
    /// Pairs each row with the signed digest of its seal. Only signed bytes may be resealed, since the digest of the result
    /// is signed.
    fileprivate func signed(_ chunk: [SealedRow]) throws -> [(row: SealedRow, digest: Hash?)] {
        try chunk.map { row in
            guard let key = IdentifierKey(bytes: row.owner), let owner = try checks.owner(key, rows, ledger),
                let place = owner.place(row.field, row.version)
            else { return (row, nil) }
            let signed = owner.versions[place]
            return (row, signed.isDeposit || signed.epoch != row.epoch ? nil : signed.digest)
        }
    }

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

/// The progress of a rotation: the last row that was read, and the secrets that do not open.
private struct ResealProgress {
    var after: Int64 = 0
    var count = 0
    var bad: [String] = []
    var isDone = false
    /// The digest lists so far; each transaction adds to it.
    let listIndex = DigestListIndex()
    /// Set if most owners are needed.
    var owners: OwnerReader?
}

/// Reseals chunks of rows on a worker thread. The results are valid after `wait`.
private final class ResealWorker: @unchecked Sendable {
    private var resealer: Resealer
    private let epoch: UInt64
    private let vault: [UInt8]
    private let queue = DispatchQueue(label: "vault.reseal")
    /// The new seals by row ID.
    private(set) var seals: [Int64: [UInt8]] = [:]
    private(set) var items: [DigestList.Item] = []
    private(set) var bad: [SealedRow] = []

    init(from old: borrowing SecretBytes, to new: borrowing SecretBytes, epoch: UInt64, vault: [UInt8]) {
        resealer = Resealer(from: old, to: new, purpose: .secret)
        self.epoch = epoch
        self.vault = vault
    }

    /// Starts resealing a chunk, and discards the results of the previous one.
    func start(_ chunk: [(row: SealedRow, digest: Hash?)]) { queue.async { self.reseal(chunk) } }

    func wait() { queue.sync {} }

    private func reseal(_ chunk: [(row: SealedRow, digest: Hash?)]) {
        seals.removeAll(keepingCapacity: true)
        items.removeAll(keepingCapacity: true)
        bad = []
        for (row, digest) in chunk {
            let found = unsafe row.sealed.withUnsafeBytes { unsafe Digest.sha256($0) }
            if found != digest || (try? reseal(row)) == nil { bad.append(row) }
        }
    }

    private func reseal(_ row: SealedRow) throws {
        var address = SecretAddress(
            vault: vault, owner: row.owner, field: row.field, version: row.version, epoch: row.epoch,
            settingsDigest: row.settingsDigest)
        let oldAAD = address.aad
        address.epoch = epoch
        let seal = try resealer.reseal(row.sealed, oldAAD: oldAAD, newAAD: address.aad)
        seals[row.id] = seal
        items.append(
            DigestList.Item(
                owner: IdentifierKey(bytes: row.owner)!, field: row.field, version: row.version, epoch: epoch,
                digest: unsafe seal.withUnsafeBytes { unsafe Digest.sha256($0) }))
    }
}
