/// The stored bytes of an entry, which may be invalid, with the sequence number of its row.
public typealias StoredEntry = (seq: UInt64, entry: [UInt8])

// Entries of the ledger. They are append-only.
extension Rows {
    /// Returns the largest sequence number of an entry plus one; 0 for an empty ledger.
    /// - Throws: A database error.
    public func ledgerSize() throws -> UInt64 {
        guard let last = try db.number("SELECT max(seq) FROM entries"), last >= 0 else { return 0 }
        return UInt64(last) + 1
    }

    /// Returns the number of entries, which is less than `ledgerSize()` if one was deleted.
    /// - Throws: A database error.
    public func entryCount() throws -> UInt64 { UInt64(try db.count("entries")) }

    /// Returns the stored bytes of an entry, which may be invalid.
    /// - Throws: A database error.
    public func entry(_ seq: UInt64) throws -> [UInt8]? {
        try db.bytes("SELECT entry FROM entries WHERE seq = ?", [seq])
    }

    /// Appends an entry.
    /// - Throws: A database error.
    public func appendEntry(_ seq: UInt64, _ text: String) throws { try insert(.entries, seq, text) }

    /// Calls `body` with the entries of a range, in order, with the sequence numbers of their rows.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntry(in range: Range<UInt64>, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        try forEachEntry(
            where: "seq >= ? AND seq < ? ORDER BY seq", [range.lowerBound, range.upperBound], body)
    }

    /// Calls `body` with the entries about an object, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntry(about objectID: String, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        try forEachEntry(where: "object_id = ? ORDER BY seq", [objectID], body)
    }

    /// Calls `body` with the entries of an author from `first` on, oldest first.
    ///
    /// Scans the start of every entry, where canonical JSON has the author: there is no index.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntry(
        by author: String, from first: UInt64, _ body: (UInt64, [UInt8]) throws -> Void
    ) throws {
        try forEachEntry(
            where: "seq >= ? AND \(Self.isByAuthor) ORDER BY seq", [first, Self.mark(of: author)], body)
    }

    /// Calls `body` with every entry of an action, in order. Scans the first bytes of all entries.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntry(of action: String, _ body: (UInt64, [UInt8]) throws -> Void) throws {
        try forEachEntry(
            where: "substr(entry, 1, length(?1)) = ?1 ORDER BY seq", [Self.beginning(of: action)], body)
    }

    /// Calls `body` with the entries below `before`, newest first, until it returns false.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntryBackwards(
        before: UInt64, _ body: (UInt64, [UInt8]) throws -> Bool
    ) throws {
        try forEachEntry(where: "seq >= 0 AND seq < ? ORDER BY seq DESC", [before], while: body)
    }

    /// Calls `body` with the entries that have the state of an object, or with those about it that do not change it, mostly
    /// its uses; newest first, until it returns false.
    /// - Throws: A database error; errors of `body`.
    public func forEachEntryBackwards(
        about objectID: String, hasState: Bool, _ body: (UInt64, [UInt8]) throws -> Bool
    ) throws {
        try forEachEntry(
            where: "object_id = ? AND has_state = ? ORDER BY seq DESC", [objectID, hasState ? 1 : 0],
            while: body)
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

    /// Returns the sequence number of the first entry about an object.
    /// - Throws: A database error.
    public func firstEntry(about objectID: String) throws -> UInt64? {
        try db.number("SELECT min(seq) FROM entries WHERE object_id = ?", [objectID])
            .map(UInt64.init(clamping:))
    }

    /// Returns the newest entry of an author from `first` on.
    /// - Throws: A database error.
    public func newestEntry(by author: String, from first: UInt64) throws -> StoredEntry? {
        try newest(where: "seq >= ? AND \(Self.isByAuthor)", [first, Self.mark(of: author)])
    }

    /// Returns the newest entry with the state of an object among the first `size` entries.
    /// - Throws: A database error.
    public func newestState(of objectID: String, before size: UInt64 = .max) throws -> StoredEntry? {
        try newest(where: "object_id = ? AND has_state = 1 AND seq < ?", [objectID, size])
    }

    /// Returns the newest entry of an action with the state of an object.
    /// - Throws: A database error.
    public func newestState(of objectID: String, action: String) throws -> StoredEntry? {
        try newest(
            where: "object_id = ?1 AND has_state = 1 AND substr(entry, 1, length(?2)) = ?2",
            [objectID, Self.beginning(of: action)])
    }

    private func forEachEntry(
        where condition: String, _ values: [any Bindable], _ body: (UInt64, [UInt8]) throws -> Void
    ) throws {
        try db.forEach("SELECT seq, entry FROM entries WHERE " + condition, values) {
            try body($0.unsigned(0), $0.bytes(1))
        }
    }

    private func forEachEntry(
        where condition: String, _ values: [any Bindable], while body: (UInt64, [UInt8]) throws -> Bool
    ) throws {
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE " + condition, values,
            while: { try body($0.unsigned(0), $0.bytes(1)) })
    }

    private func newest(where condition: String, _ values: [any Bindable]) throws -> StoredEntry? {
        try db.first("SELECT seq, entry FROM entries WHERE \(condition) ORDER BY seq DESC LIMIT 1", values) {
            (try $0.unsigned(0), $0.bytes(1))
        }
    }

    private static let isByAuthor = "instr(substr(entry, 1, 120), ?) > 0"

    private static func mark(of author: String) -> String { "\"actor\":{\"id\":\"\(author)\"" }

    /// `action` is the first key of canonical JSON, so its value is at the start of the text.
    private static func beginning(of action: String) -> String { "{\"action\":\"\(action)\"," }
}
