import VaultLedger
import VaultStore
import VaultText

/// A connection or client as replayed from its entries: all its columns except for sealed bytes and times of use.
///
/// `LedgerState` is the same for members, slots, epochs and connectors. Both need no key.
struct ReplayedOwner {
    /// The newest entry with a state.
    private(set) var newest: Entry
    private(set) var name: String
    private(set) var settings: JSON.Members = [:]
    private(set) var note = ""
    private(set) var tags: JSON.Members = [:]
    /// Where the versions of its secrets come from.
    private(set) var origins: [FieldVersion: SecretOrigin] = [:]
    private let connector: JSON

    /// Creates an owner from its first entry; nil if that does not create an owner.
    init?(_ entry: Entry) {
        guard entry.action.isCreation, let connector = entry.change.details["connector"] else { return nil }
        (newest, name, self.connector) = (entry, entry.object.name, connector)
        apply(entry)
    }

    /// Applies the next entry with a state of the same owner.
    mutating func apply(_ entry: Entry) {
        newest = entry
        for setting in entry.change.settings { settings[setting.key] = setting.new }
        let details = entry.change.details
        if let change = details["name"] { name = change["new"]?.string ?? "" }
        if entry.action.isCreation {
            note = details["note"]?.string ?? ""
            tags = details["tags"]?.object ?? [:]
        } else if entry.action == .annotateConnection {
            if let change = details["note"] { note = change["new"]?.string ?? "" }
            for change in details["tags"]?.object?.pairs ?? [] { tags[change.key] = change.value["new"] }
        }
        var present: [FieldVersion: SecretOrigin] = [:]
        for secret in entry.change.state?.secrets ?? [] {
            let key = FieldVersion(secret)
            present[key] = origins[key] ?? entry.origin(of: secret.field)
        }
        origins = present
    }

    /// Whether an owner's row has this connector, name and settings.
    func hasSettings(of row: OwnerRow) -> Bool {
        name.hasSameBytes(as: row.name) && connector == .string(row.connector)
            && JSON.object(settings).text.hasSameBytes(as: row.settings)
    }

    /// Whether an owner's row and tags are these annotations.
    func hasAnnotations(of row: OwnerRow, _ tags: [(key: String, value: String)]) -> Bool {
        let stored = JSON.object(JSON.Members(tags.map { ($0.key, .string($0.value)) }))
        return note.hasSameBytes(as: row.note) && JSON.object(self.tags).text.hasSameBytes(as: stored.text)
    }
}

extension Rows {
    /// Replays the entries of an owner; nil if they do not begin with its creation.
    ///
    /// - Parameter proving: Called with each entry before it is used.
    func replay(_ owner: OwnerRow, proving: (UInt64, [UInt8]) throws -> Void) throws -> ReplayedOwner? {
        var entries: [Entry] = []
        try forEachEntryBackwards(about: owner.identifier.hex, hasState: true) { seq, bytes in
            try proving(seq, bytes)
            entries.append(try knownEntry(bytes, seq: seq))
            return true
        }
        var replayed = entries.popLast().flatMap(ReplayedOwner.init)
        for entry in entries.reversed() { replayed?.apply(entry) }
        return replayed
    }
}
