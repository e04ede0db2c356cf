/// What is known of a current secret without opening it, for whoever plans its rotation.
public struct SecretAge: Sendable, Equatable {
    public let kind: String
    public let owner: String
    public let connector: String
    public let field: String
    public let version: UInt64
    public let setAt: String
    public let setBy: String
    public let expiresAt: String?
    public let rotateBy: String?
    public let testedAt: String?
    public let usedAt: String?
    /// The number of the owner's row.
    public let ownerRow: Int64

    fileprivate init(_ row: ResultRow) throws {
        ownerRow = try row.number(11)
        kind = try row.text(0)
        owner = try row.text(1)
        connector = try row.text(2)
        field = try row.text(3)
        version = try row.count(4)
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

// Current secrets by their dates. Each statement reads a range of one index, so that it costs what it finds.
extension Rows {
    /// Those that expire or are to be rotated up to a time, the earliest first.
    public func forEachDue(by time: String, _ body: (SecretAge) throws -> Void) throws {
        try forEachAge("s.due_at IS NOT NULL AND s.due_at <= ? ORDER BY s.due_at", [time], body)
    }

    /// Those that were set up to a time, the oldest first.
    public func forEachSecret(setBy time: String, _ body: (SecretAge) throws -> Void) throws {
        try forEachAge("s.label = 'current' AND s.set_at <= ? ORDER BY s.set_at", [time], body)
    }

    /// Those that were set up to a time and not used since, the oldest first.
    public func forEachUnused(since time: String, _ body: (SecretAge) throws -> Void) throws {
        try forEachAge(
            """
            s.label = 'current' AND s.set_at <= ? AND (s.used_at IS NULL OR s.used_at <= ?)
            ORDER BY s.set_at
            """, [time, time], body)
    }

    /// Those that have not passed a test, or failed the last one, the oldest first.
    public func forEachUntested(_ body: (SecretAge) throws -> Void) throws {
        try forEachAge("s.label = 'current' AND s.tested_at IS NULL ORDER BY s.set_at", [], body)
    }

    /// All of them, in the order of their age.
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
