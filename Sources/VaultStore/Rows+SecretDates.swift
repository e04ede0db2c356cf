/// A current secret, and its owner.
public struct OwnedSecret: Sendable {
    /// The row of the secret.
    public let row: SecretRow
    /// The row of the connection or client.
    public let owner: OwnerRow
}

// Current secrets by date. Each statement reads a range of one index, so its cost depends on the number of results.
extension Rows {
    /// Calls `body` with the secrets that expire or should be rotated by `time`, earliest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachDue(by time: String, _ body: (OwnedSecret) throws -> Void) throws {
        try forEachSecret(where: "s.due_at IS NOT NULL AND s.due_at <= ? ORDER BY s.due_at", [time], body)
    }

    /// Calls `body` with the current secrets that were set by `time`, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachSecret(setBy time: String, _ body: (OwnedSecret) throws -> Void) throws {
        try forEachSecret(where: "s.label = 'current' AND s.set_at <= ? ORDER BY s.set_at", [time], body)
    }

    /// Calls `body` with the current secrets that were set by `time` and not used since, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachUnused(since time: String, _ body: (OwnedSecret) throws -> Void) throws {
        try forEachSecret(
            where: """
                s.label = 'current' AND s.set_at <= ?1 AND (s.used_at IS NULL OR s.used_at <= ?1)
                ORDER BY s.set_at
                """, [time], body)
    }

    /// Calls `body` with the current secrets that never passed a test or failed the last one, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachUntested(_ body: (OwnedSecret) throws -> Void) throws {
        try forEachSecret(where: "s.label = 'current' AND s.tested_at IS NULL ORDER BY s.set_at", [], body)
    }

    /// Calls `body` with all current secrets, oldest first.
    /// - Throws: A database error; errors of `body`.
    public func forEachCurrentSecret(_ body: (OwnedSecret) throws -> Void) throws {
        try forEachSecret(where: "s.label = 'current' ORDER BY s.set_at", [], body)
    }

    private func forEachSecret(
        where condition: String, _ values: [any Bindable], _ body: (OwnedSecret) throws -> Void
    ) throws {
        try db.forEach(
            """
            SELECT \(OwnerRow.columns), \(SecretRow.columns)
            FROM secrets s JOIN owners o ON o.id = s.owner WHERE \(condition)
            """, values
        ) { try body(OwnedSecret(row: SecretRow($0.from(9)), owner: OwnerRow($0))) }
    }
}
