public import VaultLedger
import VaultStore
import VaultText

/// A version of a secret that is or was there.
public struct SecretVersion: Sendable, Equatable {
    public let field: String
    public let version: UInt64
    /// Nil when it was destroyed.
    public internal(set) var label: SecretLabel?
    public let setAt: Timestamp
    public let setBy: String
    public let expiresAt: Timestamp?
    public internal(set) var testedAt: Timestamp?
    public internal(set) var keepUntil: Timestamp?
    public internal(set) var destroyedAt: Timestamp?
    public internal(set) var destroyedBy: String?
}

/// A rotation that is going on, or whose previous versions are still kept.
public struct RotationStatus: Sendable, Equatable {
    public let kind: OwnerKind
    public let owner: String
    public let stage: Stage
    public let versions: [FieldVersion]
    public let since: Timestamp
    public let by: String
    /// When the previous versions are destroyed.
    public let keepUntil: Timestamp?

    public enum Stage: String, Sendable {
        /// Waits for its test, or has failed it.
        case pending
        /// Has passed its test.
        case tested
        /// Is finished; the versions before are still there.
        case overlap
    }
}

extension Vault {
    /// Every version that the secrets of an owner ever had, as the ledger tells: by field and version.
    public func versions(of name: String) throws(VaultError) -> [SecretVersion] {
        try VaultError.catching {
            try read { rows in
                var found: [VersionKey: SecretVersion] = [:]
                var entries: [Entry] = []
                try rows.forEachState(of: try rows.findEither(name)) { entry in
                    entries.append(entry)
                    return true
                }
                for entry in entries.reversed() { found.follow(entry) }
                return found.values.sorted { a, b in
                    a.field == b.field
                        ? a.version < b.version
                        : a.field.precedesInBytes(b.field)
                }
            }
        }
    }

    /// The rotations that are going on or in their overlap: of one owner, or all.
    public func rotations(of name: String? = nil) throws(VaultError) -> [RotationStatus] {
        try VaultError.catching {
            try read { rows in
                let owners = try name.map { [try rows.findEither($0)] } ?? rows.ownersInRotation()
                let checks = LedgerChecks()
                return try owners.flatMap { row in
                    let entry = try rows.stateEntry(of: row, in: known, checks)
                    return try rows.rotations(of: row, entry.change.state!)
                }
            }
        }
    }
}

extension [VersionKey: SecretVersion] {
    /// Takes the next entry about the owner in.
    fileprivate mutating func follow(_ entry: Entry) {
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
