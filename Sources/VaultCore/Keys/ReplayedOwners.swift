import Dispatch
import VaultCrypto
import VaultLedger
import VaultStore

/// Every owner as the ledger says it is, for work that needs most of them: the entries read once, in their order, where to
/// look each owner up would take several times as long.
///
/// The entries are not verified again: they must make the tree that was verified. Of several transactions each reads what came
/// since the one before.
final class ReplayedOwners {
    private var table = OwnerTable()
    private var range = CompactRange()
    private let benches = (0..<2).map { _ in FactsBench() }

    /// Whether reading all entries costs less than to look so many secrets up.
    static func isCheaper(entries: UInt64, than secrets: Int) -> Bool { entries / 3 <= UInt64(secrets) }

    func owner(_ key: IdentifierKey) -> SealedOwner? { table[key] }
    func keep(_ owner: SealedOwner, _ key: IdentifierKey) { table[key] = owner }

    /// Reads on up to the verified end of the ledger.
    func extend(_ rows: Rows, _ ledger: KnownLedger) throws {
        guard range.size < ledger.range.size else { return }
        defer { for bench in benches { bench.finish() } }
        var chunk: [[UInt8]] = []
        var working: [FactsBench] = []
        var number = 0
        func hand() throws {
            guard !chunk.isEmpty else { return }
            if working.count == benches.count { try take(working.removeFirst(), rows) }
            let bench = benches[number % benches.count]
            bench.begin(chunk)
            working.append(bench)
            (chunk, number) = ([], number + 1)
        }
        try rows.forEachEntry(in: range.size..<ledger.range.size) { _, bytes in
            chunk.append(bytes)
            if chunk.count == FactsBench.most { try hand() }
        }
        try hand()
        for bench in working { try take(bench, rows) }
        guard range == ledger.range else { throw VaultError.tampered(.treeDamaged(size: range.size)) }
    }

    private func take(_ bench: FactsBench, _ rows: Rows) throws {
        bench.finish()
        for (facts, leaf) in bench.found {
            range.append(leaf)
            guard let facts else { throw VaultError.tampered(.entryAltered(seq: range.size - 1)) }
            try follow(facts, rows)
        }
    }

    private func follow(_ facts: EntryFacts, _ rows: Rows) throws {
        if let key = facts.owner, facts.state != nil {
            table[key] = SealedOwner(
                kind: facts.kind, isRemoved: facts.action.isRemoval, versions: facts.versions)
        } else if facts.action.hasList {
            guard let bytes = try rows.digestList(facts.seq), facts.list == Digest.sha256(bytes),
                let list = DigestList(bytes)
            else { throw VaultError.tampered(.digestList(seq: facts.seq)) }
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

/// Reads and hashes entries on a thread of its own.
private final class FactsBench: @unchecked Sendable {
    static let most = 1024
    private var reader = EntryReader()
    private let thread = DispatchQueue(label: "vault.entries")
    private(set) var found: [(facts: EntryFacts?, leaf: Hash)] = []

    func begin(_ entries: [[UInt8]]) {
        thread.async {
            self.found.removeAll(keepingCapacity: true)
            for bytes in entries { self.found.append((self.reader.read(bytes), TreeHash.leaf(bytes))) }
        }
    }

    func finish() { thread.sync {} }
}
