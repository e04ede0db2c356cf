import Dispatch
import VaultCrypto
import VaultLedger
import VaultStore

/// All owners as the ledger describes them, for work that needs most of them: reading all entries once is several times
/// faster than looking up each owner.
///
/// The entries are not verified again, but must hash to the verified tree. Each call of `extend` reads only newer entries.
final class OwnerReader {
    private var table: [IdentifierKey: SealedOwner] = [:]
    private var range = CompactRange()
    private let workers = (0..<2).map { _ in EntryWorker() }

    /// Whether reading all entries is cheaper than looking up the owners of this many secrets.
    static func isCheaper(entries: UInt64, than secrets: Int) -> Bool { entries / 3 <= UInt64(secrets) }

    func owner(_ key: IdentifierKey) -> SealedOwner? { table[key] }
    func keep(_ owner: SealedOwner, _ key: IdentifierKey) { table[key] = owner }

    /// Reads newer entries, up to the verified end of the ledger.
    func extend(_ rows: Rows, _ ledger: KnownLedger) throws {
        guard range.size < ledger.range.size else { return }
        defer { for worker in workers { worker.wait() } }
        var chunk: [[UInt8]] = []
        var busy: [EntryWorker] = []
        var number = 0
        func submit() throws {
            guard !chunk.isEmpty else { return }
            if busy.count == workers.count { try collect(busy.removeFirst(), rows) }
            let worker = workers[number % workers.count]
            worker.start(chunk)
            busy.append(worker)
            (chunk, number) = ([], number + 1)
        }
        try rows.forEachEntry(in: range.size..<ledger.range.size) { _, bytes in
            chunk.append(bytes)
            if chunk.count == EntryWorker.chunkSize { try submit() }
        }
        try submit()
        for worker in busy { try collect(worker, rows) }
        guard range == ledger.range else {
            throw VaultError.integrity(.tampered(.treeDamaged(size: range.size)))
        }
    }

    private func collect(_ worker: EntryWorker, _ rows: Rows) throws {
        worker.wait()
        for (facts, leaf) in worker.results {
            range.append(leaf)
            guard let facts else { throw VaultError.integrity(.tampered(.entryAltered(seq: range.size - 1))) }
            try apply(facts, rows)
        }
    }

    private func apply(_ facts: EntryFacts, _ rows: Rows) throws {
        if let key = facts.owner, facts.action.recordsState {
            table[key] = SealedOwner(
                kind: facts.kind, isRemoved: facts.action.isRemoval, versions: facts.versions)
        } else if facts.action.hasList {
            guard let bytes = try rows.digestList(facts.seq), facts.list == Digest.sha256(bytes),
                let list = DigestList(bytes)
            else { throw VaultError.integrity(.tampered(.digestList(seq: facts.seq))) }
            for item in list.items {
                guard var owner = table[item.owner], let place = owner.place(item.field, item.version) else {
                    continue
                }
                let version = owner.versions[place]
                owner.versions[place] = version.listed(item, at: facts.seq, isDeposit: version.isDeposit)
                table[item.owner] = owner
            }
        }
    }
}

/// Parses and hashes chunks of entries on a worker thread. `results` is valid after `wait`.
private final class EntryWorker: @unchecked Sendable {
    static let chunkSize = 1024
    private let queue = DispatchQueue(label: "vault.entries")
    private(set) var results: [(facts: EntryFacts?, leaf: Hash)] = []

    func start(_ entries: [[UInt8]]) {
        queue.async {
            self.results.removeAll(keepingCapacity: true)
            for bytes in entries { self.results.append((EntryFacts(bytes: bytes), TreeHash.leaf(bytes))) }
        }
    }

    func wait() { queue.sync {} }
}
