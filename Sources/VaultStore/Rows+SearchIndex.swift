import CSQLite
import VaultText

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
    public func countIndexedOwners() throws -> Int {
        Int(try db.number("SELECT count(*) FROM words_content") ?? 0)
    }

    /// Returns whether the index matches the texts that it stores, and its shadow tables hold nothing else.
    ///
    /// The check of FTS5 is a statement that needs write access, so it runs on a copy of the tables in a private database.
    ///
    /// - Throws: A database error that the content of the index does not explain.
    public func isSearchIndexIntact() throws -> Bool {
        do {
            let config = try db.all("SELECT k, v FROM words_config") { (try $0.text(0), try $0.number(1)) }
            guard config.count == 1, config[0].0.hasSameBytes(as: "version"), config[0].1 == 4,
                try hasOnlyReachablePages()
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
        let structure = try db.first("SELECT block FROM words_data WHERE id = 10") { $0.bytes(0) } ?? []
        guard let segments = WordSegments(structure) else { return false }
        var isWhole = true
        var leaves: Set<WordPage> = []
        try db.forEach("SELECT id, block FROM words_data WHERE id NOT IN (1, 10)") { row in
            let id = try row.number(0)
            guard segments.has(page: id) else { return isWhole = false }
            let page = WordPage(id: id)
            if page.isLeaf, Self.hasTerm(row.bytes(1)) { leaves.insert(page) }
        }
        try db.forEach("SELECT segid, pgno >> 1 FROM words_idx") { row in
            let page = WordPage(segment: try row.number(0), page: try row.number(1))
            if leaves.remove(page) == nil { isWhole = false }
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

/// A page of an FTS5 index. Its row ID consists of the segment (16 bits), a flag for an index of a long doclist (1), the
/// height (5), and the page number (31).
private struct WordPage: Hashable {
    let segment: Int64
    let page: Int64
    /// Whether it holds terms, and is not an index of a long doclist.
    let isLeaf: Bool

    init(id: Int64) {
        (segment, page, isLeaf) = (id >> 37, id & (1 << 31 - 1), id >> 31 & (1 << 6 - 1) == 0)
    }

    init(segment: Int64, page: Int64) { (self.segment, self.page, isLeaf) = (segment, page, true) }
}

/// The segments of an FTS5 index, parsed from its structure record: row 10 of `words_data`.
private struct WordSegments {
    /// The range of leaf pages by segment.
    private var pages: [Int64: ClosedRange<Int64>] = [:]

    init?(_ record: [UInt8]) {
        var reader = Reader(record)
        // A cookie; then, in the newer format, a magic number.
        reader.skip(4)
        let isNewer = reader.take([0xff, 0, 0, 1])
        guard let levels = reader.number(), reader.number() != nil, reader.number() != nil else { return nil }
        for _ in 0..<min(levels, 1000) {
            guard reader.number() != nil, let count = reader.number() else { return nil }
            for _ in 0..<min(count, 10_000) {
                guard let id = reader.number(), let first = reader.number(), let last = reader.number(),
                    first <= last
                else { return nil }
                if isNewer { for _ in 0..<5 { guard reader.number() != nil else { return nil } } }
                pages[id] = first...last
            }
        }
        guard reader.isAtEnd else { return nil }
    }

    /// Whether a row of `words_data` belongs to a segment.
    func has(page id: Int64) -> Bool {
        let page = WordPage(id: id)
        guard let range = pages[page.segment] else { return false }
        return !page.isLeaf || range.contains(page.page)
    }

    private struct Reader {
        private var bytes: ArraySlice<UInt8>
        init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

        var isAtEnd: Bool { bytes.isEmpty }

        mutating func skip(_ count: Int) { bytes = bytes.dropFirst(count) }

        mutating func take(_ magic: [UInt8]) -> Bool {
            guard bytes.starts(with: magic) else { return false }
            skip(magic.count)
            return true
        }

        /// A variable-length integer (sqlite.org/fileformat.html, section 1.6).
        mutating func number() -> Int64? {
            var value: UInt64 = 0
            for index in 0..<9 {
                guard let byte = bytes.popFirst() else { return nil }
                if index == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
                value = value << 7 | UInt64(byte & 0x7f)
                if byte < 0x80 { break }
            }
            return Int64(value)
        }
    }
}
