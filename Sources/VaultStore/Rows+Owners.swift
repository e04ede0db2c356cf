import VaultText

/// A row of `owners`: a connection or an OAuth 2.0 client.
public struct OwnerRow: Sendable, Equatable {
    /// The row ID.
    public var id: Int64
    /// The identifier in the ledger, 16 bytes.
    public var uid: [UInt8]
    /// `connection` or `client`.
    public var kind: String
    /// The name of the connector.
    public var connector: String
    /// The name as entered.
    public var name: String
    /// The skeleton of the name, equal for confusable names.
    public var nameKey: String
    /// JSON text.
    public var settings: String
    /// The note; empty for none.
    public var note: String
    /// The row ID of the client that this connection uses.
    public var client: Int64?

    /// Creates a row. Inserting it assigns the row ID.
    public init(
        id: Int64 = 0, uid: [UInt8], kind: String, connector: String, name: String, nameKey: String,
        settings: String, note: String = "", client: Int64? = nil
    ) {
        (self.id, self.uid, self.kind, self.connector) = (id, uid, kind, connector)
        (self.name, self.nameKey, self.settings) = (name, nameKey, settings)
        (self.note, self.client) = (note, client)
    }

    /// Compares texts by their bytes.
    public static func == (a: OwnerRow, b: OwnerRow) -> Bool {
        let isSame = a.id == b.id && a.uid == b.uid && a.client == b.client
        return isSame
            && [a.kind, a.connector, a.name, a.nameKey, a.settings, a.note].haveSameBytes(
                as: [b.kind, b.connector, b.name, b.nameKey, b.settings, b.note])
    }

    static let columns = "o.id, o.uid, o.kind, o.connector, o.name, o.name_key, o.settings, o.note, o.client"

    init(_ row: ResultRow) throws {
        try self.init(
            id: row.number(0), uid: row.bytes(1), kind: row.text(2), connector: row.text(3),
            name: row.text(4), nameKey: row.text(5), settings: row.text(6), note: row.text(7),
            client: row.optionalNumber(8))
        guard uid.count == 16 else { throw UnexpectedValue() }
    }
}

/// Filters for `Rows.forEachOwner`. An index serves each of them.
public struct OwnerQuery: Sendable {
    /// `connection` or `client`.
    public var kind: String
    /// The name of the connector.
    public var connector: String?
    /// Tags that all must match.
    public var tags: [(key: String, value: String)] = []
    /// An FTS5 expression.
    public var match: String?
    /// The skeleton of the last name on the previous page.
    public var after: String?
    /// The row ID of a client: connections that use it.
    public var client: Int64?
    /// The maximum number of owners.
    public var limit: Int?

    /// Creates a query for all owners of a kind.
    public init(kind: String) { self.kind = kind }
}

extension Rows {
    /// Returns the owner of a kind with a name skeleton.
    /// - Throws: A database error.
    public func owner(_ kind: String, nameKey: String) throws -> OwnerRow? {
        try firstOwner("o.kind = ? AND o.name_key = ?", [kind, nameKey])
    }

    /// Returns the owner with a row ID.
    /// - Throws: A database error.
    public func owner(id: Int64) throws -> OwnerRow? { try firstOwner("o.id = ?", [id]) }

    /// Returns the owner with an identifier.
    /// - Throws: A database error.
    public func owner(uid: [UInt8]) throws -> OwnerRow? { try firstOwner("o.uid = ?", [uid]) }

    private func firstOwner(_ condition: String, _ values: [any Bindable]) throws -> OwnerRow? {
        try db.first("SELECT \(OwnerRow.columns) FROM owners o WHERE \(condition)", values, OwnerRow.init)
    }

    /// Calls `body` with the matching owners, ordered by name. Reads no other rows.
    /// - Throws: A database error; `StoreError.searchIndex`; errors of `body`.
    public func forEachOwner(_ query: OwnerQuery, _ body: (OwnerRow) throws -> Void) throws {
        var conditions = ["o.kind = ?"]
        var values: [any Bindable] = [query.kind]
        func also(_ condition: String, _ more: any Bindable...) {
            conditions.append(condition)
            values += more
        }
        if let connector = query.connector { also("o.connector = ?", connector) }
        if let client = query.client { also("o.client = ?", client) }
        if let after = query.after { also("o.name_key > ?", after) }
        if let match = query.match { also("o.id IN (SELECT rowid FROM words WHERE words MATCH ?)", match) }
        for tag in query.tags {
            also("o.id IN (SELECT owner FROM tags WHERE key = ? AND value = ?)", tag.key, tag.value)
        }
        var sql =
            "SELECT \(OwnerRow.columns) FROM owners o WHERE \(conditions.joined(separator: " AND ")) ORDER BY o.name_key"
        if let limit = query.limit {
            sql += " LIMIT ?"
            values.append(limit)
        }
        func read() throws { try db.forEach(sql, values) { try body(OwnerRow($0)) } }
        if query.match == nil { try read() } else { try onSearchIndex(read) }
    }

    /// Returns up to `limit` names before, and as many at or after, a name skeleton, as suggestions for a name that was not
    /// found.
    /// - Throws: A database error.
    public func ownerNames(_ kind: String, around nameKey: String, limit: Int) throws -> [String] {
        func names(_ condition: String, _ order: String) throws -> [String] {
            try db.all(
                """
                SELECT name FROM owners WHERE kind = ? AND name_key \(condition) ?
                ORDER BY name_key \(order) LIMIT ?
                """, [kind, nameKey, limit]
            ) { try $0.text(0) }
        }
        return try names("<", "DESC") + names(">=", "ASC")
    }

    /// Returns up to `limit` owners with a row ID above `after`, in order.
    /// - Throws: A database error.
    public func owners(after: Int64, limit: Int) throws -> [OwnerRow] {
        try db.all(
            "SELECT \(OwnerRow.columns) FROM owners o WHERE o.id > ? ORDER BY o.id LIMIT ?", [after, limit],
            OwnerRow.init)
    }

    /// Calls `body` with every owner, ordered by row ID.
    /// - Throws: A database error; errors of `body`.
    public func forEachOwnerRow(_ body: (OwnerRow) throws -> Void) throws {
        try db.forEach("SELECT \(OwnerRow.columns) FROM owners o ORDER BY o.id") {
            try body(OwnerRow($0))
        }
    }

    /// Inserts an owner and its search terms.
    /// - Returns: The row ID.
    /// - Throws: `StoreError.nameTaken` for a confusable name; `StoreError.searchIndex`; a database error.
    public func insertOwner(_ owner: OwnerRow, words: String) throws -> Int64 {
        let number = db.insertBuffer?.nextOwnerID()
        try insert(
            .owners, number, owner.uid, owner.kind, owner.connector, owner.name, owner.nameKey,
            owner.settings, owner.note, owner.client)
        let id = number ?? db.lastInsertedRow
        try insert(.words, id, words)
        return id
    }

    /// Updates an owner and its search terms.
    /// - Throws: `StoreError.searchIndex`; a database error.
    public func updateOwner(_ owner: OwnerRow, words: String) throws {
        try db.run(
            "UPDATE owners SET name = ?, name_key = ?, settings = ?, note = ?, client = ? WHERE id = ?",
            [owner.name, owner.nameKey, owner.settings, owner.note, owner.client, owner.id])
        try onSearchIndex { try db.run("UPDATE words SET text = ? WHERE rowid = ?", [words, owner.id]) }
    }

    /// Deletes an owner with its secrets, tags and search terms.
    /// - Throws: `StoreError.searchIndex`; a database error.
    public func deleteOwner(_ id: Int64) throws {
        db.discardsSealedBytes = true
        try onSearchIndex { try db.run("DELETE FROM words WHERE rowid = ?", [id]) }
        try db.run("DELETE FROM owners WHERE id = ?", [id])
    }

    /// Returns the tags of an owner, ordered by key.
    /// - Throws: A database error.
    public func tags(of owner: Int64) throws -> [(key: String, value: String)] {
        try db.all("SELECT key, value FROM tags WHERE owner = ? ORDER BY key", [owner]) {
            (try $0.text(0), try $0.text(1))
        }
    }

    /// Replaces all tags of an owner.
    /// - Throws: A database error.
    public func setTags(_ tags: [(key: String, value: String)], of owner: Int64) throws {
        try db.run("DELETE FROM tags WHERE owner = ?", [owner])
        try addTags(tags, of: owner)
    }

    /// Adds tags that the owner does not have yet.
    /// - Throws: A database error.
    public func addTags(_ tags: [(key: String, value: String)], of owner: Int64) throws {
        for tag in tags { try insert(.tags, owner, tag.key, tag.value) }
    }
}
