public import VaultLedger
public import VaultRegistry
import VaultStore
import VaultText

/// The current secrets that match any of these criteria, the most urgent first. A secret that matches several is listed once
/// for each.
public struct ListDueSecrets: ReadQuery, Equatable {
    public typealias Answer = [DueSecret]

    /// Expires or must be rotated within this time, or was in the past.
    public var within: Period?
    /// Was not used for this long.
    public var unused: Period?
    /// Was set longer ago than this.
    public var olderThan: Period?
    /// Has not passed a test.
    public var neverTested: Bool

    /// Creates a query; a criterion that is nil or false matches nothing.
    public init(
        within: Period? = nil, unused: Period? = nil, olderThan: Period? = nil, neverTested: Bool = false
    ) {
        (self.within, self.unused) = (within, unused)
        (self.olderThan, self.neverTested) = (olderThan, neverTested)
    }

    func run(on rows: Rows, in vault: Vault) throws -> [DueSecret] {
        let now = vault.surroundings.now()
        var found: [DueSecret] = []
        func add(_ stored: OwnedSecret, _ why: DueSecret.Why, from date: (AgedSecret) -> Timestamp?) throws {
            let secret = try rows.aged(stored)
            if let at = date(secret) { found.append(DueSecret(secret: secret, why: why, at: at)) }
        }
        if let within {
            try rows.forEachDue(by: (now + within).text) { found.append(.due(try rows.aged($0))) }
        }
        if let unused {
            try rows.forEachUnused(since: (now - unused).text) {
                try add($0, .unused) { max($0.usedAt ?? $0.setAt, $0.setAt) + unused }
            }
        }
        if let olderThan {
            try rows.forEachSecret(setBy: (now - olderThan).text) {
                try add($0, .old) { $0.setAt + olderThan }
            }
        }
        if neverTested {
            try rows.forEachUntested { try add($0, .untested) { $0.testedAt == nil ? $0.setAt : nil } }
        }
        return found.sorted(by: DueSecret.isMoreUrgent)
    }
}

/// Every current secret with its dates, the oldest first, for monitoring.
public struct ListCurrentSecrets: StreamQuery {
    /// Creates the query.
    public init() {}

    public func forEach(in vault: Vault, _ body: (AgedSecret) throws -> Void) throws {
        try vault.read { rows in try rows.forEachCurrentSecret { try body(rows.aged($0)) } }
    }
}

/// The time of the newest entry if this machine's clock is behind it, which makes every due date unreliable; otherwise nil.
public struct CheckClock: ReadQuery {
    public typealias Answer = Timestamp?

    /// Creates the query.
    public init() {}

    func run(on rows: Rows, in vault: Vault) throws -> Timestamp? {
        guard vault.size > 0, let bytes = try rows.entry(vault.size - 1) else { return nil }
        let newest = try rows.knownEntry(bytes, seq: vault.size - 1).time
        return vault.surroundings.now().seconds < newest.seconds - Transaction.clockTolerance ? newest : nil
    }
}

/// A current secret that needs attention.
public struct DueSecret: Sendable, Equatable, Codable {
    /// The criterion that a secret matches.
    public enum Why: String, Sendable, Codable {
        case expires, rotate, unused, old, untested
    }

    /// The secret.
    public let secret: AgedSecret
    /// Why it needs attention.
    public let why: Why
    /// When the reason applies from.
    public let at: Timestamp

    fileprivate static func due(_ secret: AgedSecret) -> DueSecret {
        if let expires = secret.expiresAt, secret.rotateBy.map({ expires <= $0 }) ?? true {
            return DueSecret(secret: secret, why: .expires, at: expires)
        }
        return DueSecret(secret: secret, why: .rotate, at: secret.rotateBy ?? secret.setAt)
    }

    fileprivate static func isMoreUrgent(_ a: DueSecret, _ b: DueSecret) -> Bool {
        if a.at != b.at { return a.at < b.at }
        let (left, right) = (a.secret, b.secret)
        return left.owner.hasSameBytes(as: right.owner)
            ? left.field.precedesInBytes(right.field) : left.owner.precedesInBytes(right.owner)
    }
}

/// A current secret with its dates.
public struct AgedSecret: Sendable, Equatable, Codable {
    /// The kind of its owner.
    public let kind: OwnerKind
    /// The name of its owner.
    public let owner: String
    /// The name of the owner's connector.
    public let connector: String
    /// The key of the field.
    public let field: String
    /// The number of the current version.
    public let version: UInt64
    /// When this version was set.
    public let setAt: Timestamp
    /// The name of the member who set it.
    public let setBy: String
    /// When it expires at the provider; nil if no expiry is known.
    public let expiresAt: Timestamp?
    /// When it must be rotated; nil for never.
    public let rotateBy: Timestamp?
    /// When it last passed a test; nil if it has not.
    public fileprivate(set) var testedAt: Timestamp?
    /// When it was last used; nil if never.
    public let usedAt: Timestamp?
}

extension Rows {
    /// A current secret with its dates. A client's secret is tested through the connections that use it; its own row only has
    /// the time of a rotation's test.
    fileprivate func aged(_ stored: OwnedSecret) throws -> AgedSecret {
        var secret = try AgedSecret(stored.row, stored.owner)
        if secret.kind == .client {
            let test = try clientTest(of: stored.owner.id, secret.field, version: secret.version)
            secret.testedAt = [test, secret.testedAt].compactMap(\.self).max()
        }
        return secret
    }
}

extension AgedSecret {
    fileprivate init(_ row: SecretRow, _ owner: OwnerRow) throws {
        func time(_ text: String) throws -> Timestamp {
            guard let time = Timestamp(text: text) else {
                throw VaultError.integrity(
                    .tampered(.secretMisdated(owner: owner.name, field: row.field, version: row.version)))
            }
            return time
        }
        self.init(
            kind: owner.ownerKind, owner: owner.name, connector: owner.connector, field: row.field,
            version: row.version, setAt: try time(row.setAt), setBy: row.setBy,
            expiresAt: try row.expiresAt.map(time), rotateBy: try row.rotateBy.map(time),
            testedAt: try row.testedAt.map(time), usedAt: try row.usedAt.map(time))
    }
}
