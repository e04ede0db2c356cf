// The folder's rule: the ledger is read and checked here, and never changed, but for the one entry that accepts a
// ledger which contradicts what was seen before.

import VaultCrypto
public import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// Which entries are wanted. What is nil admits all.
public struct EntryFilter: Sendable {
    public var object: String?
    public var actor: String?
    public var action: String?
    public var since: Timestamp?
    public var until: Timestamp?
    public var limit: Int?

    public init() {}

    /// Whether an entry is wanted. `ids` are those of the owners that have the wanted name now: what was done to them
    /// under another name belongs to them too.
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

/// What one member did, counted.
public struct MemberActivity: Sendable, Equatable {
    public let id: Identifier
    public let name: String
    public private(set) var entries = 1
    public private(set) var first: Timestamp
    public let last: Timestamp
    public private(set) var actions: [Action: Int]
    var firstSeq: UInt64

    init(newest entry: Entry) {
        (id, name, last, first) = (entry.actor.id, entry.actor.name, entry.time, entry.time)
        (firstSeq, actions) = (entry.seq, [entry.action: 1])
    }

    /// Takes in an older entry.
    mutating func add(_ entry: Entry) {
        entries += 1
        actions[entry.action, default: 0] += 1
        (first, firstSeq) = (entry.time, entry.seq)
    }
}

extension Vault {
    /// The entries of an operation among the newest, none when it changed nothing.
    public func newestEntries(of operation: Identifier) throws(VaultError) -> [Entry] {
        try VaultError.catching {
            try read { try $0.entries(of: operation, from: size - min(size, Self.newest)) }
        }
    }

    /// How many entries an operation is looked for in. Others may have written since, but not so much.
    private static let newest: UInt64 = 10_000

    /// Hands out the entries that a filter admits, newest first.
    ///
    /// `isBack` tells that the clock of the entry stands before that of the entry under it: the order is the
    /// ledger's, whatever the clocks said.
    public func log(
        _ filter: EntryFilter, _ body: (_ entry: Entry, _ bytes: [UInt8], _ isBack: Bool) throws -> Void
    ) throws(VaultError) {
        try VaultError.catching {
            try read { rows in
                let ids = try rows.ids(named: filter.object)
                var left = filter.limit ?? Int.max
                var newer: (entry: Entry, bytes: [UInt8])?
                func hand(_ isBack: Bool) throws {
                    guard let held = newer, left > 0, filter.admits(held.entry, ids: ids) else { return }
                    try body(held.entry, held.bytes, isBack)
                    left -= 1
                }
                try rows.forEachEntryBackwards(before: size) { seq, bytes in
                    let entry = try rows.knownEntry(bytes, seq: seq)
                    try hand((newer?.entry.time).map { $0 < entry.time } ?? false)
                    newer = (entry, bytes)
                    return left > 0
                }
                try hand(false)
            }
        }
    }

    /// What each member did, of the entries that a filter admits; in the order of their first one.
    public func activity(_ filter: EntryFilter) throws(VaultError) -> [MemberActivity] {
        var members: [MemberActivity] = []
        try log(filter) { entry, _, _ in
            if let place = members.firstIndex(where: { $0.id == entry.actor.id }) {
                members[place].add(entry)
            } else {
                members.append(MemberActivity(newest: entry))
            }
        }
        return members.sorted { $0.firstSeq < $1.firstSeq }
    }

    /// Hands out the entries that a filter admits, oldest first, as the bytes that were hashed; its limit does not count.
    public func exportEntries(
        _ filter: EntryFilter = EntryFilter(), _ body: (Entry, [UInt8]) throws -> Void
    ) throws(VaultError) {
        try VaultError.catching {
            try read { rows in
                let ids = try rows.ids(named: filter.object)
                try rows.forEachEntry(in: 0..<size) { seq, bytes in
                    let entry = try rows.knownEntry(bytes, seq: seq)
                    if filter.admits(entry, ids: ids) { try body(entry, bytes) }
                }
            }
        }
    }

    /// One entry by its number, with the proof that it is in the tree.
    public func entry(_ seq: UInt64) throws(VaultError) -> (entry: Entry, bytes: [UInt8]) {
        try VaultError.catching {
            try read { rows in
                guard seq < size else { throw VaultError.entryNotFound(seq) }
                guard let bytes = try rows.entry(seq) else {
                    throw VaultError.tampered(.entryCutOut(expected: size, found: try rows.entryCount()))
                }
                try rows.checkInclusion(of: bytes, at: seq, in: known)
                return (try rows.knownEntry(bytes, seq: seq), bytes)
            }
        }
    }

    /// The newest head: a C2SP checkpoint, signed by the member who made the last change.
    public func checkpoint() throws(VaultError) -> String {
        try VaultError.catching {
            try read { rows in
                guard let note = try rows.head(size) else {
                    throw VaultError.ledger(.malformedHead(size: size))
                }
                return note
            }
        }
    }
}

extension Rows {
    /// The ids of the connection and the client of this name.
    fileprivate func ids(named name: String?) throws -> Set<String> {
        guard let name else { return [] }
        return Set(
            try [OwnerKind.connection, .client].compactMap { kind in
                try owner(kind.rawValue, nameKey: Name.skeleton(of: name)).flatMap {
                    $0.name.hasSameBytes(as: Name.canonical(name)) ? $0.identifier.hex : nil
                }
            })
    }

    /// Computes the inclusion path of an entry and holds it against the verified root.
    func checkInclusion(of bytes: [UInt8], at seq: UInt64, in ledger: KnownLedger) throws {
        var tree = tree(size: ledger.range.size, edge: ledger.range)
        try checkInclusion(of: TreeHash.leaf(bytes), at: seq, in: ledger, &tree)
    }

    /// The same with a tree that keeps the tiles which it was led over.
    func checkInclusion(of leaf: Hash, at seq: UInt64, in ledger: KnownLedger, _ tree: inout TiledTree) throws
    {
        do {
            guard let path = try tree.inclusionPath(of: seq) else { throw ProofError.rootMismatch }
            try Proof.checkInclusion(
                of: leaf, at: seq, size: ledger.range.size, path: path,
                root: ledger.range.root)
        } catch is ProofError {
            throw VaultError.tampered(.entryAltered(seq: seq))
        }
    }
}
