import VaultCrypto
import VaultLedger
import VaultStore

/// What a verification collects while it reads entries and heads, to compare it with the rows afterwards.
struct LedgerScan {
    private var tiles: TileCheck
    /// The number of heads.
    private(set) var heads: UInt64 = 0
    /// The entries that sign a digest list.
    private var lists: Set<UInt64> = []
    /// The newest test of each connection's current secrets.
    private(set) var tests: [IdentifierKey: UInt64] = [:]
    /// The first entry.
    let first: UInt64

    /// Creates a scan of the whole ledger.
    init() { (tiles, first) = (TileCheck(), 0) }

    /// Creates a scan of what follows a verified part.
    init(after range: CompactRange, _ rows: Rows) throws {
        (tiles, first) = (try TileCheck(after: range, rows), range.size)
    }

    /// Adds an entry that was added to the verifier.
    mutating func add(_ facts: EntryFacts, _ verifier: LedgerVerifier, _ rows: Rows) throws {
        try tiles.append(verifier.newest, rows)
        if facts.action.hasList { lists.insert(facts.seq) }
        if facts.action == .testedConnection, let owner = facts.owner,
            Entry(facts)?.change.details["label"] == nil
        {
            tests[owner] = facts.seq
        }
    }

    mutating func addHead() { heads += 1 }

    /// Differences between entries, tiles and digest lists, after the last entry.
    mutating func faults(_ rows: Rows, size: UInt64) throws -> [Tampering] {
        try tiles.finish(rows)
        let count = try rows.entryCount()
        if count != size { return [.entryCutOut(expected: size, found: count)] }
        let stored = try rows.digestLists(in: first..<UInt64(Int64.max))
        var planted = stored.filter { !lists.contains($0) }
        // A row with a negative number.
        if first == 0, try rows.countDigestLists() != stored.count { planted.append(size) }
        return (tiles.isWhole ? [] : [.treeDamaged(size: size)]) + planted.map { .digestList(seq: $0) }
    }
}
