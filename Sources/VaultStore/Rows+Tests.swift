// The newest test of each connection, and entries by action.
extension Rows {
    /// Sets the entry of the newest test of an owner.
    /// - Throws: A database error.
    public func setTest(of owner: Int64, seq: UInt64) throws {
        try db.run("INSERT OR REPLACE INTO tests (owner, seq) VALUES (?, ?)", [owner, seq])
    }

    /// Returns the entry of an owner's newest test; nil if it has no row.
    /// - Throws: A database error.
    public func testEntry(of owner: Int64) throws -> (seq: UInt64, entry: [UInt8])? {
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

    /// Calls `body` with every entry of an action, in order. Scans the first bytes of all entries.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntry(of action: String, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        let beginning = "{\"action\":\"\(action)\","
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE substr(entry, 1, ?) = ? ORDER BY seq",
            [beginning.utf8.count, beginning]
        ) {
            try body($0.unsigned(0), $0.bytes(1))
        }
    }

    /// Returns the newest entry of an action with the state of an object.
    ///
    /// `action` is the first key of canonical JSON, so its value is at the start of the text.
    ///
    /// - Throws: A database error.
    public func newestState(of objectID: String, action: String) throws -> (seq: UInt64, entry: [UInt8])? {
        let beginning = "{\"action\":\"\(action)\","
        return try db.first(
            """
            SELECT seq, entry FROM entries WHERE object_id = ? AND has_state = 1 AND substr(entry, 1, ?) = ?
            ORDER BY seq DESC LIMIT 1
            """, [objectID, beginning.utf8.count, beginning]
        ) { (try $0.unsigned(0), $0.bytes(1)) }
    }
}
