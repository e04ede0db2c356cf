public import VaultLedger
import VaultStore
import VaultText

/// An existing or destroyed version of a secret.
public struct SecretVersion: Sendable, Equatable, Codable {
    /// The key of the field.
    public let field: String
    /// The number of the version, from 1.
    public let version: UInt64
    /// Nil if the version was destroyed.
    public internal(set) var label: SecretLabel?
    /// When it was set.
    public let setAt: Timestamp
    /// The name of the member who set it.
    public let setBy: String
    /// When it expires at the provider; nil if no expiry is known.
    public let expiresAt: Timestamp?
    /// When it passed the test of its rotation; nil if it has not.
    public internal(set) var testedAt: Timestamp?
    /// The end of the overlap in which a previous version is kept; nil for other versions.
    public internal(set) var keepUntil: Timestamp?
    /// When it was destroyed; nil if it exists.
    public internal(set) var destroyedAt: Timestamp?
    /// The name of the member who made that change; nil if it exists.
    public internal(set) var destroyedBy: String?
}

/// A rotation that is under way, or that still keeps its previous versions.
public struct RotationStatus: Sendable, Equatable, Codable {
    /// The kind of the owner.
    public let kind: OwnerKind
    /// The name of the owner.
    public let owner: String
    /// The progress of the rotation.
    public let stage: Stage
    /// The pending versions, or the previous ones during the overlap.
    public let versions: [FieldVersion]
    /// When the first of the versions was set.
    public let since: Timestamp
    /// The name of the member who set it.
    public let by: String
    /// When the previous versions are destroyed.
    public let keepUntil: Timestamp?

    /// The progress of a rotation.
    public enum Stage: String, Sendable, Codable {
        /// Not tested, or the test failed.
        case pending
        /// Passed its test.
        case tested
        /// Finished; the previous versions still exist.
        case overlap
    }
}

/// Every version that the secrets of an owner ever had, from the ledger, by field and version.
///
/// - Throws: `notFound`.
public struct ListVersions: ReadQuery {
    public typealias Answer = [SecretVersion]

    private let owner: String

    /// Creates a query for this connection or client.
    public init(of owner: String) { self.owner = owner }

    func run(on rows: Rows, in vault: Vault) throws -> [SecretVersion] {
        var entries: [Entry] = []
        try rows.forEachState(of: try rows.findEither(owner)) { entry in
            entries.append(entry)
            return true
        }
        var found: [VersionKey: SecretVersion] = [:]
        for entry in entries.reversed() { found.apply(entry) }
        return found.values.sorted { a, b in
            a.field == b.field ? a.version < b.version : a.field.precedesInBytes(b.field)
        }
    }
}

/// The rotations that are under way or in their overlap.
///
/// - Throws: `notFound`, and `tampered` for an owner with rows that differ from the ledger.
public struct ListRotations: ReadQuery {
    public typealias Answer = [RotationStatus]

    private let owner: String?

    /// - Parameter owner: One connection or client; nil for all.
    public init(of owner: String? = nil) { self.owner = owner }

    func run(on rows: Rows, in vault: Vault) throws -> [RotationStatus] {
        let owners = try owner.map { [try rows.findEither($0)] } ?? rows.ownersInRotation()
        let checks = LedgerChecks()
        return try owners.flatMap { row in
            let entry = try rows.stateEntry(of: row, in: vault.known, checks)
            return try rows.rotations(of: row, entry.change.state!)
        }
    }
}

extension [VersionKey: SecretVersion] {
    /// Applies the next entry about the owner.
    fileprivate mutating func apply(_ entry: Entry) {
        let state = entry.change.state?.secrets ?? []
        for secret in state {
            let key = VersionKey(secret)
            var version = self[key] ?? SecretVersion(secret, SecretOrigin(entry, secret.field))
            version.label = secret.label
            version.testedAt = secret.testedAt
            version.keepUntil = secret.keepUntil
            self[key] = version
        }
        let present = Set(state.map(VersionKey.init))
        for (key, version) in self where version.label != nil && !present.contains(key) {
            self[key]!.label = nil
            self[key]!.destroyedAt = entry.time
            self[key]!.destroyedBy = entry.actor.name
        }
    }
}

extension SecretVersion {
    fileprivate init(_ secret: OwnerState.Secret, _ origin: SecretOrigin) {
        field = secret.field
        version = secret.version
        setAt = origin.setAt
        setBy = origin.setBy
        expiresAt = origin.expiresAt
    }
}

extension Rows {
    fileprivate func rotations(of row: OwnerRow, _ state: OwnerState) throws -> [RotationStatus] {
        var all: [RotationStatus] = []
        let origins = try origins(of: row)
        let pending = state.secrets(.pending)
        if let first = pending.first, let origin = origins[VersionKey(first)] {
            let isTested = pending.allSatisfy { $0.testedAt != nil }
            all.append(
                RotationStatus(
                    kind: row.ownerKind, owner: row.name, stage: isTested ? .tested : .pending,
                    versions: RotationStep(row, pending).versions, since: origin.setAt, by: origin.setBy,
                    keepUntil: nil))
        }
        let previous = state.secrets(.previous)
        if let first = previous.first, let origin = origins[VersionKey(first)] {
            all.append(
                RotationStatus(
                    kind: row.ownerKind, owner: row.name, stage: .overlap,
                    versions: RotationStep(row, previous).versions, since: origin.setAt, by: origin.setBy,
                    keepUntil: previous.compactMap(\.keepUntil).max()))
        }
        return all
    }
}
