// The newest test of each connection.
extension Rows {
    /// Sets the entry of the newest test of an owner.
    /// - Throws: A database error.
    public func setTest(of owner: Int64, seq: UInt64) throws {
        try db.run("INSERT OR REPLACE INTO tests (owner, seq) VALUES (?, ?)", [owner, seq])
    }

    /// Returns the entry of an owner's newest test; nil if it has no row.
    /// - Throws: A database error.
    public func testEntry(of owner: Int64) throws -> StoredEntry? {
        try db.first(
            "SELECT e.seq, e.entry FROM tests t JOIN entries e ON e.seq = t.seq WHERE t.owner = ?", [owner]
        ) { (try $0.unsigned(0), $0.bytes(1)) }
    }

    /// Calls `body` with the newest tests of the connections that use a client, newest first, until it returns false.
    /// - Throws: A database error; errors of `body`.
    public func forEachTest(ofClient client: Int64, _ body: (UInt64, [UInt8]) throws -> Bool) throws {
        try db.forEach(
            """
            SELECT e.seq, e.entry FROM owners o JOIN tests t ON t.owner = o.id
            JOIN entries e ON e.seq = t.seq WHERE o.client = ? ORDER BY t.seq DESC
            """, [client], while: { try body($0.unsigned(0), $0.bytes(1)) })
    }

    /// Returns the sequence number of the newest test by row ID of the owner.
    /// - Throws: A database error.
    public func tests() throws -> [Int64: UInt64] {
        var tests: [Int64: UInt64] = [:]
        try db.forEach("SELECT owner, seq FROM tests") {
            tests[try $0.number(0)] = try $0.unsigned(1)
        }
        return tests
    }
}
