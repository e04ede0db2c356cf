import VaultText

/// A connection or an OAuth 2.0 client, as its row has it. `settings` is JSON text.
public struct OwnerRow: Sendable, Equatable {
    public var id: Int64
    public var uid: [UInt8]
    /// `connection` or `client`.
    public var kind: String
    public var connector: String
    public var name: String
    public var nameKey: String
    public var settings: String
    public var note: String
    /// The row of the client that this connection uses.
    public var client: Int64?

    public init(
        id: Int64 = 0, uid: [UInt8], kind: String, connector: String, name: String, nameKey: String,
        settings: String,
        note: String = "", client: Int64? = nil
    ) {
        self.id = id
        self.uid = uid
        self.kind = kind
        self.connector = connector
        self.name = name
        self.nameKey = nameKey
        self.settings = settings
        self.note = note
        self.client = client
    }

    public static func == (a: OwnerRow, b: OwnerRow) -> Bool {
        let isSame = a.id == b.id && a.uid == b.uid && a.client == b.client
        return isSame
            && [a.kind, a.connector, a.name, a.nameKey, a.settings, a.note].haveSameBytes(
                as: [b.kind, b.connector, b.name, b.nameKey, b.settings, b.note])
    }

    static let columns = "o.id, o.uid, o.kind, o.connector, o.name, o.name_key, o.settings, o.note, o.client"

    init(_ row: ResultRow) throws {
        id = try row.number(0)
        uid = row.bytes(1)
        guard uid.count == 16 else { throw UnfitValue() }
        kind = try row.text(2)
        connector = try row.text(3)
        name = try row.text(4)
        nameKey = try row.text(5)
        settings = try row.text(6)
        note = try row.text(7)
        client = try row.optionalNumber(8)
    }
}

/// What `list` is asked for; every filter is served by an index.
public struct OwnerQuery: Sendable {
    public var kind: String
    public var connector: String?
    public var tags: [(key: String, value: String)] = []
    /// An FTS5 expression.
    public var match: String?
    /// The skeleton of the last name of the page before.
    public var after: String?
    public var client: Int64?
    public var limit: Int?

    public init(kind: String) { self.kind = kind }
}

extension Rows {
    public func owner(_ kind: String, nameKey: String) throws -> OwnerRow? {
        try firstOwner("o.kind = ? AND o.name_key = ?", [kind, nameKey])
    }

    public func owner(id: Int64) throws -> OwnerRow? { try firstOwner("o.id = ?", [id]) }

    public func owner(uid: [UInt8]) throws -> OwnerRow? { try firstOwner("o.uid = ?", [uid]) }

    private func firstOwner(_ condition: String, _ values: [any Bindable]) throws -> OwnerRow? {
        try db.first("SELECT \(OwnerRow.columns) FROM owners o WHERE \(condition)", values, OwnerRow.init)
    }

    /// Hands out the owners that a query names, by name; nothing is read that is not handed out.
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
        if query.match == nil { try read() } else { try onWords(read) }
    }

    /// Names in the neighbourhood of one that was not found, for a hint.
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

    public func countOwners(_ kind: String) throws -> Int {
        Int(try db.number("SELECT count(*) FROM owners WHERE kind = ?", [kind]) ?? 0)
    }

    /// Up to `limit` owners behind row `after`, in the order of the rows.
    public func owners(after: Int64, limit: Int) throws -> [OwnerRow] {
        try db.all(
            "SELECT \(OwnerRow.columns) FROM owners o WHERE o.id > ? ORDER BY o.id LIMIT ?", [after, limit],
            OwnerRow.init)
    }

    /// Hands out every owner in the order of the rows, for `audit verify`.
    public func forEachOwnerRow(_ body: (OwnerRow) throws -> Void) throws {
        try db.forEach("SELECT \(OwnerRow.columns) FROM owners o ORDER BY o.id") {
            try body(OwnerRow($0))
        }
    }

    /// Adds an owner and the words that it is found by; returns the number of its row.
    ///
    /// - Throws: `StoreError.nameTaken`; the transaction stands as it was.
    public func insertOwner(_ owner: OwnerRow, words: String) throws -> Int64 {
        let number = db.waiting?.nextOwner()
        try insert(
            .owners, number, owner.uid, owner.kind, owner.connector, owner.name, owner.nameKey,
            owner.settings, owner.note, owner.client)
        let id = number ?? db.lastInsertedRow
        try insert(.words, id, words)
        return id
    }

    public func updateOwner(_ owner: OwnerRow, words: String) throws {
        try db.run(
            "UPDATE owners SET name = ?, name_key = ?, settings = ?, note = ?, client = ? WHERE id = ?",
            [owner.name, owner.nameKey, owner.settings, owner.note, owner.client, owner.id])
        try onWords { try db.run("UPDATE words SET text = ? WHERE rowid = ?", [words, owner.id]) }
    }

    public func deleteOwner(_ id: Int64) throws {
        db.discardsSeals = true
        try onWords { try db.run("DELETE FROM words WHERE rowid = ?", [id]) }
        try db.run("DELETE FROM owners WHERE id = ?", [id])
    }

    public func tags(of owner: Int64) throws -> [(key: String, value: String)] {
        try db.all("SELECT key, value FROM tags WHERE owner = ? ORDER BY key", [owner]) {
            (try $0.text(0), try $0.text(1))
        }
    }

    public func setTags(_ tags: [(key: String, value: String)], of owner: Int64) throws {
        try db.run("DELETE FROM tags WHERE owner = ?", [owner])
        try addTags(tags, of: owner)
    }

    /// Gives tags to an owner that has none of these.
    public func addTags(_ tags: [(key: String, value: String)], of owner: Int64) throws {
        for tag in tags { try insert(.tags, owner, tag.key, tag.value) }
    }
}
