import GRDB

// The newest test of a connection, and its uses: both are found in the ledger, by what the file is indexed by.
extension Rows {
    public func setTest(of owner: Int64, seq: UInt64) throws {
        try run("INSERT OR REPLACE INTO tests (owner, seq) VALUES (?, ?)", [owner, seq])
    }

    /// The entry of an owner's newest test, as the row says; nil when there is no row.
    public func testEntry(of owner: Int64) throws -> (seq: UInt64, entry: [UInt8])? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT e.seq, CAST(e.entry AS BLOB) FROM tests t JOIN entries e ON e.seq = t.seq WHERE t.owner = ?
                """)
        return try Row.fetchOne(statement, arguments: [owner]).map { (try $0.count(0), $0.bytes(1)) }
    }

    /// The newest tests of the connections that use a client, newest first, until `body` has had enough.
    public func forEachTest(ofClient client: Int64, _ body: (UInt64, [UInt8]) throws -> Bool) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT e.seq, CAST(e.entry AS BLOB) FROM owners o JOIN tests t ON t.owner = o.id
                    JOIN entries e ON e.seq = t.seq WHERE o.client = ? ORDER BY t.seq DESC
                    """), arguments: [client])
        while let row = try rows.next(), try body(row.count(0), row.bytes(1)) {}
    }

    /// The rows of tests, by owner.
    public func tests() throws -> [Int64: UInt64] {
        var tests: [Int64: UInt64] = [:]
        try forEachRow("SELECT owner, seq FROM tests", []) {
            tests[$0.integer(0)] = UInt64(clamping: $0.integer(1))
        }
        return tests
    }

    /// Every entry of one action, in order: a look at each entry's first bytes.
    public func forEachEntry(of action: String, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        let beginning = "{\"action\":\"\(action)\","
        try forEachRow(
            "SELECT seq, entry FROM entries WHERE substr(entry, 1, ?) = ? ORDER BY seq",
            [beginning.utf8.count, beginning]
        ) { try body(UInt64(clamping: $0.integer(0)), $0.bytes(1)) }
    }

    /// The newest entry about an object that tells its state and is of one action. An entry's text begins with its
    /// action, since `action` is the first of its keys.
    public func newestState(of objectID: String, action: String) throws -> (seq: UInt64, entry: [UInt8])? {
        let beginning = "{\"action\":\"\(action)\","
        let statement = try db.cachedStatement(
            sql: """
                SELECT seq, CAST(entry AS BLOB) FROM entries
                WHERE object_id = ? AND has_state = 1 AND substr(entry, 1, ?) = ?
                ORDER BY seq DESC LIMIT 1
                """)
        return try Row.fetchOne(
            statement, arguments: [objectID, beginning.utf8.count, beginning]
        ).map { (try $0.count(0), $0.bytes(1)) }
    }
}
