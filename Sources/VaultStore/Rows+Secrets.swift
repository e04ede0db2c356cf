/// A row of `secrets`: a version of a sealed secret. Times are RFC 3339 text.
public struct SecretRow: Sendable, Equatable {
    /// The row ID.
    public var id: Int64
    /// The row ID of the owner.
    public var owner: Int64
    /// The epoch of the master key.
    public var epoch: UInt64
    /// The version number, from 1.
    public var version: UInt64
    /// The key of the field.
    public var field: String
    /// `pending`, `current` or `previous`.
    public var label: String
    /// The digest of the settings that the secret is sealed to.
    public var settingsDigest: [UInt8]
    /// When it was set.
    public var setAt: String
    /// The name of the member who set it.
    public var setBy: String
    /// When it expires.
    public var expiresAt: String?
    /// The sealed value.
    public var sealed: [UInt8]
    /// When its rotation period ends.
    public var rotateBy: String?
    /// When a previous version is destroyed.
    public var keepUntil: String?
    /// When it last passed a test.
    public var testedAt: String?
    /// When it was last used.
    public var usedAt: String?
    /// The entry that should have this version's digest in its digest list, if one does.
    public var listed: UInt64?

    /// Creates a row. Inserting it assigns the row ID.
    public init(
        id: Int64 = 0, owner: Int64, epoch: UInt64, version: UInt64, field: String, label: String,
        settingsDigest: [UInt8], setAt: String, setBy: String, expiresAt: String? = nil, sealed: [UInt8],
        rotateBy: String? = nil
    ) {
        (self.id, self.owner, self.epoch, self.version) = (id, owner, epoch, version)
        (self.field, self.label, self.settingsDigest) = (field, label, settingsDigest)
        (self.setAt, self.setBy, self.expiresAt) = (setAt, setBy, expiresAt)
        (self.sealed, self.rotateBy) = (sealed, rotateBy)
    }

    static let columns = """
        s.id, s.owner, s.epoch, s.version, s.field, s.label, s.settings_digest, s.set_at, s.set_by, \
        s.expires_at, s.sealed, s.rotate_by, s.keep_until, s.tested_at, s.used_at, s.listed
        """

    init(_ row: ResultRow) throws {
        try self.init(
            id: row.number(0), owner: row.number(1), epoch: row.unsigned(2), version: row.unsigned(3),
            field: row.text(4), label: row.text(5), settingsDigest: row.bytes(6), setAt: row.text(7),
            setBy: row.text(8), expiresAt: row.optionalText(9), sealed: row.bytes(10),
            rotateBy: row.optionalText(11))
        keepUntil = try row.optionalText(12)
        testedAt = try row.optionalText(13)
        usedAt = try row.optionalText(14)
        listed = try row.optionalNumber(15).map { UInt64(bitPattern: $0) }
    }
}

/// A secret that a master key rotation has yet to reseal, with everything that its seal is bound to.
public struct SealedRow: Sendable {
    /// The row ID.
    public let id: Int64
    /// The identifier of the owner.
    public let owner: [UInt8]
    /// The key of the field.
    public let field: String
    /// The version number, from 1.
    public let version: UInt64
    /// The epoch of the master key.
    public let epoch: UInt64
    /// The digest of the settings that the secret is sealed to.
    public let settingsDigest: [UInt8]
    /// The sealed value.
    public let sealed: [UInt8]
    /// The entry that should have this version's digest in its digest list, if one does.
    public let listed: UInt64?
}

extension Rows {
    /// Returns the secrets of an owner, ordered by field and version.
    /// - Throws: A database error.
    public func secrets(of owner: Int64) throws -> [SecretRow] {
        try db.all(
            "SELECT \(SecretRow.columns) FROM secrets s WHERE s.owner = ? ORDER BY s.field, s.version",
            [owner], SecretRow.init)
    }

    /// Inserts a secret.
    /// - Throws: A database error.
    public func insertSecret(_ secret: SecretRow) throws {
        try insert(
            .secrets, secret.owner, secret.epoch, secret.version, secret.field, secret.label,
            secret.settingsDigest, secret.setAt, secret.setBy, secret.expiresAt, secret.sealed,
            secret.rotateBy)
    }

    /// Deletes all secrets of an owner.
    /// - Throws: A database error.
    public func deleteSecrets(of owner: Int64) throws {
        db.discardsSealedBytes = true
        try db.run("DELETE FROM secrets WHERE owner = ?", [owner])
    }

    /// Deletes one version of a secret.
    /// - Throws: A database error.
    public func deleteSecret(of owner: Int64, field: String, version: UInt64) throws {
        db.discardsSealedBytes = true
        try db.run(
            "DELETE FROM secrets WHERE owner = ? AND field = ? AND version = ?", [owner, field, version])
    }

    /// Returns the number of secrets.
    /// - Throws: A database error.
    public func countSecrets() throws -> Int { try db.count("secrets") }

    /// Returns the number of secrets sealed in other epochs than this.
    /// - Throws: A database error.
    public func countSecrets(notOf epoch: UInt64) throws -> Int {
        try db.count("secrets WHERE epoch <> ?", [epoch])
    }

    /// Returns the number of secrets sealed in each epoch.
    /// - Throws: A database error.
    public func countSecretsByEpoch() throws -> [(epoch: UInt64, count: Int)] {
        try db.all("SELECT epoch, count(*) FROM secrets GROUP BY epoch ORDER BY epoch") {
            (try $0.unsigned(0), Int(try $0.number(1)))
        }
    }

    /// Returns the row IDs of up to `limit` owners that have a deposit, above `after`, in order. A partial index holds only
    /// these.
    /// - Throws: A database error.
    public func ownersWithDeposits(after: Int64, limit: Int) throws -> [Int64] {
        try db.all(
            """
            SELECT DISTINCT owner FROM secrets
            WHERE substr(sealed, 1, 1) = x'02' AND owner > ? ORDER BY owner LIMIT ?
            """, [after, limit]
        ) { try $0.number(0) }
    }

    /// Returns up to `limit` secrets of other epochs than `epoch` with a row ID above `after`, in order.
    /// - Throws: A database error.
    public func secretsToReseal(to epoch: UInt64, after: Int64, limit: Int) throws -> [SealedRow] {
        let sql = """
            SELECT s.id, o.uid, s.field, s.version, s.epoch, s.settings_digest, s.sealed, s.listed
            FROM secrets s JOIN owners o ON o.id = s.owner
            WHERE s.id > ? AND s.epoch <> ? ORDER BY s.id LIMIT ?
            """
        return try db.all(sql, [after, epoch, limit]) { row in
            try SealedRow(
                id: row.number(0), owner: row.bytes(1), field: row.text(2), version: row.unsigned(3),
                epoch: row.unsigned(4), settingsDigest: row.bytes(5), sealed: row.bytes(6),
                listed: row.optionalNumber(7).map { UInt64(bitPattern: $0) })
        }
    }

    /// Replaces the seals of the rows that `seals` has a blob for.
    /// - Parameters:
    ///   - seals: Seals that were made in `epoch`, by row ID.
    ///   - epoch: The new epoch of these rows.
    ///   - list: The entry that has their digests in its digest list.
    /// - Throws: A database error.
    public func reseal(_ seals: [Int64: [UInt8]], epoch: UInt64, list: UInt64) throws {
        guard let first = seals.keys.min(), let last = seals.keys.max() else { return }
        try db.withBlobs(seals) {
            try db.run(
                """
                UPDATE secrets SET epoch = ?, sealed = new_blob(id), listed = ?
                WHERE id BETWEEN ? AND ? AND new_blob(id) IS NOT NULL
                """, [epoch, list, first, last])
        }
    }

    /// Replaces the seal of a row. The owner's state has the digest of the new one.
    /// - Throws: A database error.
    public func reseal(_ id: Int64, epoch: UInt64, sealed: [UInt8]) throws {
        db.discardsSealedBytes = true
        try db.run(
            "UPDATE secrets SET epoch = ?, sealed = ?, listed = NULL WHERE id = ?", [epoch, sealed, id])
    }
}
