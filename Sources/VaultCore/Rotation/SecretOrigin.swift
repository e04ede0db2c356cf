import VaultLedger
import VaultStore

/// The time and author of a version of a secret, from the entry that introduced it.
struct SecretOrigin: Equatable {
    let setAt: Timestamp
    let setBy: String
    let expiresAt: Timestamp?

    init(_ entry: Entry, _ field: String) {
        setAt = entry.time
        setBy = entry.actor.name
        expiresAt = entry.expiry(of: field)
    }
}

extension Entry {
    /// When a version that this entry introduces expires. An entry about one secret has one time, others a time per field.
    func expiry(of field: String) -> Timestamp? {
        let expires = change.details["expires"]
        return (expires?.string ?? expires?[field]?.string).flatMap { Timestamp(text: $0) }
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
        try forEachStateBackwards(of: owner.identifier.hex) { seq, bytes in
            try body(try knownEntry(bytes, seq: seq))
        }
    }

    /// The state of an owner in its newest entry; its rows are not compared.
    func newestState(of owner: OwnerRow) throws -> OwnerState? {
        var state: OwnerState?
        try forEachState(of: owner) { entry in
            state = entry.change.state
            return false
        }
        return state
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
    func origins(of owner: OwnerRow) throws -> [VersionKey: SecretOrigin] {
        try history(of: owner)?.origins ?? [:]
    }

    /// The newest entry with the state of an owner, and the origins of the versions in it.
    ///
    /// A version that was removed never returns, so its origin is the last entry, going backward, that still has it.
    ///
    /// - Parameter proving: Called with each entry before it is used.
    func history(
        of owner: OwnerRow, proving: (UInt64, [UInt8]) throws -> Void = { _, _ in }
    ) throws -> (newest: Entry, origins: [VersionKey: SecretOrigin])? {
        var newest: Entry?
        var origins: [VersionKey: SecretOrigin] = [:]
        var sought: Set<VersionKey> = []
        try forEachStateBackwards(of: owner.identifier.hex) { seq, bytes in
            try proving(seq, bytes)
            let entry = try knownEntry(bytes, seq: seq)
            let here = Set((entry.change.state?.secrets ?? []).map(VersionKey.init))
            if newest == nil { (newest, sought) = (entry, here) }
            sought.formIntersection(here)
            for key in sought {
                origins[key] = SecretOrigin(entry, key.field)
                let isLast = !here.contains { $0.field == key.field && $0.version > key.version }
                if isLast, entry.brings(key.field) { sought.remove(key) }
            }
            return !sought.isEmpty
        }
        return newest.map { ($0, origins) }
    }
}

/// A version of one of an owner's secrets.
struct VersionKey: Hashable {
    let field: String
    let version: UInt64

    init(_ secret: OwnerState.Secret) {
        field = secret.field
        version = secret.version
    }

    init(_ row: SecretRow) {
        field = row.field
        version = row.version
    }
}
