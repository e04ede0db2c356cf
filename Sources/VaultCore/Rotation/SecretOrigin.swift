import VaultLedger
import VaultStore

/// The time and author of a version of a secret, from the entry that introduced it.
struct SecretOrigin: Equatable {
    let setAt: Timestamp
    let setBy: String
    let expiresAt: Timestamp?
}

extension Entry {
    /// The origin of a version that this entry introduces. An entry about one secret has one expiry, others one per field.
    func origin(of field: String) -> SecretOrigin {
        let expires = change.details["expires"]
        return SecretOrigin(
            setAt: time, setBy: actor.name,
            expiresAt: (expires?.string ?? expires?[field]?.string).flatMap { Timestamp(text: $0) })
    }

    /// Whether this entry introduces a version of a field, which is then in its state.
    func brings(_ field: String) -> Bool {
        switch action {
        case .createConnection, .createClient, .editConnection, .editClient:
            change.state?.secrets.contains { $0.field == field } ?? false
        case .setSecret: change.details["field"]?.string == field
        case .startRotation: change.details["fields"]?.array?.contains(.string(field)) ?? false
        default: false
        }
    }
}

extension Rows {
    /// Calls `body` with the entries that have the state of an owner, newest first, until it returns false.
    func forEachState(of owner: OwnerRow, _ body: (Entry) throws -> Bool) throws {
        try forEachEntryBackwards(about: owner.identifier.hex, hasState: true) { seq, bytes in
            try body(try knownEntry(bytes, seq: seq))
        }
    }

    /// The state of an owner in its newest entry; its rows are not compared.
    func newestState(of owner: OwnerRow) throws -> OwnerState? {
        try newestState(of: owner.identifier.hex).flatMap {
            try knownEntry($0.entry, seq: $0.seq).change.state
        }
    }

    /// One more than the largest version that a field of an owner ever had, so that no version is reused.
    ///
    /// That version is in the newest entry that introduced one: versions only grow, and later entries only remove some.
    func nextVersion(of field: String, _ owner: OwnerRow) throws -> UInt64 {
        var newest: UInt64 = 0
        try forEachState(of: owner) { entry in
            for secret in entry.change.state?.secrets ?? [] where secret.field == field {
                newest = max(newest, secret.version)
            }
            return !entry.brings(field)
        }
        return newest + 1
    }

    /// The origins of an owner's versions.
    ///
    /// - Throws: `tampered` if the owner's entries do not begin with its creation.
    func origins(of owner: OwnerRow) throws -> [FieldVersion: SecretOrigin] {
        guard let replayed = try replay(owner, proving: { _, _ in }) else {
            throw VaultError.integrity(.tampered(.ownerUnsigned(owner: owner.name)))
        }
        return replayed.origins
    }
}
