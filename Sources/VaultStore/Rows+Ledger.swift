// Heads and tiles of the ledger.
extension Rows {
    /// A row of `heads`.
    public struct Head: Sendable {
        /// The number of entries that the head covers.
        public let size: UInt64
        /// The signed note.
        public let note: String

        fileprivate init(_ row: ResultRow) throws {
            (size, note) = (try row.unsigned(0), try row.text(1))
        }
    }

    /// Returns the newest head.
    /// - Throws: A database error.
    public func newestHead() throws -> Head? {
        try db.first(
            "SELECT size, note FROM heads WHERE size >= 0 ORDER BY size DESC LIMIT 1", [], Head.init)
    }

    /// Returns the note of the head over `size` entries.
    /// - Throws: A database error.
    public func head(_ size: UInt64) throws -> String? {
        try db.text("SELECT note FROM heads WHERE size = ?", [size])
    }

    /// Returns up to `limit` heads over more than `size` entries, in order.
    /// - Throws: A database error.
    public func heads(after size: UInt64, limit: Int) throws -> [Head] {
        try db.all(
            "SELECT size, note FROM heads WHERE size > ? ORDER BY size LIMIT ?", [size, limit], Head.init)
    }

    /// Appends a head.
    /// - Throws: A database error.
    public func appendHead(_ size: UInt64, _ note: String) throws {
        try db.run("INSERT INTO heads (size, note) VALUES (?, ?)", [size, note])
    }

    /// Returns the hashes of a tile.
    /// - Throws: A database error.
    public func tile(level: Int, index: UInt64) throws -> [UInt8]? {
        try db.bytes("SELECT hashes FROM tiles WHERE level = ? AND position = ?", [level, index])
    }

    /// Calls `body` with level, position and length in bytes of every tile, in order.
    /// - Throws: A database error; errors of `body`.
    public func forEachTileShape(
        _ body: (_ level: Int64, _ position: Int64, _ bytes: Int64) throws -> Void
    ) throws {
        try db.forEach("SELECT level, position, length(hashes) FROM tiles ORDER BY level, position") {
            try body($0.number(0), $0.number(1), $0.number(2))
        }
    }

    /// Inserts or replaces a tile.
    /// - Throws: A database error.
    public func putTile(level: Int, index: UInt64, _ hashes: [UInt8]) throws {
        try insert(.tiles, level, index, hashes)
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
}
