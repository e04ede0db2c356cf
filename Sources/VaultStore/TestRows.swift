// The newest test of a connection, and its uses: both are found in the ledger, by what the file is indexed by.
extension Rows {
    public func setTest(of owner: Int64, seq: UInt64) throws {
        try db.run("INSERT OR REPLACE INTO tests (owner, seq) VALUES (?, ?)", [owner, seq])
    }

    /// The entry of an owner's newest test, as the row says; nil when there is no row.
    public func testEntry(of owner: Int64) throws -> (seq: UInt64, entry: [UInt8])? {
        try db.first(
            "SELECT e.seq, e.entry FROM tests t JOIN entries e ON e.seq = t.seq WHERE t.owner = ?", [owner]
        ) { (try $0.count(0), $0.bytes(1)) }
    }

    /// The newest tests of the connections that use a client, newest first, until `body` has had enough.
    public func forEachTest(ofClient client: Int64, _ body: (UInt64, [UInt8]) throws -> Bool) throws {
        try db.forEach(
            """
            SELECT e.seq, e.entry FROM owners o JOIN tests t ON t.owner = o.id
            JOIN entries e ON e.seq = t.seq WHERE o.client = ? ORDER BY t.seq DESC
            """, [client], while: { try body($0.count(0), $0.bytes(1)) })
    }

    /// The rows of tests, by owner.
    public func tests() throws -> [Int64: UInt64] {
        var tests: [Int64: UInt64] = [:]
        try db.forEach("SELECT owner, seq FROM tests") {
            tests[try $0.number(0)] = try $0.count(1)
        }
        return tests
    }

    /// Every entry of one action, in order: a look at each entry's first bytes.
    public func forEachEntry(of action: String, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        let beginning = "{\"action\":\"\(action)\","
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE substr(entry, 1, ?) = ? ORDER BY seq",
            [beginning.utf8.count, beginning]
        ) {
            try body($0.count(0), $0.bytes(1))
        }
    }

    /// The newest entry about an object that tells its state and is of one action. An entry's text begins with its
    /// action, since `action` is the first of its keys.
    public func newestState(of objectID: String, action: String) throws -> (seq: UInt64, entry: [UInt8])? {
        let beginning = "{\"action\":\"\(action)\","
        return try db.first(
            """
            SELECT seq, entry FROM entries WHERE object_id = ? AND has_state = 1 AND substr(entry, 1, ?) = ?
            ORDER BY seq DESC LIMIT 1
            """, [objectID, beginning.utf8.count, beginning]
        ) { (try $0.count(0), $0.bytes(1)) }
    }
}
