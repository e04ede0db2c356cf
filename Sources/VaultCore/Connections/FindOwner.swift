import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

extension Rows {
    /// The owner with exactly this name.
    ///
    /// - Throws: `notFound` with the nearest names.
    func find(_ kind: OwnerKind, _ name: String) throws -> OwnerRow {
        let key = Name.skeleton(of: name)
        let found = try owner(kind.rawValue, nameKey: key)
        if let found, found.name.hasSameBytes(as: Name.canonical(name)) { return found }
        let around = try ownerNames(kind.rawValue, around: key, limit: 50)
        let nearest = Name.nearest(to: name, among: around, limit: 3)
        throw VaultError.input(.notFound(kind: kind, name: name, nearest: nearest))
    }

    /// A connection or client with this name, for commands that take either; a connection comes first.
    func findEither(_ name: String) throws -> OwnerRow {
        do { return try find(.connection, name) } catch let error as VaultError {
            guard case .input(.notFound) = error, let client = try? find(.client, name) else { throw error }
            return client
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

    /// A client's secret is tested through the connections that use it; its own row does not have that test.
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
