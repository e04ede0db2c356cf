/// The owners that replay reads and updates.
public protocol KnownOwners {
    /// The owner with this ID, removed or not; `nil` if there never was one.
    mutating func owner(_ key: IdentifierKey) -> SealedOwner?
    /// Stores a new or changed owner.
    mutating func keep(_ owner: SealedOwner, _ key: IdentifierKey)
    /// The digest list that the file stores for the entry with this number.
    func list(_ seq: UInt64) -> [UInt8]?
}

/// What a verifier that continues from an earlier state looks up in the file.
public protocol LedgerHistory: AnyObject {
    /// The owner as of the verifier's first entry; `nil` if no earlier entry is about it.
    func owner(_ key: IdentifierKey) -> SealedOwner?
    /// The digest list that the file stores for the entry with this number.
    func list(_ seq: UInt64) -> [UInt8]?
}

/// The owners that the entries were about, backed by those that the file has from before.
public struct ReplayedOwners: KnownOwners {
    /// The owners as of the newest entry.
    public private(set) var owners: [IdentifierKey: SealedOwner] = [:]
    private let history: (any LedgerHistory)?

    /// Creates an empty set of owners.
    public init(_ history: (any LedgerHistory)? = nil) { self.history = history }

    /// The owner with this ID.
    public mutating func owner(_ key: IdentifierKey) -> SealedOwner? {
        if let known = owners[key] { return known }
        guard let found = history?.owner(key) else { return nil }
        owners[key] = found
        return found
    }

    /// Stores a new or changed owner.
    public mutating func keep(_ owner: SealedOwner, _ key: IdentifierKey) { owners[key] = owner }
    /// The digest list of an entry.
    public func list(_ seq: UInt64) -> [UInt8]? { history?.list(seq) }
}
