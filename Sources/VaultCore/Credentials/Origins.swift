import VaultLedger
import VaultStore

/// How a version of a secret came to be, as the first entry that tells of it says.
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
    /// When a version that this entry brings expires: one time for the one secret that it is about, or a time by field.
    func expiry(of field: String) -> Timestamp? {
        let expires = change.details["expires"]
        return (expires?.string ?? expires?[field]?.string).flatMap { Timestamp(text: $0) }
    }

    /// Whether this entry brings a new version of a field, which it then has in its state.
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
    /// Hands out the entries that tell the state of an owner, newest first, until `body` has had enough.
    func forEachState(of owner: OwnerRow, _ body: (Entry) throws -> Bool) throws {
        try forEachStateBackwards(of: owner.identifier.hex) { seq, bytes in
            try body(try knownEntry(bytes, seq: seq))
        }
    }

    /// What the newest entry says of an owner, whatever its rows say by now.
    func newestState(of owner: OwnerRow) throws -> OwnerState? {
        var state: OwnerState?
        try forEachState(of: owner) { entry in
            state = entry.change.state
            return false
        }
        return state
    }

    /// One more than the largest version that this field of this owner ever had, so that no version comes twice.
    ///
    /// The newest entry that brought one has it: versions only grow, and what comes after takes some away at most.
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

    /// How each of the versions that an owner has now came to be, by field and version.
    func origins(of owner: OwnerRow) throws -> [VersionKey: SecretOrigin] {
        try history(of: owner)?.origins ?? [:]
    }

    /// The newest entry that tells the state of an owner, and where its versions came from; mostly one and the same.
    ///
    /// A version never comes back, so its first entry is the last one, going backwards, that still has it.
    /// `proving` is given each entry before it is believed.
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

/// A version of a field of some owner.
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
