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
        var found: [FieldVersion: SecretVersion] = [:]
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
        return try owners.flatMap { row -> [RotationStatus] in
            let state = try rows.stateEntry(of: row, in: vault.known, checks).change.state!
            let origins = try rows.origins(of: row)
            return [SecretLabel.pending, .previous].compactMap { label -> RotationStatus? in
                let secrets = state.secrets(label)
                guard let origin = secrets.first.flatMap({ origins[FieldVersion($0)] }) else { return nil }
                let isTested = secrets.allSatisfy { $0.testedAt != nil }
                return RotationStatus(
                    kind: row.ownerKind, owner: row.name,
                    stage: label == .previous ? .overlap : isTested ? .tested : .pending,
                    versions: secrets.map(FieldVersion.init), since: origin.setAt, by: origin.setBy,
                    keepUntil: secrets.compactMap(\.keepUntil).max())
            }
        }
    }
}

extension [FieldVersion: SecretVersion] {
    fileprivate mutating func apply(_ entry: Entry) {
        let state = entry.change.state?.secrets ?? []
        for secret in state {
            let key = FieldVersion(secret)
            let origin = entry.origin(of: secret.field)
            var version =
                self[key]
                ?? SecretVersion(
                    field: secret.field, version: secret.version, setAt: origin.setAt, setBy: origin.setBy,
                    expiresAt: origin.expiresAt)
            version.label = secret.label
            version.testedAt = secret.testedAt
            version.keepUntil = secret.keepUntil
            self[key] = version
        }
        let present = Set(state.map(FieldVersion.init))
        for (key, version) in self where version.label != nil && !present.contains(key) {
            self[key]!.label = nil
            self[key]!.destroyedAt = entry.time
            self[key]!.destroyedBy = entry.actor.name
        }
    }
}
