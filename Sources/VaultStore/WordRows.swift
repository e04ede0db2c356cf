import CSQLite
import VaultText

// The search index: an FTS5 table over the words of owners, and the four tables that FTS5 keeps behind it
// (sqlite.org/fts5.html, section 9). It follows from the owners' rows, so nothing in it is believed, and it can be made
// again from them.

extension Rows {
    /// Runs a statement about the search index.
    ///
    /// - Throws: `StoreError.searchIndex` when the index is not one that FTS5 can use, or has a row that it must not have.
    func onWords(_ body: () throws -> Void) throws {
        do { try body() } catch let fault as SQLiteFault where fault.isOfContent {
            throw StoreError.searchIndex
        }
    }

    /// The words of every owner, in the order of their rows: as the index has them, nil where it has none.
    public func forEachOwnerWithWords(_ body: (OwnerRow, _ indexed: String?) throws -> Void) throws {
        try db.forEach(
            """
            SELECT \(OwnerRow.columns), w.c0 FROM owners o LEFT JOIN words_content w ON w.id = o.id ORDER BY o.id
            """
        ) { try body(OwnerRow($0), $0.optionalText(9)) }
    }

    /// How many texts the index has; one for each owner.
    public func countWords() throws -> Int { Int(try db.number("SELECT count(*) FROM words_content") ?? 0) }

    /// Whether the index is what FTS5 makes of the texts that it keeps, and its tables hold nothing else.
    ///
    /// FTS5 checks an index by a statement that needs the right to write. So its tables are copied into a private
    /// database, and checked there.
    public func isWordIndexWhole() throws -> Bool {
        do {
            let config = try db.all("SELECT k, v FROM words_config") { (try $0.text(0), try $0.number(1)) }
            guard config.count == 1, config[0].0.hasSameBytes(as: "version"), config[0].1 == 4,
                try hasNoForeignPages()
            else { return false }
            let scratch = try SQLiteConnection("", .writing, patience: 0)
            try copyWords(to: scratch)
            try scratch.run("INSERT INTO words(words) VALUES('integrity-check')")
            return true
        } catch let fault as SQLiteFault where fault.isOfContent {
            return false
        } catch is UnfitValue {
            return false
        }
    }

    private func copyWords(to scratch: SQLiteConnection) throws {
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
        // The table is connected to what is there, and not made.
        let table = try db.text("SELECT sql FROM sqlite_schema WHERE name = 'words'") ?? ""
        try scratch.execute("COMMIT; PRAGMA writable_schema = ON")
        try scratch.run("INSERT INTO sqlite_schema VALUES ('table', 'words', 'words', 0, ?)", [table])
        try scratch.execute("PRAGMA writable_schema = RESET")
    }

    /// Whether every page of the index belongs to one of its segments, and every page with a term is found by its first one.
    /// FTS5's own check looks at no page that it is not led to.
    private func hasNoForeignPages() throws -> Bool {
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

    /// Whether a term begins on a leaf: behind its content, whose length is in bytes 2 and 3, is an index of terms.
    private static func hasTerm(_ leaf: [UInt8]) -> Bool {
        leaf.count >= 4 && Int(leaf[2]) << 8 | Int(leaf[3]) < leaf.count
    }

    /// Makes the index again. `words` hands out the row and the words of every owner.
    public func rebuildWords(_ words: ((Int64, String) throws -> Void) throws -> Void) throws {
        // Its tables become those of an empty index first: FTS5 does not connect to a table that it cannot read.
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

extension SQLiteFault {
    /// Whether the cause is what the file holds, and not the disk, another process or a lack of memory.
    var isOfContent: Bool {
        !isFull && !isReadOnly
            && [SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_SCHEMA].contains(
                primary)
    }

    /// `SQLITE_CORRUPT_VTAB`: what only FTS5 reports.
    var isOfSearchIndex: Bool { code == SQLITE_CORRUPT | 1 << 8 }
}

/// A page of an FTS5 index. The number of its row has 16 bits of the segment, one for an index of a long list, 5 of the
/// height, 31 of the page.
private struct WordPage: Hashable {
    let segment: Int64
    let page: Int64
    /// Whether it holds terms: it is no index of a long list.
    let isLeaf: Bool

    init(id: Int64) {
        (segment, page, isLeaf) = (id >> 37, id & (1 << 31 - 1), id >> 31 & (1 << 6 - 1) == 0)
    }

    init(segment: Int64, page: Int64) { (self.segment, self.page, isLeaf) = (segment, page, true) }
}

/// The segments of an FTS5 index, from its structure record: the row 10 of `words_data`.
private struct WordSegments {
    /// The first and the last leaf page of each segment.
    private var pages: [Int64: ClosedRange<Int64>] = [:]

    init?(_ record: [UInt8]) {
        var reader = Reader(record)
        // A cookie; then, in a newer form of the record, a mark.
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

        mutating func take(_ mark: [UInt8]) -> Bool {
            guard bytes.starts(with: mark) else { return false }
            skip(mark.count)
            return true
        }

        /// A variable-length integer (sqlite.org/fileformat.html, section 1.6).
        mutating func number() -> Int64? {
            var value: UInt64 = 0
            for place in 0..<9 {
                guard let byte = bytes.popFirst() else { return nil }
                if place == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
                value = value << 7 | UInt64(byte & 0x7f)
                if byte < 0x80 { break }
            }
            return Int64(value)
        }
    }
}
