/// A sealed secret, as its row has it.
public struct SecretRow: Sendable, Equatable {
    public var id: Int64
    public var owner: Int64
    public var epoch: UInt64
    public var version: UInt64
    public var field: String
    public var label: String
    public var settingsDigest: [UInt8]
    public var setAt: String
    public var setBy: String
    public var expiresAt: String?
    public var sealed: [UInt8]
    /// When its period asks for the next version.
    public var rotateBy: String?
    /// Of a previous version: when it is destroyed.
    public var keepUntil: String?
    /// When it last passed a test, and when it was last used.
    public var testedAt: String?
    public var usedAt: String?
    /// The entry whose digest list is to have this version's digest, if one has.
    public var listed: UInt64?

    public init(
        id: Int64 = 0, owner: Int64, epoch: UInt64, version: UInt64, field: String, label: String,
        settingsDigest: [UInt8], setAt: String, setBy: String, expiresAt: String? = nil, sealed: [UInt8],
        rotateBy: String? = nil
    ) {
        self.id = id
        self.owner = owner
        self.epoch = epoch
        self.version = version
        self.field = field
        self.label = label
        self.settingsDigest = settingsDigest
        self.setAt = setAt
        self.setBy = setBy
        self.expiresAt = expiresAt
        self.sealed = sealed
        self.rotateBy = rotateBy
    }

    static let columns = """
        id, owner, epoch, version, field, label, settings_digest, set_at, set_by, expires_at, sealed, rotate_by, \
        keep_until, tested_at, used_at, listed
        """

    init(_ row: ResultRow) throws {
        id = try row.number(0)
        owner = try row.number(1)
        epoch = try row.count(2)
        version = try row.count(3)
        field = try row.text(4)
        label = try row.text(5)
        settingsDigest = row.bytes(6)
        setAt = try row.text(7)
        setBy = try row.text(8)
        expiresAt = try row.optionalText(9)
        sealed = row.bytes(10)
        rotateBy = try row.optionalText(11)
        keepUntil = try row.optionalText(12)
        testedAt = try row.optionalText(13)
        usedAt = try row.optionalText(14)
        listed = try row.optionalNumber(15).map { UInt64(bitPattern: $0) }
    }
}

/// A secret that a rotation has still to seal again: the row's number and all that its seal is bound to.
public struct SealedRow: Sendable {
    public let id: Int64
    public let owner: [UInt8]
    public let field: String
    public let version: UInt64
    public let epoch: UInt64
    public let settingsDigest: [UInt8]
    public let sealed: [UInt8]
    public let listed: UInt64?
}

extension Rows {
    /// The secrets of an owner, by field and version.
    public func secrets(of owner: Int64) throws -> [SecretRow] {
        try db.all(
            "SELECT \(SecretRow.columns) FROM secrets WHERE owner = ? ORDER BY field, version", [owner],
            SecretRow.init)
    }

    public func insertSecret(_ secret: SecretRow) throws {
        try insert(
            .secrets, secret.owner, secret.epoch, secret.version, secret.field, secret.label,
            secret.settingsDigest, secret.setAt, secret.setBy, secret.expiresAt, secret.sealed,
            secret.rotateBy)
    }

    public func deleteSecrets(of owner: Int64) throws {
        db.discardsSeals = true
        try db.run("DELETE FROM secrets WHERE owner = ?", [owner])
    }

    public func deleteSecret(of owner: Int64, field: String, version: UInt64) throws {
        db.discardsSeals = true
        try db.run(
            "DELETE FROM secrets WHERE owner = ? AND field = ? AND version = ?", [owner, field, version])
    }

    public func countSecrets() throws -> Int {
        Int(try db.number("SELECT count(*) FROM secrets") ?? 0)
    }

    /// How many secrets stand under other epochs than this.
    public func countSecrets(notOf epoch: UInt64) throws -> Int {
        Int(try db.number("SELECT count(*) FROM secrets WHERE epoch <> ?", [epoch]) ?? 0)
    }

    /// How many secrets stand under each epoch.
    public func countSecretsByEpoch() throws -> [(epoch: UInt64, count: Int)] {
        try db.all("SELECT epoch, count(*) FROM secrets GROUP BY epoch ORDER BY epoch") {
            (try $0.count(0), Int(try $0.number(1)))
        }
    }

    /// Up to `limit` owners that have a deposit, by their rows, behind row `after`. An index holds nothing but these.
    public func ownersWithDeposits(after: Int64, limit: Int) throws -> [Int64] {
        try db.all(
            """
            SELECT DISTINCT owner FROM secrets
            WHERE substr(sealed, 1, 1) = x'02' AND owner > ? ORDER BY owner LIMIT ?
            """, [after, limit]
        ) { try $0.number(0) }
    }

    /// Up to `limit` secrets of other epochs than `epoch`, behind row `after`, in the order of the rows.
    public func secretsToReseal(to epoch: UInt64, after: Int64, limit: Int) throws -> [SealedRow] {
        let sql = """
            SELECT s.id, o.uid, s.field, s.version, s.epoch, s.settings_digest, s.sealed, s.listed
            FROM secrets s JOIN owners o ON o.id = s.owner
            WHERE s.id > ? AND s.epoch <> ? ORDER BY s.id LIMIT ?
            """
        return try db.all(sql, [after, epoch, limit]) { row in
            SealedRow(
                id: try row.number(0), owner: row.bytes(1), field: try row.text(2), version: try row.count(3),
                epoch: try row.count(4), settingsDigest: row.bytes(5), sealed: row.bytes(6),
                listed: try row.optionalNumber(7).map { UInt64(bitPattern: $0) })
        }
    }

    /// Puts seals that were made under `epoch` in the place of those that the rows have; rows between them that are given
    /// none stay as they are.
    ///
    /// `list` is the entry whose digest list has them.
    public func reseal(_ seals: RowBlobs, epoch: UInt64, list: UInt64) throws {
        guard let rows = seals.rows else { return }
        try db.offering(seals) {
            try db.run(
                """
                UPDATE secrets SET epoch = ?, sealed = new_blob(id), listed = ?
                WHERE id BETWEEN ? AND ? AND new_blob(id) IS NOT NULL
                """, [epoch, list, rows.lowerBound, rows.upperBound])
        }
    }

    /// Puts a seal that the owner's state tells of in the place of the one that a row has.
    public func reseal(_ id: Int64, epoch: UInt64, sealed: [UInt8]) throws {
        db.discardsSeals = true
        try db.run(
            "UPDATE secrets SET epoch = ?, sealed = ?, listed = NULL WHERE id = ?",
            [Int64(epoch), sealed, id])
    }
}
