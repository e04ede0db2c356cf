// The ledger: entries, heads, tiles. Entries are only ever added.
extension Rows {
    /// One more than the largest number of an entry; 0 for an empty ledger.
    public func ledgerSize() throws -> UInt64 {
        guard let last = try db.number("SELECT max(seq) FROM entries"), last >= 0 else { return 0 }
        return UInt64(last) + 1
    }

    /// How many entries there are; less than the size when one was cut out.
    public func entryCount() throws -> UInt64 {
        UInt64(clamping: try db.number("SELECT count(*) FROM entries") ?? 0)
    }

    /// An entry's bytes as they stand in the file, whatever they are.
    public func entry(_ seq: UInt64) throws -> [UInt8]? {
        try db.first("SELECT entry FROM entries WHERE seq = ?", [seq]) { $0.bytes(0) }
    }

    /// Hands out the entries of a range in order, with the numbers of their rows.
    public func forEachEntry(in range: Range<UInt64>, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq",
            [range.lowerBound, range.upperBound]
        ) {
            try body($0.count(0), $0.bytes(1))
        }
    }

    /// The newest entries first, below `before`, until `body` has had enough.
    public func forEachEntryBackwards(
        before: UInt64, _ body: (UInt64, [UInt8]) throws -> Bool
    ) throws {
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE seq >= 0 AND seq < ? ORDER BY seq DESC", [before],
            while: { try body($0.count(0), $0.bytes(1)) })
    }

    /// The entries about one object, oldest first.
    public func forEachEntry(about objectID: String, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        try db.forEach("SELECT seq, entry FROM entries WHERE object_id = ? ORDER BY seq", [objectID]) {
            try body($0.count(0), $0.bytes(1))
        }
    }

    /// What each entry from `first` on is about, and whether it tells the state of that, in order; until `body` has had
    /// enough. Returns whether it saw all of them.
    public func forEachTouch(
        from first: UInt64, _ body: (_ seq: UInt64, _ objectID: String, _ hasState: Bool) throws -> Bool
    ) throws -> Bool {
        var isComplete = true
        try db.forEach(
            """
            SELECT seq, object_id, has_state FROM entries WHERE seq >= ? AND object_id IS NOT NULL
            ORDER BY seq
            """, [first],
            while: { row in
                isComplete = try body(row.count(0), row.text(1), row.number(2) == 1)
                return isComplete
            })
        return isComplete
    }

    /// The entries of one author from `first` on, oldest first. No index has them: SQLite looks at the beginning of
    /// every entry, where canonical text has its author.
    public func forEachEntry(
        by author: String, from first: UInt64, _ body: (UInt64, [UInt8]) throws -> Void
    ) throws {
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE seq >= ? AND \(Self.isByAuthor) ORDER BY seq",
            [first, Self.mark(of: author)]
        ) {
            try body($0.count(0), $0.bytes(1))
        }
    }

    /// The newest of them.
    public func newestEntry(by author: String, from first: UInt64) throws -> (seq: UInt64, entry: [UInt8])? {
        try db.first(
            "SELECT seq, entry FROM entries WHERE seq >= ? AND \(Self.isByAuthor) ORDER BY seq DESC LIMIT 1",
            [first, Self.mark(of: author)]
        ) { (try $0.count(0), $0.bytes(1)) }
    }

    private static let isByAuthor = "instr(substr(entry, 1, 120), ?) > 0"

    private static func mark(of author: String) -> String { "\"actor\":{\"id\":\"\(author)\"" }

    /// The number of the first entry about an object, nil when there is none.
    public func firstEntry(about objectID: String) throws -> UInt64? {
        try db.number("SELECT min(seq) FROM entries WHERE object_id = ?", [objectID]).map(
            UInt64.init(clamping:))
    }

    /// The newest entry that tells the state of an object, and the number of its row.
    public func newestState(of objectID: String) throws -> (seq: UInt64, entry: [UInt8])? {
        try db.first(
            "SELECT seq, entry FROM entries WHERE object_id = ? AND has_state = 1 ORDER BY seq DESC LIMIT 1",
            [objectID]
        ) { (try $0.count(0), $0.bytes(1)) }
    }

    /// The same among the first `size` entries.
    public func newestState(of objectID: String, before size: UInt64) throws -> (
        seq: UInt64, entry: [UInt8]
    )? {
        try db.first(
            """
            SELECT seq, entry FROM entries WHERE object_id = ? AND has_state = 1 AND seq < ?
            ORDER BY seq DESC LIMIT 1
            """, [objectID, size]
        ) { (try $0.count(0), $0.bytes(1)) }
    }

    public func appendEntry(_ seq: UInt64, _ text: String) throws {
        try insert(.entries, seq, text)
    }

    public func newestHead() throws -> (size: UInt64, note: String)? {
        try db.first("SELECT size, note FROM heads WHERE size >= 0 ORDER BY size DESC LIMIT 1") {
            (try $0.count(0), try $0.text(1))
        }
    }

    public func head(_ size: UInt64) throws -> String? {
        try db.text("SELECT note FROM heads WHERE size = ?", [size])
    }

    /// The first head over more than `size` entries.
    public func nextHead(after size: UInt64) throws -> (size: UInt64, note: String)? {
        try db.first("SELECT size, note FROM heads WHERE size > ? ORDER BY size LIMIT 1", [size]) {
            (try $0.count(0), try $0.text(1))
        }
    }

    /// A head as its row has it.
    public struct Head: Sendable {
        public let size: UInt64
        public let note: String
    }

    /// The heads over more than `size` entries, in their order.
    public func heads(after size: UInt64, limit: Int) throws -> [Head] {
        try db.all("SELECT size, note FROM heads WHERE size > ? ORDER BY size LIMIT ?", [size, limit]) {
            Head(size: try $0.count(0), note: try $0.text(1))
        }
    }

    public func appendHead(_ size: UInt64, _ note: String) throws {
        try db.run("INSERT INTO heads (size, note) VALUES (?, ?)", [Int64(clamping: size), note])
    }

    public func tile(level: Int, index: UInt64) throws -> [UInt8]? {
        try db.first("SELECT hashes FROM tiles WHERE level = ? AND position = ?", [level, index]) {
            $0.bytes(0)
        }
    }

    /// The place and length of every tile, in order of level and position, without its hashes.
    public func forEachTileShape(_ body: (_ level: Int64, _ position: Int64, _ bytes: Int64) throws -> Void)
        throws
    {
        try db.forEach("SELECT level, position, length(hashes) FROM tiles ORDER BY level, position") {
            try body($0.number(0), $0.number(1), $0.number(2))
        }
    }

    /// The numbers of entries and heads that no ledger has: below 0, below 1, or over more entries than there are.
    public func strayLedgerRows(size: UInt64) throws -> (entries: [Int64], heads: [Int64]) {
        (
            try db.all("SELECT seq FROM entries WHERE seq < 0 ORDER BY seq LIMIT 10") { try $0.number(0) },
            try db.all("SELECT size FROM heads WHERE size < 1 OR size > ? ORDER BY size LIMIT 10", [size]) {
                try $0.number(0)
            }
        )
    }

    public func putTile(level: Int, index: UInt64, _ hashes: [UInt8]) throws {
        try insert(.tiles, level, index, hashes)
    }
}
