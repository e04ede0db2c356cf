import Dispatch
import VaultCrypto
import VaultMemory
import VaultStore

extension Vault {
    /// Seals every row of the old epoch again. A row that does not open is left and named, and the rest go on.
    func reseal(from old: UInt64, to new: UInt64, as session: Session) throws {
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
        let total = try file.read { try $0.countSecretsByEpoch() }.reduce(0) {
            $0 + ($1.epoch != new ? $1.count : 0)
        }
        var progress = ResealProgress()
        while !progress.isDone {
            guard !surroundings.isCancelled() else { throw VaultError.interrupted }
            try file.write { rows in
                for _ in 0..<chunksInTransaction where !progress.isDone {
                    try resealChunk(rows, to: new, on: benches, &progress)
                }
            }
            surroundings.notice(.progress(.sealing, done: UInt64(progress.count), of: UInt64(total)))
        }
        let bad = progress.bad
        guard bad.isEmpty else { throw VaultError.rowsNotResealed(bad, left: bad.count) }
    }

    private func resealChunk(
        _ rows: Rows, to epoch: UInt64, on benches: [ResealBench], _ progress: inout ResealProgress
    ) throws {
        let chunk = try rows.secretsToReseal(to: epoch, after: progress.after, limit: Self.chunk)
        let share = (chunk.count + benches.count - 1) / benches.count
        DispatchQueue.concurrentPerform(iterations: benches.count) { number in
            benches[number].reseal(chunk.dropFirst(number * share).prefix(share))
        }
        for bench in benches {
            try bench.forEachBlob { id, blob in try rows.reseal(id, epoch: epoch, sealed: blob) }
            for row in bench.bad {
                let name = try rows.owner(uid: row.owner)?.name ?? Hex.encode(row.owner)
                progress.bad.append("\(name): \(row.field)")
            }
        }
        progress.count += chunk.count
        if let last = chunk.last { progress.after = last.id } else { progress.isDone = true }
    }

    /// How many threads seal, while this one keeps the transaction.
    private static let benches = 2
    /// Rows that are in memory at once; a transaction takes `chunksInTransaction` times as many.
    private static let chunk = 1000
}

/// How far a rotation has come: the number of the last row, and the secrets that do not open.
private struct ResealProgress {
    var after: Int64 = 0
    var count = 0
    var bad: [String] = []
    var isDone = false
}

/// A resealer with its buffers: one for a whole rotation, and for one thread at a time.
private final class ResealBench: @unchecked Sendable {
    private var resealer: Resealer
    private let epoch: UInt64
    private let vault: [UInt8]
    private var oldAAD: [UInt8] = []
    private var newAAD: [UInt8] = []
    /// The new blobs one after the other, and where each row's ends.
    private var blobs: [UInt8] = []
    private var ends: [(row: Int64, end: Int)] = []
    /// The rows of the last share that did not open.
    private(set) var bad: [SealedRow] = []

    init(from old: borrowing SecretBytes, to new: borrowing SecretBytes, epoch: UInt64, vault: [UInt8]) {
        resealer = Resealer(from: old, to: new, purpose: .secret)
        self.epoch = epoch
        self.vault = vault
    }

    /// Seals some rows again; the share before is forgotten.
    func reseal(_ share: ArraySlice<SealedRow>) {
        blobs.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        bad = []
        for row in share {
            do {
                try reseal(row)
                ends.append((row.id, blobs.count))
            } catch {
                bad.append(row)
            }
        }
    }

    func forEachBlob(_ body: (Int64, [UInt8]) throws -> Void) rethrows {
        var start = 0
        for (row, end) in ends {
            try body(row, Array(blobs[start..<end]))
            start = end
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
                        unsafe blobs.append(contentsOf: $0)
                    }
                }
            }
        }
    }
}
