public import VaultLedger
import VaultStore

/// What a step of a rotation did.
public struct RotationStep: Sendable, Equatable, Codable {
    /// The kind of the owner.
    public let kind: OwnerKind
    /// The name of the owner.
    public let owner: String
    /// The versions that the step was about: the pending ones, or, after `FinishRotation`, the new current ones.
    public let versions: [FieldVersion]
    /// When the previous versions are destroyed, or nil if there are none.
    public var keepUntil: Timestamp?

    init(_ row: OwnerRow, _ secrets: [OwnerState.Secret], keepUntil: Timestamp? = nil) {
        kind = row.ownerKind
        owner = row.name
        versions = secrets.map(FieldVersion.init)
        self.keepUntil = keepUntil
    }
}

/// One version of one field.
public struct FieldVersion: Sendable, Hashable, Codable {
    /// The key of the field.
    public let field: String
    /// The number of the version, from 1.
    public let version: UInt64
}

extension FieldVersion {
    init(_ secret: OwnerState.Secret) { self.init(field: secret.field, version: secret.version) }
    init(_ row: SecretRow) { self.init(field: row.field, version: row.version) }
}

extension OwnerState {
    /// The error for a field without versions.
    func noSuchSecret(_ field: String, of owner: OwnerRow) -> VaultError {
        .input(.noSuchSecret(owner: owner.name, field: field, fields: Set(secrets.map(\.field)).sorted()))
    }
}

// Steps that several operations share.
extension Transaction {
    /// The pending versions of an owner.
    ///
    /// - Throws: `nothingPending`, or `settingsEdited` if an edit destroyed them.
    func pending(_ state: OwnerState, _ row: OwnerRow) throws -> [OwnerState.Secret] {
        let pending = state.secrets(.pending)
        guard pending.isEmpty else { return pending }
        var fault = RotationFault.nothingPending(
            owner: row.name, fields: state.secrets(.current).map(\.field))
        try rows.forEachState(of: row) { entry in
            switch entry.action {
            case .editConnection, .editClient:
                let lost = entry.change.details["destroyed"]?.array ?? []
                let fields = lost.filter { $0["label"]?.string == SecretLabel.pending.rawValue }
                    .compactMap { $0["field"]?.string }
                if !fields.isEmpty {
                    fault = .settingsEdited(
                        owner: row.name, fields: fields, by: entry.actor.name, at: entry.time)
                }
                return false
            case .startRotation, .finishRotation, .abortRotation: return false
            default: return true
            }
        }
        throw VaultError.rotation(fault)
    }

    func relabel(
        _ secret: OwnerState.Secret, _ label: SecretLabel, keepUntil: Timestamp? = nil, of row: OwnerRow,
        in state: inout OwnerState
    ) throws {
        var secret = secret
        secret.label = label
        secret.keepUntil = keepUntil
        state.put(secret)
        // The row's time of a test of the connection belonged to the version that was current then; only the test of a
        // rotation stays with its version.
        try rows.label(
            of: row.id, field: secret.field, version: secret.version, label.rawValue,
            keepUntil: keepUntil?.text, testedAt: secret.testedAt?.text)
    }

    /// Deletes the row of a version. SQLite overwrites it, and the write-ahead log is emptied after the commit.
    func destroy(_ secret: OwnerState.Secret, of row: OwnerRow, in state: inout OwnerState) throws {
        try rows.deleteSecret(of: row.id, field: secret.field, version: secret.version)
        state.remove(secret.field, secret.version)
    }

    /// - Parameter why: The reason, if no member asked for it.
    mutating func recordDestruction(
        _ secrets: [OwnerState.Secret], of row: OwnerRow, state: inout OwnerState, why: String? = nil
    ) throws {
        for secret in secrets { try destroy(secret, of: row, in: &state) }
        var change = Change(state: state)
        change.note(destroyed: secrets.map { ($0.field, $0.version, $0.label.rawValue) })
        if let why { change.details["why"] = .string(why) }
        try record(.destroySecret, row.object, change)
    }

    /// The tolerated difference between the clocks of two machines, in seconds.
    static let clockTolerance: Int64 = 300

    /// Refuses to start an overlap on a clock that went back: the overlap would already be over.
    func checkClock(_ row: OwnerRow) throws {
        let seen = try stateEntry(of: row).time
        guard time.seconds >= seen.seconds - Self.clockTolerance else {
            throw VaultError.rotation(.clockWentBack(owner: row.name, now: time, seen: seen))
        }
    }
}
