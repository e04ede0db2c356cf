// Versions of secrets: which label each has, when it was last tested and used, and which are past their time.
extension Rows {
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

    /// Notes when the versions with a label last passed a test; nil when they did not.
    public func setTested(of owner: Int64, label: String, at time: String?) throws {
        try db.run("UPDATE secrets SET tested_at = ? WHERE owner = ? AND label = ?", [time, owner, label])
    }

    public func setRotateBy(of owner: Int64, field: String, version: UInt64, _ time: String?) throws {
        try db.run(
            "UPDATE secrets SET rotate_by = ? WHERE owner = ? AND field = ? AND version = ?",
            [time, owner, field, version])
    }

    /// Notes that an owner's current versions were used.
    public func setUsed(of owner: Int64, at time: String) throws {
        try db.run("UPDATE secrets SET used_at = ? WHERE owner = ? AND label = 'current'", [time, owner])
    }

    /// Owners with a previous version whose overlap has ended, the longest ended first.
    public func ownersPastOverlap(by time: String, limit: Int) throws -> [Int64] {
        try db.all(
            "SELECT owner FROM secrets WHERE keep_until <= ? ORDER BY keep_until LIMIT ?", [time, limit]
        ) {
            try $0.number(0)
        }
    }

    /// Owners that have versions besides their current ones, by name.
    public func ownersInRotation() throws -> [OwnerRow] {
        try db.all(
            """
            SELECT \(OwnerRow.columns) FROM owners o WHERE o.id IN (
                SELECT owner FROM secrets WHERE label IN ('pending', 'previous'))
            ORDER BY o.name_key, o.id
            """, [], OwnerRow.init)
    }

    /// The entries that tell the state of an object, newest first, until `body` has had enough.
    public func forEachStateBackwards(
        of objectID: String, _ body: (UInt64, [UInt8]) throws -> Bool
    ) throws {
        try forEachBackwards(of: objectID, hasState: true, body)
    }

    /// The entries about an object that change nothing of it (its uses, above all), newest first.
    public func forEachUseBackwards(of objectID: String, _ body: (UInt64, [UInt8]) throws -> Bool) throws {
        try forEachBackwards(of: objectID, hasState: false, body)
    }

    private func forEachBackwards(
        of objectID: String, hasState: Bool, _ body: (UInt64, [UInt8]) throws -> Bool
    ) throws {
        try db.forEach(
            "SELECT seq, entry FROM entries WHERE object_id = ? AND has_state = ? ORDER BY seq DESC",
            [objectID, hasState ? 1 : 0], while: { try body($0.count(0), $0.bytes(1)) })
    }
}
