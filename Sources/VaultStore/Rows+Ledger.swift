// The ledger: entries, heads and tiles. Entries are append-only.
extension Rows {
    /// Returns the largest sequence number of an entry plus one; 0 for an empty ledger.
    /// - Throws: A database error.
    public func ledgerSize() throws -> UInt64 {
        guard let last = try db.number("SELECT max(seq) FROM entries"), last >= 0 else { return 0 }
        return UInt64(last) + 1
    }

    /// Returns the number of entries, which is less than `ledgerSize()` if one was deleted.
    /// - Throws: A database error.
    public func entryCount() throws -> UInt64 {
        UInt64(clamping: try db.number("SELECT count(*) FROM entries") ?? 0)
    }

    /// Returns the stored bytes of an entry, which may be invalid.
    /// - Throws: A database error.
    public func entry(_ seq: UInt64) throws -> [UInt8]? {
        try db.first("SELECT entry FROM entries WHERE seq = ?", [seq]) { $0.bytes(0) }
    }

    /// Calls `body` with the entries of a range, in order, with the sequence numbers of their rows.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntry(in range: Range<UInt64>, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq",
            [range.lowerBound, range.upperBound]
        ) {
            try body($0.unsigned(0), $0.bytes(1))
        }
    }

    /// Calls `body` with the entries below `before`, newest first, until it returns false.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntryBackwards(
        before: UInt64, _ body: (UInt64, [UInt8]) throws -> Bool
    ) throws {
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE seq >= 0 AND seq < ? ORDER BY seq DESC", [before],
            while: { try body($0.unsigned(0), $0.bytes(1)) })
    }

    /// Calls `body` with the entries about an object, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntry(about objectID: String, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        try db.forEach("SELECT seq, entry FROM entries WHERE object_id = ? ORDER BY seq", [objectID]) {
            try body($0.unsigned(0), $0.bytes(1))
        }
    }

    /// Calls `body` with the object of each entry from `first` on, and whether the entry has the object's state, in order, until
    /// it returns false.
    /// - Returns: Whether `body` saw all of them.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntryObject(
        from first: UInt64, _ body: (_ seq: UInt64, _ objectID: String, _ hasState: Bool) throws -> Bool
    ) throws -> Bool {
        var isComplete = true
        try db.forEach(
            """
            SELECT seq, object_id, has_state FROM entries WHERE seq >= ? AND object_id IS NOT NULL
            ORDER BY seq
            """, [first],
            while: { row in
                isComplete = try body(row.unsigned(0), row.text(1), row.number(2) == 1)
                return isComplete
            })
        return isComplete
    }

    /// Calls `body` with the entries of an author from `first` on, oldest first.
    ///
    /// Scans the start of every entry, where canonical JSON has the author: there is no index.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntry(
        by author: String, from first: UInt64, _ body: (UInt64, [UInt8]) throws -> Void
    ) throws {
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE seq >= ? AND \(Self.isByAuthor) ORDER BY seq",
            [first, Self.mark(of: author)]
        ) {
            try body($0.unsigned(0), $0.bytes(1))
        }
    }

    /// Returns the newest entry of an author from `first` on.
    /// - Throws: A database error.
    public func newestEntry(by author: String, from first: UInt64) throws -> (seq: UInt64, entry: [UInt8])? {
        try db.first(
            "SELECT seq, entry FROM entries WHERE seq >= ? AND \(Self.isByAuthor) ORDER BY seq DESC LIMIT 1",
            [first, Self.mark(of: author)]
        ) { (try $0.unsigned(0), $0.bytes(1)) }
    }

    private static let isByAuthor = "instr(substr(entry, 1, 120), ?) > 0"

    private static func mark(of author: String) -> String { "\"actor\":{\"id\":\"\(author)\"" }

    /// Returns the sequence number of the first entry about an object.
    /// - Throws: A database error.
    public func firstEntry(about objectID: String) throws -> UInt64? {
        try db.number("SELECT min(seq) FROM entries WHERE object_id = ?", [objectID]).map(
            UInt64.init(clamping:))
    }

    /// Returns the newest entry with the state of an object.
    /// - Throws: A database error.
    public func newestState(of objectID: String) throws -> (seq: UInt64, entry: [UInt8])? {
        try db.first(
            "SELECT seq, entry FROM entries WHERE object_id = ? AND has_state = 1 ORDER BY seq DESC LIMIT 1",
            [objectID]
        ) { (try $0.unsigned(0), $0.bytes(1)) }
    }

    /// Returns the newest entry with the state of an object among the first `size` entries.
    /// - Throws: A database error.
    public func newestState(of objectID: String, before size: UInt64) throws -> (
        seq: UInt64, entry: [UInt8]
    )? {
        try db.first(
            """
            SELECT seq, entry FROM entries WHERE object_id = ? AND has_state = 1 AND seq < ?
            ORDER BY seq DESC LIMIT 1
            """, [objectID, size]
        ) { (try $0.unsigned(0), $0.bytes(1)) }
    }

    /// Appends an entry.
    /// - Throws: A database error.
    public func appendEntry(_ seq: UInt64, _ text: String) throws {
        try insert(.entries, seq, text)
    }

    /// Returns the newest head.
    /// - Throws: A database error.
    public func newestHead() throws -> (size: UInt64, note: String)? {
        try db.first("SELECT size, note FROM heads WHERE size >= 0 ORDER BY size DESC LIMIT 1") {
            (try $0.unsigned(0), try $0.text(1))
        }
    }

    /// Returns the note of the head over `size` entries.
    /// - Throws: A database error.
    public func head(_ size: UInt64) throws -> String? {
        try db.text("SELECT note FROM heads WHERE size = ?", [size])
    }

    /// Returns the first head over more than `size` entries.
    /// - Throws: A database error.
    public func nextHead(after size: UInt64) throws -> (size: UInt64, note: String)? {
        try db.first("SELECT size, note FROM heads WHERE size > ? ORDER BY size LIMIT 1", [size]) {
            (try $0.unsigned(0), try $0.text(1))
        }
    }

    /// A row of `heads`.
    public struct Head: Sendable {
        /// The number of entries that the head covers.
        public let size: UInt64
        /// The signed note.
        public let note: String
    }

    /// Returns up to `limit` heads over more than `size` entries, in order.
    /// - Throws: A database error.
    public func heads(after size: UInt64, limit: Int) throws -> [Head] {
        try db.all("SELECT size, note FROM heads WHERE size > ? ORDER BY size LIMIT ?", [size, limit]) {
            Head(size: try $0.unsigned(0), note: try $0.text(1))
        }
    }

    /// Appends a head.
    /// - Throws: A database error.
    public func appendHead(_ size: UInt64, _ note: String) throws {
        try db.run("INSERT INTO heads (size, note) VALUES (?, ?)", [Int64(clamping: size), note])
    }

    /// Returns the hashes of a tile.
    /// - Throws: A database error.
    public func tile(level: Int, index: UInt64) throws -> [UInt8]? {
        try db.first("SELECT hashes FROM tiles WHERE level = ? AND position = ?", [level, index]) {
            $0.bytes(0)
        }
    }

    /// Calls `body` with level, position and length in bytes of every tile, in order.
    /// - Throws: A database error; errors of `body`.
    public func forEachTileShape(_ body: (_ level: Int64, _ position: Int64, _ bytes: Int64) throws -> Void)
        throws
    {
        try db.forEach("SELECT level, position, length(hashes) FROM tiles ORDER BY level, position") {
            try body($0.number(0), $0.number(1), $0.number(2))
        }
    }

    /// Returns up to 10 entries with a sequence number below 0, and up to 10 heads over less than one or more than `size`
    /// entries.
    /// - Throws: A database error.
    public func strayLedgerRows(size: UInt64) throws -> (entries: [Int64], heads: [Int64]) {
        (
            try db.all("SELECT seq FROM entries WHERE seq < 0 ORDER BY seq LIMIT 10") { try $0.number(0) },
            try db.all("SELECT size FROM heads WHERE size < 1 OR size > ? ORDER BY size LIMIT 10", [size]) {
                try $0.number(0)
            }
        )
    }

    /// Inserts or replaces a tile.
    /// - Throws: A database error.
    public func putTile(level: Int, index: UInt64, _ hashes: [UInt8]) throws {
        try insert(.tiles, level, index, hashes)
    }
}
