public import VaultLedger
public import VaultRegistry
import VaultStore
import VaultText

/// What `due` looks for; a secret that more than one asks for comes once for each.
public struct DueQuery: Sendable, Equatable {
    /// Expires, or is to be rotated, from now on within this time; what is past is always in it.
    public var within: Period?
    /// Was not used for this long.
    public var unused: Period?
    /// Was set longer ago than this.
    public var olderThan: Period?
    /// Has not passed a test.
    public var neverTested: Bool

    public init(
        within: Period? = nil, unused: Period? = nil, olderThan: Period? = nil, neverTested: Bool = false
    ) {
        self.within = within
        self.unused = unused
        self.olderThan = olderThan
        self.neverTested = neverTested
    }
}

/// A current secret that somebody should do something about.
public struct DueSecret: Sendable, Equatable {
    public enum Why: String, Sendable {
        case expires, rotate, unused, old, untested
    }

    public let secret: AgedSecret
    public let why: Why
    /// Since when it is so, or will be.
    public let at: Timestamp
}

/// A current secret by its dates.
public struct AgedSecret: Sendable, Equatable {
    public let kind: OwnerKind
    public let owner: String
    public let connector: String
    public let field: String
    public let version: UInt64
    public let setAt: Timestamp
    public let setBy: String
    public let expiresAt: Timestamp?
    public let rotateBy: Timestamp?
    public fileprivate(set) var testedAt: Timestamp?
    public let usedAt: Timestamp?
}

extension Vault {
    /// The secrets that a query asks for, the most urgent first. Needs no key, and reads what it finds only.
    public func due(_ query: DueQuery) throws(VaultError) -> [DueSecret] {
        let now = surroundings.now()
        return try VaultError.catching {
            try read { rows in
                var found: [DueSecret] = []
                if let within = query.within {
                    try rows.forEachDue(by: (now + within).text) { found.append(.due(try rows.aged($0))) }
                }
                if let unused = query.unused {
                    try rows.forEachUnused(since: (now - unused).text) { age in
                        let secret = try rows.aged(age)
                        let since = max(secret.usedAt ?? secret.setAt, secret.setAt)
                        found.append(DueSecret(secret: secret, why: .unused, at: since + unused))
                    }
                }
                if let old = query.olderThan {
                    try rows.forEachSecret(setBy: (now - old).text) { age in
                        let secret = try rows.aged(age)
                        found.append(DueSecret(secret: secret, why: .old, at: secret.setAt + old))
                    }
                }
                if query.neverTested {
                    try rows.forEachUntested { age in
                        let secret = try rows.aged(age)
                        guard secret.testedAt == nil else { return }
                        found.append(DueSecret(secret: secret, why: .untested, at: secret.setAt))
                    }
                }
                return found.sorted(by: DueSecret.isMoreUrgent)
            }
        }
    }

    /// Hands out every current secret by its dates, the oldest first, for a monitor.
    public func forEachCurrentSecret(_ body: (AgedSecret) throws -> Void) throws(VaultError) {
        try VaultError.catching {
            try read { rows in try rows.forEachCurrentSecret { try body(rows.aged($0)) } }
        }
    }

    /// The time of the newest entry, where this machine's clock stands before it: what is due then cannot be told.
    public func timeAhead() throws(VaultError) -> Timestamp? {
        let now = surroundings.now()
        return try VaultError.catching {
            try read { rows in
                guard size > 0, let bytes = try rows.entry(size - 1) else { return nil }
                let newest = try rows.knownEntry(bytes, seq: size - 1).time
                return now.seconds < newest.seconds - Transaction.clockSlack ? newest : nil
            }
        }
    }
}

extension DueSecret {
    fileprivate static func due(_ secret: AgedSecret) -> DueSecret {
        if let expires = secret.expiresAt, secret.rotateBy.map({ expires <= $0 }) ?? true {
            return DueSecret(secret: secret, why: .expires, at: expires)
        }
        return DueSecret(secret: secret, why: .rotate, at: secret.rotateBy ?? secret.setAt)
    }

    fileprivate static func isMoreUrgent(_ a: DueSecret, _ b: DueSecret) -> Bool {
        if a.at != b.at { return a.at < b.at }
        if !a.secret.owner.hasSameBytes(as: b.secret.owner) {
            return a.secret.owner.precedesInBytes(b.secret.owner)
        }
        return a.secret.field.precedesInBytes(b.secret.field)
    }
}

extension Rows {
    /// What is known of a current secret. A client's is tested by the connections that use it, which its row does not
    /// tell: only a rotation tests it by itself.
    fileprivate func aged(_ age: SecretAge) throws -> AgedSecret {
        var secret = try AgedSecret(age)
        if secret.kind == .client {
            let test = try clientTest(of: age.ownerRow, secret.field, version: secret.version)
            secret.testedAt = [test, secret.testedAt].compactMap(\.self).max()
        }
        return secret
    }
}

extension AgedSecret {
    fileprivate init(_ age: SecretAge) throws {
        func time(_ text: String) throws -> Timestamp {
            guard let time = Timestamp(text: text) else {
                throw VaultError.tampered(
                    .secretMisdated(owner: age.owner, field: age.field, version: age.version))
            }
            return time
        }
        self.init(
            kind: OwnerKind(rawValue: age.kind) ?? .connection, owner: age.owner, connector: age.connector,
            field: age.field, version: age.version, setAt: try time(age.setAt), setBy: age.setBy,
            expiresAt: try age.expiresAt.map(time), rotateBy: try age.rotateBy.map(time),
            testedAt: try age.testedAt.map(time), usedAt: try age.usedAt.map(time))
    }
}
