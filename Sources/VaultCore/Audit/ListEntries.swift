import VaultCrypto
public import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// The entries that a filter admits, newest first.
public struct ListEntries: StreamQuery {
    /// An entry of the list.
    public struct Element: Sendable, Codable {
        /// The entry.
        public let entry: Entry
        /// Whether the entry's clock was behind that of the entry before it. The ledger keeps the true order.
        public let isBackInTime: Bool
    }

    private let filter: EntryFilter

    /// Creates a query for the entries that `filter` admits.
    public init(_ filter: EntryFilter) { self.filter = filter }

    public func forEach(in vault: Vault, _ body: (Element) throws -> Void) throws {
        try vault.read { rows in
            let ids = try rows.ids(named: filter.object)
            var left = filter.limit ?? Int.max
            var newer: Entry?
            func pass(isBackInTime: Bool) throws {
                guard let entry = newer, left > 0, filter.admits(entry, ids: ids) else { return }
                try body(Element(entry: entry, isBackInTime: isBackInTime))
                left -= 1
            }
            try rows.forEachEntryBackwards(before: vault.size) { seq, bytes in
                let entry = try rows.knownEntry(bytes, seq: seq)
                try pass(isBackInTime: newer.map { $0.time < entry.time } ?? false)
                newer = entry
                return left > 0
            }
            try pass(isBackInTime: false)
        }
    }
}

/// The number of entries by each member that a filter admits, in the order of their first one.
public struct ListActivity: Query {
    public typealias Answer = [MemberActivity]

    private let filter: EntryFilter

    /// Creates a query for the activity in the entries that `filter` admits.
    public init(_ filter: EntryFilter) { self.filter = filter }

    public func perform(in vault: Vault) throws(VaultError) -> [MemberActivity] {
        try VaultError.catching {
            var members: [MemberActivity] = []
            try ListEntries(filter).forEach(in: vault) { line in
                if let place = members.firstIndex(where: { $0.id == line.entry.actor.id }) {
                    members[place].add(line.entry)
                } else {
                    members.append(MemberActivity(newest: line.entry))
                }
            }
            return members.sorted { $0.firstSeq < $1.firstSeq }
        }
    }
}

/// The entries that a filter admits, oldest first, with the bytes that were hashed. The filter's limit is ignored.
public struct ExportEntries: StreamQuery {
    /// An exported entry.
    public struct Element: Sendable, Codable {
        /// The entry, parsed.
        public let entry: Entry
        /// The canonical JSON that was hashed.
        public let text: String
    }

    private let filter: EntryFilter

    /// Creates an export of the entries that `filter` admits; the default admits all.
    public init(_ filter: EntryFilter = EntryFilter()) { self.filter = filter }

    public func forEach(in vault: Vault, _ body: (Element) throws -> Void) throws {
        try vault.read { rows in
            let ids = try rows.ids(named: filter.object)
            try rows.forEachEntry(in: 0..<vault.size) { seq, bytes in
                let entry = try rows.knownEntry(bytes, seq: seq)
                guard filter.admits(entry, ids: ids) else { return }
                try body(Element(entry: entry, text: String(decoding: bytes, as: UTF8.self)))
            }
        }
    }
}

/// One entry by its number, after verifying that it is in the tree.
///
/// - Throws: `entryNotFound`; `tampered`.
public struct ShowEntry: ReadQuery {
    public typealias Answer = Entry

    private let seq: UInt64

    /// Creates a query for the entry with this number, from 0.
    public init(_ seq: UInt64) { self.seq = seq }

    func run(on rows: Rows, in vault: Vault) throws -> Entry {
        guard seq < vault.size else { throw VaultError.input(.entryNotFound(seq)) }
        guard let bytes = try rows.entry(seq) else {
            throw VaultError.integrity(
                .tampered(.entryCutOut(expected: vault.size, found: try rows.entryCount())))
        }
        try rows.checkInclusion(of: bytes, at: seq, in: vault.known)
        return try rows.knownEntry(bytes, seq: seq)
    }
}

/// The newest head: the text of a C2SP checkpoint, signed by the member who made the last change.
public struct ShowCheckpoint: ReadQuery {
    public typealias Answer = String

    /// Creates the query.
    public init() {}

    func run(on rows: Rows, in vault: Vault) throws -> String {
        guard let note = try rows.head(vault.size) else {
            throw VaultError.integrity(.ledger(.malformedHead(size: vault.size)))
        }
        return note
    }
}

/// The entries of an operation among the newest ones; none if it changed nothing.
public struct FindEntries: ReadQuery {
    public typealias Answer = [Entry]

    /// How many entries are searched. Others may have written since, but not this many.
    private static let newest: UInt64 = 10_000

    private let operation: Identifier

    /// Creates a query for the entries with this operation ID.
    public init(of operation: Identifier) { self.operation = operation }

    func run(on rows: Rows, in vault: Vault) throws -> [Entry] {
        try rows.entries(of: operation, from: vault.size - min(vault.size, Self.newest))
    }
}

/// The entries to list; a criterion that is nil admits all.
public struct EntryFilter: Sendable, Codable {
    /// The name of the object. Entries about its present owner under an earlier name are admitted too.
    public var object: String?
    /// The name of the member who made the change.
    public var actor: String?
    /// An action such as `connection.edit`, or its first word for all actions of that kind.
    public var action: String?
    /// The earliest time, inclusive.
    public var since: Timestamp?
    /// The latest time, inclusive.
    public var until: Timestamp?
    /// The maximum number of entries.
    public var limit: Int?

    /// Creates a filter that admits all entries.
    public init() {}

    /// Whether the filter admits an entry.
    ///
    /// - Parameter ids: The ids of the owners that have the object's name now. Entries about them under earlier names are
    ///   admitted too.
    func admits(_ entry: Entry, ids: Set<String>) -> Bool {
        (object.map { entry.object.name.hasSameBytes(as: $0) || ids.contains(entry.object.id) } ?? true)
            && (actor.map { entry.actor.name.hasSameBytes(as: $0) } ?? true)
            && (action.map { Self.matches(entry.action, $0) } ?? true)
            && (since.map { entry.time >= $0 } ?? true)
            && (until.map { entry.time <= $0 } ?? true)
    }

    /// `connection.edit`, or all of `connection`.
    private static func matches(_ action: Action, _ wanted: String) -> Bool {
        action.rawValue == wanted || action.rawValue.hasPrefix(wanted + ".")
    }
}

/// The number of entries by one member.
public struct MemberActivity: Sendable, Equatable, Codable {
    /// The ID of the member.
    public let id: Identifier
    /// The member's name in their newest entry.
    public let name: String
    /// The number of entries.
    public private(set) var entries = 1
    /// The time of the oldest entry.
    public private(set) var first: Timestamp
    /// The time of the newest entry.
    public let last: Timestamp
    /// The number of entries by action.
    public private(set) var actions: [Action: Int]
    var firstSeq: UInt64

    init(newest entry: Entry) {
        (id, name, last, first) = (entry.actor.id, entry.actor.name, entry.time, entry.time)
        (firstSeq, actions) = (entry.seq, [entry.action: 1])
    }

    /// Counts an older entry.
    mutating func add(_ entry: Entry) {
        entries += 1
        actions[entry.action, default: 0] += 1
        (first, firstSeq) = (entry.time, entry.seq)
    }
}

extension Rows {
    /// The ids of the connection and the client with this name.
    fileprivate func ids(named name: String?) throws -> Set<String> {
        guard let name else { return [] }
        return Set(
            try [OwnerKind.connection, .client].compactMap { kind in
                try owner(kind.rawValue, nameKey: Name.skeleton(of: name)).flatMap {
                    $0.name.hasSameBytes(as: Name.canonical(name)) ? $0.identifier.hex : nil
                }
            })
    }

    /// Verifies the inclusion of an entry in the verified tree.
    func checkInclusion(of bytes: [UInt8], at seq: UInt64, in ledger: KnownLedger) throws {
        var tree = tree(size: ledger.range.size, edge: ledger.range)
        try checkInclusion(of: TreeHash.leaf(bytes), at: seq, in: ledger, &tree)
    }

    /// The same with a tree that keeps the tiles that it has read.
    func checkInclusion(of leaf: Hash, at seq: UInt64, in ledger: KnownLedger, _ tree: inout TiledTree) throws
    {
        do {
            guard let path = try tree.inclusionPath(of: seq) else { throw ProofError.rootMismatch }
            try Proof.checkInclusion(
                of: leaf, at: seq, size: ledger.range.size, path: path,
                root: ledger.range.root)
        } catch is ProofError {
            throw VaultError.integrity(.tampered(.entryAltered(seq: seq)))
        }
    }
}
