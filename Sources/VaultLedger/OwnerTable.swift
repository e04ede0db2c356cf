import VaultCrypto

/// A compact hash table of all owners of a ledger by ID: about 90 bytes for an owner with one secret.
///
/// A dictionary of arrays would take four times as much, and twice that while it grows.
public struct OwnerTable: Sendable {
    /// Open addressing: the index of an owner plus one, or 0 for a free slot.
    private var index = [UInt32](repeating: 0, count: 64)
    private var owners = Chunks<Slot>()
    private var versions = Chunks<Version>()
    private var fields: [String] = []
    private var fieldNumbers: [String: UInt32] = [:]
    /// The number of elements of `versions` that no owner uses anymore.
    private var unused = 0

    /// Creates an empty table.
    public init() {}

    private struct Slot {
        let key: IdentifierKey
        var first: UInt32
        var count: UInt32
        var kind: Entry.Object.Kind
        var isRemoved: Bool
        var isSeen = false
    }

    private struct Version {
        let digest: Hash
        let version: UInt64
        let list: UInt64
        /// 0 if unknown.
        let epoch: UInt32
        let field: UInt32
        let flags: UInt8

        static let none = UInt64.max
        static let isDeposit: UInt8 = 1
        static let hasDigest: UInt8 = 2
    }

    /// The number of owners, including removed ones.
    public var count: Int { owners.count }

    /// The owner with this ID. Setting `nil` does nothing.
    public subscript(key: IdentifierKey) -> SealedOwner? {
        get { place(of: key).map { owner(owners[$0]) } }
        set {
            guard let newValue else { return }
            if let place = place(of: key) { put(newValue, at: place) } else { add(key, newValue) }
        }
    }

    /// Marks an owner as seen, and returns it; `nil` if it doesn't exist or was removed.
    public mutating func markSeen(_ key: IdentifierKey) -> SealedOwner? {
        guard let place = place(of: key), !owners[place].isRemoved else { return nil }
        owners[place].isSeen = true
        return owner(owners[place])
    }

    /// Whether an owner that was not removed has not been seen.
    public var hasUnseen: Bool {
        (0..<owners.count).contains { !owners[$0].isRemoved && !owners[$0].isSeen }
    }
}

extension OwnerTable {
    private func owner(_ slot: Slot) -> SealedOwner {
        let range = Int(slot.first)..<Int(slot.first) + Int(slot.count)
        return SealedOwner(
            kind: slot.kind, isRemoved: slot.isRemoved,
            versions: range.map { place in
                let version = versions[place]
                return SealedVersion(
                    field: fields[Int(version.field)], version: version.version,
                    isDeposit: version.flags & Version.isDeposit != 0,
                    epoch: version.epoch == 0 ? nil : UInt64(version.epoch),
                    digest: version.flags & Version.hasDigest == 0 ? nil : version.digest,
                    list: version.list == Version.none ? nil : version.list)
            })
    }

    private mutating func packed(_ version: SealedVersion) -> Version {
        let flags =
            (version.isDeposit ? Version.isDeposit : 0) | (version.digest == nil ? 0 : Version.hasDigest)
        return Version(
            digest: version.digest ?? Hash(), version: version.version, list: version.list ?? Version.none,
            // Replay has checked that the epoch exists, and epoch numbers have no gaps.
            epoch: UInt32(clamping: version.epoch ?? 0), field: number(of: version.field), flags: flags)
    }

    private mutating func number(of field: String) -> UInt32 {
        if let number = fieldNumbers[field] { return number }
        let number = UInt32(fields.count)
        fields.append(field)
        fieldNumbers[field] = number
        return number
    }

    private mutating func put(_ owner: SealedOwner, at place: Int) {
        let (first, count) = (owners[place].first, Int(owners[place].count))
        owners[place].kind = owner.kind
        owners[place].isRemoved = owner.isRemoved
        owners[place].count = UInt32(owner.versions.count)
        unused += count - owner.versions.count
        guard owner.versions.count > count else {
            for (offset, version) in owner.versions.enumerated() {
                versions[Int(first) + offset] = packed(version)
            }
            return
        }
        unused += owner.versions.count
        owners[place].first = UInt32(versions.count)
        for version in owner.versions { versions.append(packed(version)) }
        if unused > 4096, unused > versions.count / 2 { pack() }
    }

    private mutating func add(_ key: IdentifierKey, _ owner: SealedOwner) {
        if (owners.count + 1) * 10 > index.count * 7 { grow() }
        owners.append(
            Slot(
                key: key, first: UInt32(versions.count), count: UInt32(owner.versions.count),
                kind: owner.kind, isRemoved: owner.isRemoved))
        for version in owner.versions { versions.append(packed(version)) }
        index[freePlace(for: key)] = UInt32(owners.count)
    }

    /// Drops the versions that no owner uses anymore.
    private mutating func pack() {
        var kept = Chunks<Version>()
        for place in 0..<owners.count {
            let (first, count) = (Int(owners[place].first), Int(owners[place].count))
            owners[place].first = UInt32(kept.count)
            for offset in 0..<count { kept.append(versions[first + offset]) }
        }
        (versions, unused) = (kept, 0)
    }

    private mutating func grow() {
        index = [UInt32](repeating: 0, count: index.count * 2)
        for place in 0..<owners.count { index[freePlace(for: owners[place].key)] = UInt32(place + 1) }
    }

    private func place(of key: IdentifierKey) -> Int? {
        var place = start(of: key)
        while index[place] != 0 {
            let owner = Int(index[place]) - 1
            if owners[owner].key == key { return owner }
            place = (place + 1) & (index.count - 1)
        }
        return nil
    }

    private func freePlace(for key: IdentifierKey) -> Int {
        var place = start(of: key)
        while index[place] != 0 { place = (place + 1) & (index.count - 1) }
        return place
    }

    /// Uses Swift's seeded hash, since the author of an entry chooses the ID.
    private func start(of key: IdentifierKey) -> Int { key.hashValue & (index.count - 1) }
}

/// An array in chunks, which doesn't need twice the memory while it grows.
private struct Chunks<Element: Sendable>: Sendable {
    private static var size: Int { 1 << 14 }
    private var chunks: [[Element]] = []
    private(set) var count = 0

    mutating func append(_ element: Element) {
        if count & (Self.size - 1) == 0 {
            chunks.append([])
            if count > 0 { chunks[chunks.count - 1].reserveCapacity(Self.size) }
        }
        chunks[chunks.count - 1].append(element)
        count += 1
    }

    subscript(place: Int) -> Element {
        _read { yield chunks[place >> 14][place & (Self.size - 1)] }
        _modify { yield &chunks[place >> 14][place & (Self.size - 1)] }
    }
}
