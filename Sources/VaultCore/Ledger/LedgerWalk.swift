import VaultLedger
import VaultStore

/// Feeds the entries and heads of a file to a verifier, from the verifier's position to the end of the ledger.
struct LedgerWalk {
    let rows: Rows
    let size: UInt64
    var verifier: LedgerVerifier
    let history: FileHistory

    /// Runs to the end; signatures are checked on another thread.
    ///
    /// - Parameters:
    ///   - entry: Called with each entry after it was added.
    ///   - head: Called with each head after its entries were added.
    mutating func run(
        entry: (LedgerVerifier, EntryFacts) throws -> Void, head: (LedgerVerifier, Rows.Head) throws -> Void
    ) throws {
        var checks = HeadCheckQueue.Producer(HeadCheckQueue())
        do {
            try read(&checks, entry, head)
        } catch {
            // A fault of an earlier head takes precedence.
            try checks.finish()
            throw error
        }
        try checks.finish()
        try verifier.end()
    }

    private mutating func read(
        _ checks: inout HeadCheckQueue.Producer, _ entry: (LedgerVerifier, EntryFacts) throws -> Void,
        _ head: (LedgerVerifier, Rows.Head) throws -> Void
    ) throws {
        var heads = HeadReader(rows: rows, after: verifier.next)
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
        throw VaultError.integrity(
            .ledger(
                left.size > size
                    ? .headOutOfPlace(size: left.size, entries: size)
                    : .outOfOrder(expected: verifier.next, found: left.size)))
    }
}

/// Reads heads in order, in chunks.
private struct HeadReader {
    private static let chunkSize = 512
    let rows: Rows
    private var after: UInt64
    private var buffer: ArraySlice<Rows.Head> = []

    init(rows: Rows, after size: UInt64) {
        self.rows = rows
        after = size
    }

    mutating func next() throws -> Rows.Head? {
        if buffer.isEmpty {
            buffer = try rows.heads(after: after, limit: Self.chunkSize)[...]
            after = buffer.last?.size ?? after
        }
        return buffer.popFirst()
    }
}

extension LedgerVerifier {
    mutating func accept(_ bytes: [UInt8]) throws(VaultError) -> EntryFacts {
        do { return try add(bytes) } catch { throw .integrity(.ledger(error)) }
    }

    fileprivate mutating func accept(head: String) throws(VaultError) -> HeadCheck {
        do { return try closing(with: head) } catch { throw .integrity(.ledger(error)) }
    }

    func end() throws(VaultError) {
        do { try finish() } catch { throw .integrity(.ledger(error)) }
    }
}
