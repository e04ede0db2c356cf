// The folder's rule: the ledger is read and checked here, and never changed, but for the one entry that accepts a
// ledger which contradicts what was seen before.

import VaultCrypto
public import VaultLedger
import VaultStore

/// Which entries are wanted. What is nil admits all.
public struct EntryFilter: Sendable {
    public var object: String?
    public var actor: String?
    public var action: String?
    public var since: Timestamp?
    public var until: Timestamp?
    public var limit: Int?

    public init() {}

    func admits(_ entry: Entry) -> Bool {
        (object.map { entry.object.name == $0 } ?? true)
            && (actor.map { entry.actor.name == $0 } ?? true)
            && (action.map { Self.matches(entry.action, $0) } ?? true)
            && (since.map { entry.time >= $0 } ?? true)
            && (until.map { entry.time <= $0 } ?? true)
    }

    /// `connection.edit`, or all of `connection`.
    private static func matches(_ action: Action, _ wanted: String) -> Bool {
        action.rawValue == wanted || action.rawValue.hasPrefix(wanted + ".")
    }
}

extension Vault {
    /// Hands out the entries that a filter admits, newest first.
    ///
    /// `isBack` tells that the clock of the entry stands before that of the entry under it: the order is the
    /// ledger's, whatever the clocks said.
    public func log(
        _ filter: EntryFilter, _ body: (_ entry: Entry, _ bytes: [UInt8], _ isBack: Bool) throws -> Void
    ) throws(VaultError) {
        try VaultError.catching {
            try read { rows in
                var left = filter.limit ?? Int.max
                var newer: (entry: Entry, bytes: [UInt8])?
                func hand(_ isBack: Bool) throws {
                    guard let held = newer, left > 0, filter.admits(held.entry) else { return }
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

    /// Hands out every entry, oldest first, as the bytes that were hashed.
    public func exportEntries(_ body: (Entry, [UInt8]) throws -> Void) throws(VaultError) {
        try VaultError.catching {
            try read { rows in
                try rows.forEachEntry(in: 0..<size) { seq, bytes in
                    try body(try rows.knownEntry(bytes, seq: seq), bytes)
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
    /// Computes the inclusion path of an entry and holds it against the verified root.
    func checkInclusion(of bytes: [UInt8], at seq: UInt64, in ledger: KnownLedger) throws {
        var tree = tree(size: ledger.range.size)
        do {
            guard let path = try tree.inclusionPath(of: seq) else { throw ProofError.rootMismatch }
            try Proof.checkInclusion(
                of: TreeHash.leaf(bytes), at: seq, size: ledger.range.size, path: path,
                root: ledger.range.root)
        } catch is ProofError {
            throw VaultError.tampered(.entryAltered(seq: seq))
        }
    }
}
