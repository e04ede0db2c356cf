import CSQLite

// The search index: an FTS5 table of the search terms of owners, and its four shadow tables (sqlite.org/fts5.html,
// section 9). It is derived from the owners' rows: it is never trusted, and can be rebuilt.

extension Rows {
    /// Runs a statement on the search index.
    ///
    /// - Throws: `StoreError.searchIndex` if FTS5 cannot use the index, or the index has an unexpected row.
    func onSearchIndex(_ body: () throws -> Void) throws {
        do { try body() } catch let fault as SQLiteError where fault.isContentError {
            throw StoreError.searchIndex
        }
    }

    /// Calls `body` with every owner, ordered by row ID, and its indexed search terms; nil if it has none.
    /// - Throws: A database error; errors of `body`.
    public func forEachOwnerWithSearchTerms(_ body: (OwnerRow, _ indexed: String?) throws -> Void) throws {
        try db.forEach(
            """
            SELECT \(OwnerRow.columns), w.c0 FROM owners o LEFT JOIN words_content w ON w.id = o.id ORDER BY o.id
            """
        ) { try body(OwnerRow($0), $0.optionalText(9)) }
    }

    /// Returns the number of indexed owners.
    /// - Throws: A database error.
    public func countIndexedOwners() throws -> Int { try db.count("words_content") }

    /// Returns whether the index matches the texts that it stores, and its shadow tables hold nothing else.
    ///
    /// The check of FTS5 is a statement that needs write access, so it runs on a copy of the tables in a private database.
    ///
    /// - Throws: A database error that the content of the index does not explain.
    public func isSearchIndexIntact() throws -> Bool {
        do {
            let version = "words_config WHERE k = 'version' AND typeof(v) = 'integer' AND v = 4"
            guard try db.count("words_config") == 1, try db.count(version) == 1, try hasOnlyReachablePages()
            else { return false }
            let scratch = try SQLiteConnection("", .writing, busyTimeout: 0)
            try copySearchIndex(to: scratch)
            try scratch.run("INSERT INTO words(words) VALUES('integrity-check')")
            return true
        } catch let fault as SQLiteError where fault.isContentError {
            return false
        } catch is UnexpectedValue {
            return false
        }
    }

    private func copySearchIndex(to scratch: SQLiteConnection) throws {
        try scratch.execute(
            """
            PRAGMA temp_store = MEMORY;
            CREATE TABLE words_data (id INTEGER PRIMARY KEY, block BLOB);
            CREATE TABLE words_idx (segid, term, pgno, PRIMARY KEY (segid, term)) WITHOUT ROWID;
            CREATE TABLE words_content (id INTEGER PRIMARY KEY, c0);
            CREATE TABLE words_config (k PRIMARY KEY, v) WITHOUT ROWID;
            INSERT INTO words_config VALUES ('version', 4);
            BEGIN;
            """)
        try db.forEach("SELECT id, block FROM words_data") {
            try scratch.run("INSERT INTO words_data VALUES (?, ?)", [try $0.number(0), $0.bytes(1)])
        }
        try db.forEach("SELECT segid, term, pgno FROM words_idx") {
            try scratch.run(
                "INSERT INTO words_idx VALUES (?, ?, ?)", [try $0.number(0), $0.bytes(1), try $0.number(2)])
        }
        try db.forEach("SELECT id, c0 FROM words_content") {
            try scratch.run("INSERT INTO words_content VALUES (?, ?)", [try $0.number(0), try $0.text(1)])
        }
        // Attaches the virtual table to the existing shadow tables, without creating them.
        let table = try db.text("SELECT sql FROM sqlite_schema WHERE name = 'words'") ?? ""
        try scratch.execute("COMMIT; PRAGMA writable_schema = ON")
        try scratch.run("INSERT INTO sqlite_schema VALUES ('table', 'words', 'words', 0, ?)", [table])
        try scratch.execute("PRAGMA writable_schema = RESET")
    }

    /// Returns whether every page of the index belongs to one of its segments, and every page with a term is indexed by its
    /// first term. FTS5's own check ignores unreachable pages.
    private func hasOnlyReachablePages() throws -> Bool {
        let structure = try db.bytes("SELECT block FROM words_data WHERE id = 10") ?? []
        guard let segments = segments(of: structure) else { return false }
        var isWhole = true
        // The leaf pages with a term, as segment and page number.
        var leaves: Set<[Int64]> = []
        try db.forEach("SELECT id, block FROM words_data WHERE id NOT IN (1, 10)") { row in
            // A row ID consists of the segment (16 bits), a flag for an index of a long doclist (1), the height (5), and
            // the page number (31).
            let id = try row.number(0)
            let (segment, page, isLeaf) = (id >> 37, id & (1 << 31 - 1), id >> 31 & (1 << 6 - 1) == 0)
            guard let pages = segments[segment], !isLeaf || pages.isEmpty || pages.contains(page) else {
                return isWhole = false
            }
            if isLeaf, !pages.isEmpty, Self.hasTerm(row.bytes(1)) { leaves.insert([segment, page]) }
        }
        try db.forEach("SELECT segid, pgno >> 1 FROM words_idx") { row in
            let (segment, page) = (try row.number(0), try row.number(1))
            // FTS5 merges segments in several transactions. Until it is done, it keeps the terms of the pages it has merged,
            // and the pages of a segment that it has merged completely.
            let isMerged = segments[segment].map { $0.isEmpty || page < $0.lowerBound } ?? false
            if leaves.remove([segment, page]) == nil, !isMerged { isWhole = false }
        }
        return isWhole && leaves.isEmpty
    }

    /// Whether a term begins on a leaf page: an index of terms follows the content, which has its length in bytes 2
    /// and 3.
    private static func hasTerm(_ leaf: [UInt8]) -> Bool {
        leaf.count >= 4 && Int(leaf[2]) << 8 | Int(leaf[3]) < leaf.count
    }

    /// Rebuilds the index. `words` calls its argument with row ID and search terms of every owner.
    /// - Throws: A database error; errors of `words`.
    public func rebuildSearchIndex(_ words: ((Int64, String) throws -> Void) throws -> Void) throws {
        // Resets the shadow tables to an empty index first: FTS5 cannot attach to tables that it cannot read.
        try db.execute(
            """
            DELETE FROM words_config; INSERT INTO words_config VALUES ('version', 4); DELETE FROM words_idx;
            DELETE FROM words_data; INSERT INTO words_data VALUES (1, x''), (10, x'00000000000000');
            DELETE FROM words_content
            """)
        try words { row, text in
            try db.run("INSERT INTO words_content (id, c0) VALUES (?, ?)", [row, text])
        }
        try db.run("INSERT INTO words(words) VALUES('rebuild')")
    }
}

extension SQLiteError {
    /// Whether the content of the file is the cause, and not the disk, another process or a lack of memory.
    var isContentError: Bool {
        !isFull && !isReadOnly
            && [SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_SCHEMA].contains(
                primary)
    }

    /// Whether this is `SQLITE_CORRUPT_VTAB`, which only FTS5 reports.
    var isSearchIndexError: Bool { code == SQLITE_CORRUPT | 1 << 8 }
}

/// The leaf pages of each segment of an FTS5 index, from its structure record: row 10 of `words_data`. Nil if it is invalid.
/// A segment that was merged completely, while others are still being merged, has none.
private func segments(of record: [UInt8]) -> [Int64: Range<Int64>]? {
    // A cookie; then, in the newer format, a magic number.
    let body = record.dropFirst(4)
    let isNewer = body.starts(with: [0xff, 0, 0, 1])
    guard var rest = numbers(in: body.dropFirst(isNewer ? 4 : 0))?[...], rest.count >= 3 else { return nil }
    let levels = rest[0]
    rest.removeFirst(3)
    var segments: [Int64: Range<Int64>] = [:]
    for _ in 0..<max(0, levels) {
        guard rest.popFirst() != nil, let count = rest.popFirst() else { return nil }
        for _ in 0..<max(0, count) {
            guard let id = rest.popFirst(), let first = rest.popFirst(), let last = rest.popFirst(),
                (0...last).contains(first), last < 1 << 31, rest.count >= (isNewer ? 5 : 0)
            else { return nil }
            rest.removeFirst(isNewer ? 5 : 0)
            segments[id] = last == 0 ? 1..<1 : first..<last + 1
        }
    }
    return rest.isEmpty ? segments : nil
}

/// Variable-length integers (sqlite.org/fileformat.html, section 1.6); nil if the last one is incomplete.
private func numbers(in bytes: ArraySlice<UInt8>) -> [Int64]? {
    var numbers: [Int64] = []
    var (value, length) = (UInt64(0), 0)
    for byte in bytes {
        length += 1
        value = length == 9 ? value << 8 | UInt64(byte) : value << 7 | UInt64(byte & 0x7f)
        guard length == 9 || byte < 0x80 else { continue }
        numbers.append(Int64(bitPattern: value))
        (value, length) = (0, 0)
    }
    return length == 0 ? numbers : nil
}
