// Versions of secrets: their labels, last test and use, and the end of their overlap.
extension Rows {
    /// Changes the label of a version, with the times that belong to it.
    /// - Throws: A database error.
    public func label(
        of owner: Int64, field: String, version: UInt64, _ label: String, keepUntil: String?,
        testedAt: String? = nil
    ) throws {
        try db.run(
            """
            UPDATE secrets SET label = ?, keep_until = ?, tested_at = ?
            WHERE owner = ? AND field = ? AND version = ?
            """, [label, keepUntil, testedAt, owner, field, version])
    }

    /// Sets when the versions with a label last passed a test; nil if they did not.
    /// - Throws: A database error.
    public func setTested(of owner: Int64, label: String, at time: String?) throws {
        try db.run("UPDATE secrets SET tested_at = ? WHERE owner = ? AND label = ?", [time, owner, label])
    }

    /// Sets when a version last passed a test.
    /// - Throws: A database error.
    public func setTested(of owner: Int64, field: String, version: UInt64, at time: String) throws {
        try db.run(
            "UPDATE secrets SET tested_at = ? WHERE owner = ? AND field = ? AND version = ?",
            [time, owner, field, version])
    }

    /// Sets when the rotation period of a version ends.
    /// - Throws: A database error.
    public func setRotateBy(of owner: Int64, field: String, version: UInt64, _ time: String?) throws {
        try db.run(
            "UPDATE secrets SET rotate_by = ? WHERE owner = ? AND field = ? AND version = ?",
            [time, owner, field, version])
    }

    /// Sets when an owner's current versions were last used.
    /// - Throws: A database error.
    public func setUsed(of owner: Int64, at time: String) throws {
        try db.run("UPDATE secrets SET used_at = ? WHERE owner = ? AND label = 'current'", [time, owner])
    }

    /// Returns the row IDs of up to `limit` owners with a previous version to destroy by `time`, earliest first.
    /// - Throws: A database error.
    public func ownersPastOverlap(by time: String, limit: Int) throws -> [Int64] {
        try db.all(
            "SELECT owner FROM secrets WHERE keep_until <= ? ORDER BY keep_until LIMIT ?", [time, limit]
        ) {
            try $0.number(0)
        }
    }

    /// Returns the owners with pending or previous versions, ordered by name.
    /// - Throws: A database error.
    public func ownersInRotation() throws -> [OwnerRow] {
        try db.all(
            """
            SELECT \(OwnerRow.columns) FROM owners o WHERE o.id IN (
                SELECT owner FROM secrets WHERE label IN ('pending', 'previous'))
            ORDER BY o.name_key, o.id
            """, [], OwnerRow.init)
    }
}
