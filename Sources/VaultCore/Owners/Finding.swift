import VaultCrypto
public import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// What `list` shows.
public struct OwnerFilter: Sendable {
    public var connector: String?
    public var tags: [Owner.Tag] = []
    public var search: String?
    public var limit: Int?
    /// The name that the page before ended with.
    public var after: String?

    public init() {}
}

extension Vault {
    /// Hands out the owners that a filter names, in the order of their names. Nothing is opened.
    public func list(_ kind: OwnerKind, _ filter: OwnerFilter, _ body: (Owner) throws -> Void)
        throws(VaultError)
    {
        try VaultError.catching {
            var query = OwnerQuery(kind: kind.rawValue)
            query.connector = filter.connector
            query.tags = filter.tags.map { ($0.key, $0.value) }
            query.match = try filter.search.map(Self.expression)
            query.after = filter.after.map(Name.skeleton)
            query.limit = filter.limit
            try read { rows in try rows.forEachOwner(query) { try body(try rows.view($0)) } }
        }
    }

    public func show(_ kind: OwnerKind, _ name: String) throws(VaultError) -> Owner {
        try VaultError.catching { try read { rows in try rows.view(try rows.find(kind, name)) } }
    }

    /// What is known of how a connection may be used and was used last, from the ledger alone.
    public func usage(of name: String) throws(VaultError) -> ConnectionUsage {
        try VaultError.catching {
            try read { rows in
                let row = try rows.find(.connection, name)
                return ConnectionUsage(
                    policy: try rows.policy(of: row, in: known), last: try rows.lastUse(of: row))
            }
        }
    }

    /// The same after its settings were held against the ledger, for whoever makes something new of them.
    public func showSigned(_ kind: OwnerKind, _ name: String) throws(VaultError) -> Owner {
        try VaultError.catching {
            try read { rows in
                let row = try rows.find(kind, name)
                try rows.checkSettings(of: row, in: known, LedgerChecks())
                return try rows.view(row)
            }
        }
    }

    /// The connections that an OAuth 2.0 client serves, by name.
    public func connections(of client: String) throws(VaultError) -> [String] {
        try VaultError.catching {
            try read { rows in try rows.users(of: try rows.find(.client, client)) }
        }
    }

    /// Every entry about an owner, oldest first, also of owners that were removed (by identifier).
    public func history(_ kind: OwnerKind, _ name: String, _ body: (Entry) throws -> Void) throws(VaultError)
    {
        try VaultError.catching {
            try read { rows in
                let owner = try rows.find(kind, name)
                try rows.forEachEntry(about: owner.identifier.hex) { seq, bytes in
                    try body(try rows.knownEntry(bytes, seq: seq))
                }
            }
        }
    }

    /// Every word of the text must be there, or begin a word that is.
    private static func expression(_ text: String) throws(VaultError) -> String {
        let words = text.unicodeScalars.split {
            !$0.properties.isAlphabetic && $0.properties.numericType == nil
        }
        guard !words.isEmpty else {
            throw .invalid([
                Problem(
                    field: nil, message: "there is no word to search for", fits: "a word, or its beginning")
            ])
        }
        return words.map { "\"" + String(String.UnicodeScalarView($0)) + "\"*" }.joined(separator: " AND ")
    }
}

extension Rows {
    /// The owner of this very name; throws `notFound` with the nearest names.
    func find(_ kind: OwnerKind, _ name: String) throws -> OwnerRow {
        let key = Name.skeleton(of: name)
        if let owner = try owner(kind.rawValue, nameKey: key),
            owner.name.hasSameBytes(as: Name.canonical(name))
        {
            return owner
        }
        let around = try ownerNames(kind.rawValue, around: key, limit: 50)
        throw VaultError.notFound(
            kind: kind, name: name, nearest: Name.nearest(to: name, among: around, limit: 3))
    }

    /// A connection or client of this name, for commands that take either; a connection comes first.
    func findEither(_ name: String) throws -> OwnerRow {
        do {
            return try find(.connection, name)
        } catch VaultError.notFound(let kind, _, let nearest) {
            if let client = try? find(.client, name) { return client }
            throw VaultError.notFound(kind: kind, name: name, nearest: nearest)
        }
    }

    func view(_ row: OwnerRow) throws -> Owner {
        let secrets = try secrets(of: row.id)
        return Owner(
            kind: row.ownerKind, id: row.identifier, connector: row.connector, name: row.name,
            settings: row.readSettings ?? [:],
            tags: try tags(of: row.id).map { Owner.Tag(key: $0.key, value: $0.value) }, note: row.note,
            secrets: try secrets.map { try info($0, of: row) },
            test: row.ownerKind == .connection ? try testRecord(of: row, secrets) : nil)
    }

    /// A client's secret is tested by the connections that use it, which its row does not tell.
    private func info(_ secret: SecretRow, of row: OwnerRow) throws -> SecretInfo {
        var info = SecretInfo(secret)
        guard row.ownerKind == .client, secret.isCurrent else { return info }
        let test = try clientTest(of: row.id, secret.field, version: secret.version)
        info.testedAt = [test?.text, secret.testedAt].compactMap(\.self).max()
        return info
    }

    func users(of client: OwnerRow) throws -> [String] {
        var query = OwnerQuery(kind: OwnerKind.connection.rawValue)
        query.client = client.id
        var names: [String] = []
        try forEachOwner(query) { names.append($0.name) }
        return names
    }
}

extension SecretInfo {
    init(_ row: SecretRow) {
        self.init(
            field: row.field, version: row.version, label: row.label, epoch: row.epoch, setAt: row.setAt,
            setBy: row.setBy, expiresAt: row.expiresAt, isDeposit: Deposit.isWellFormed(row.sealed),
            rotateBy: row.rotateBy, keepUntil: row.keepUntil, testedAt: row.testedAt, usedAt: row.usedAt)
    }
}
