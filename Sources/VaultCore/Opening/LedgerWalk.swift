import VaultLedger
import VaultStore

/// Reads a ledger on from where a verifier stands, entry by entry and head by head, up to its end.
///
/// Two statements for all of it, and signatures on another core. `entry` sees each entry after it was added, `head` each
/// head after its entries were replayed.
struct LedgerWalk {
    let rows: Rows
    let size: UInt64
    var verifier: LedgerVerifier
    let history: FileHistory

    mutating func run(
        entry: (LedgerVerifier, EntryFacts) throws -> Void, head: (LedgerVerifier, Rows.Head) throws -> Void
    ) throws {
        var checks = HeadChecks.Feed(HeadChecks())
        do {
            try read(&checks, entry, head)
        } catch {
            // A fault of a head before this place is the earlier one.
            try checks.finish()
            throw error
        }
        try checks.finish()
        try verifier.end()
    }

    private mutating func read(
        _ checks: inout HeadChecks.Feed, _ entry: (LedgerVerifier, EntryFacts) throws -> Void,
        _ head: (LedgerVerifier, Rows.Head) throws -> Void
    ) throws {
        var heads = HeadSupply(rows: rows, after: verifier.next)
        var next = try heads.next()
        try rows.forEachEntry(in: verifier.next..<size) { _, bytes in
            let facts = try verifier.accept(bytes)
            try history.check()
            try entry(verifier, facts)
            while let reached = next, reached.size <= verifier.next {
                checks.add(try verifier.accept(head: reached.note))
                try head(verifier, reached)
                next = try heads.next()
            }
        }
        guard let left = next else { return }
        throw VaultError.ledger(
            left.size > size
                ? .headOutOfPlace(size: left.size, entries: size)
                : .outOfOrder(expected: verifier.next, found: left.size))
    }
}

/// The heads in their order, some hundred at a time.
private struct HeadSupply {
    private static let chunk = 512
    let rows: Rows
    private var after: UInt64
    private var held: ArraySlice<Rows.Head> = []

    init(rows: Rows, after size: UInt64) {
        self.rows = rows
        after = size
    }

    mutating func next() throws -> Rows.Head? {
        if held.isEmpty {
            held = try rows.heads(after: after, limit: Self.chunk)[...]
            after = held.last?.size ?? after
        }
        return held.popFirst()
    }
}

extension LedgerVerifier {
    mutating func accept(_ bytes: [UInt8]) throws(VaultError) -> EntryFacts {
        do { return try add(bytes) } catch { throw .ledger(error) }
    }

    fileprivate mutating func accept(head: String) throws(VaultError) -> HeadCheck {
        do { return try closing(with: head) } catch { throw .ledger(error) }
    }

    func end() throws(VaultError) {
        do { try finish() } catch { throw .ledger(error) }
    }
}
