/// The dates of a current secret and its owner, for planning rotations. Times are RFC 3339 text.
public struct SecretAge: Sendable, Equatable {
    /// The kind of the owner, `connection` or `client`.
    public let kind: String
    /// The name of the owner.
    public let owner: String
    /// The name of the connector.
    public let connector: String
    /// The key of the field.
    public let field: String
    /// The version number.
    public let version: UInt64
    /// When it was set.
    public let setAt: String
    /// The name of the member who set it.
    public let setBy: String
    /// When it expires.
    public let expiresAt: String?
    /// When its rotation period ends.
    public let rotateBy: String?
    /// When it last passed a test.
    public let testedAt: String?
    /// When it was last used.
    public let usedAt: String?
    /// The row ID of the owner.
    public let ownerRow: Int64

    fileprivate init(_ row: ResultRow) throws {
        ownerRow = try row.number(11)
        kind = try row.text(0)
        owner = try row.text(1)
        connector = try row.text(2)
        field = try row.text(3)
        version = try row.unsigned(4)
        setAt = try row.text(5)
        setBy = try row.text(6)
        expiresAt = try row.optionalText(7)
        rotateBy = try row.optionalText(8)
        testedAt = try row.optionalText(9)
        usedAt = try row.optionalText(10)
    }

    fileprivate static let source = """
        SELECT o.kind, o.name, o.connector, s.field, s.version, s.set_at, s.set_by, s.expires_at, s.rotate_by,
            s.tested_at, s.used_at, s.owner
        FROM secrets s JOIN owners o ON o.id = s.owner
        """
}

// Current secrets by date. Each statement reads a range of one index, so its cost depends on the number of results.
extension Rows {
    /// Calls `body` with the secrets that expire or should be rotated by `time`, earliest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachDue(by time: String, _ body: (SecretAge) throws -> Void) throws {
        try forEachAge("s.due_at IS NOT NULL AND s.due_at <= ? ORDER BY s.due_at", [time], body)
    }

    /// Calls `body` with the current secrets that were set by `time`, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachSecret(setBy time: String, _ body: (SecretAge) throws -> Void) throws {
        try forEachAge("s.label = 'current' AND s.set_at <= ? ORDER BY s.set_at", [time], body)
    }

    /// Calls `body` with the current secrets that were set by `time` and not used since, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachUnused(since time: String, _ body: (SecretAge) throws -> Void) throws {
        try forEachAge(
            """
            s.label = 'current' AND s.set_at <= ? AND (s.used_at IS NULL OR s.used_at <= ?)
            ORDER BY s.set_at
            """, [time, time], body)
    }

    /// Calls `body` with the current secrets that never passed a test or failed the last one, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachUntested(_ body: (SecretAge) throws -> Void) throws {
        try forEachAge("s.label = 'current' AND s.tested_at IS NULL ORDER BY s.set_at", [], body)
    }

    /// Calls `body` with all current secrets, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachCurrentSecret(_ body: (SecretAge) throws -> Void) throws {
        try forEachAge("s.label = 'current' ORDER BY s.set_at", [], body)
    }

    private func forEachAge(
        _ condition: String, _ values: [any Bindable], _ body: (SecretAge) throws -> Void
    ) throws {
        try db.forEach(SecretAge.source + "\nWHERE " + condition, values) {
            try body(SecretAge($0))
        }
    }
}
