import Dispatch
import VaultCrypto
import VaultLedger
import VaultMemory
import VaultStore

extension Vault {
    /// Seals every row of the old epoch again. A row that does not open is left and named, and the rest go on.
    ///
    /// `isResumed`: some of them were sealed before, and those that are left have to be counted one by one.
    func reseal(from old: UInt64, to new: UInt64, isResumed: Bool, as session: Session) throws {
        let keys = try read { rows in
            (old: try session.masterKey(old, known, rows), new: try session.masterKey(new, known, rows))
        }
        let benches = (0..<Self.benches).map { _ in
            keys.old.key.withKey { old in
                keys.new.key.withKey { new in
                    ResealBench(from: old, to: new, epoch: keys.new.key.epoch, vault: id)
                }
            }
        }
        let total = try file.read { try isResumed ? $0.countSecrets(notOf: new) : $0.countSecrets() }
        let log = LogBehind(try VaultFile.open(path))
        defer { log.finish() }
        var progress = ResealProgress()
        if ReplayedOwners.isCheaper(entries: size, than: total) { progress.owners = ReplayedOwners() }
        while !progress.isDone {
            guard !surroundings.isCancelled() else { throw VaultError.interrupted }
            var next = progress
            try change(as: session) { transaction in
                next = progress
                transaction.checks.directory = next.directory
                try next.owners?.extend(transaction.rows, transaction.ledger)
                transaction.checks.replayed = next.owners
                try resealChunks(&transaction, to: new, on: benches, &next)
            }
            progress = next
            log.bringIn()
            surroundings.notice(.progress(.sealing, done: UInt64(progress.count), of: UInt64(total)))
        }
        let bad = progress.bad
        guard bad.isEmpty else { throw VaultError.rowsNotResealed(bad, left: bad.count) }
    }

    /// Seals what one transaction takes: the benches do so on threads of their own, while this one reads the chunk behind
    /// and writes the one before.
    private func resealChunks(
        _ transaction: inout Transaction, to epoch: UInt64, on benches: [ResealBench],
        _ progress: inout ResealProgress
    ) throws {
        // A chunk that is lost with the transaction is still the bench's until it is finished.
        defer { for bench in benches { bench.finish() } }
        var working: [ResealBench] = []
        for number in 0..<chunksInTransaction {
            let chunk = try transaction.rows.secretsToReseal(
                to: epoch, after: progress.after, limit: DigestList.most)
            guard let last = chunk.last else {
                progress.isDone = true
                break
            }
            progress.after = last.id
            if working.count == benches.count {
                try transaction.write(working.removeFirst(), epoch, &progress)
            }
            let bench = benches[number % benches.count]
            bench.begin(try transaction.signed(chunk))
            working.append(bench)
        }
        for bench in working { try transaction.write(bench, epoch, &progress) }
    }

    /// How many threads seal, while this one keeps the transaction.
    private static let benches = 2
}

extension Transaction {
    /// Each row with what the ledger says of its sealed bytes: what is sealed again must be what was signed, since the
    /// digest of the new seal is signed for it.
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

    /// Writes what a bench has sealed, and the entry that signs the digests.
    fileprivate mutating func write(
        _ bench: ResealBench, _ epoch: UInt64, _ progress: inout ResealProgress
    ) throws {
        bench.finish()
        for row in bench.bad {
            let name = try rows.owner(uid: row.owner)?.name ?? Hex.encode(row.owner)
            progress.bad.append("\(name): \(row.field)")
        }
        progress.count += bench.seals.count + bench.bad.count
        guard !bench.items.isEmpty else { return }
        let list = DigestList.encode(bench.items)
        try rows.reseal(bench.seals, epoch: epoch, list: ledger.range.size)
        try record(
            .resealSecrets, Entry.Object(.key, name: "epoch \(epoch)"), list: list, of: bench.items.count,
            details: ["epoch": .integer(Int64(epoch))])
    }

    /// Adds an entry with a digest list, and the list.
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

/// A row that is to be sealed again, and what the ledger says of it.
private struct SignedRow: Sendable {
    let row: SealedRow
    let signed: SealedVersion?

    var isAsSigned: Bool {
        guard let signed, !signed.isDeposit, let digest = signed.digest else { return false }
        guard signed.epoch == row.epoch else { return false }
        return unsafe row.sealed.withUnsafeBytes { unsafe Digest.sha256($0) } == digest
    }
}

/// How far a rotation has come: the number of the last row, and the secrets that do not open.
private struct ResealProgress {
    var after: Int64 = 0
    var count = 0
    var bad: [String] = []
    var isDone = false
    /// The lists of the rotation so far, which each transaction adds to.
    let directory = ListDirectory()
    /// All owners, where most of them are needed.
    var owners: ReplayedOwners?
}

/// Brings the write-ahead log into the file behind each transaction, while the next one goes on: the log would grow as long
/// as all secrets, and to wait for it takes a fifth of the time.
private final class LogBehind: @unchecked Sendable {
    /// The file once more: a connection serves one thread at a time.
    private let file: VaultFile
    private let thread = DispatchQueue(label: "vault.log")

    init(_ file: VaultFile) { self.file = file }

    func bringIn() { thread.async { self.file.shortenLog(over: 0, cutting: false) } }

    func finish() { thread.sync {} }
}

/// A resealer with its buffers and its thread, for a whole rotation. What it has made is there after `finish`.
private final class ResealBench: @unchecked Sendable {
    private var resealer: Resealer
    private let epoch: UInt64
    private let vault: [UInt8]
    private let thread = DispatchQueue(label: "vault.reseal")
    private var oldAAD: [UInt8] = []
    private var newAAD: [UInt8] = []
    private(set) var seals = RowBlobs()
    /// What the new seals are, for the ledger.
    private(set) var items: [DigestList.Item] = []
    /// The rows of the last chunk that did not open.
    private(set) var bad: [SealedRow] = []

    init(from old: borrowing SecretBytes, to new: borrowing SecretBytes, epoch: UInt64, vault: [UInt8]) {
        resealer = Resealer(from: old, to: new, purpose: .secret)
        self.epoch = epoch
        self.vault = vault
    }

    /// Begins to seal some rows again; the chunk before is forgotten.
    func begin(_ chunk: [SignedRow]) { thread.async { self.reseal(chunk) } }

    func finish() { thread.sync {} }

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
