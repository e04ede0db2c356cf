import VaultCrypto
import VaultLedger
import VaultStore
import VaultText

/// Checks entries and digest lists against the tree, and caches the results for one transaction: nothing else changes what
/// a transaction sees.
final class LedgerChecks {
    private var isComplete = false
    /// The number of the last entry that was found in the tree.
    private var found: UInt64?
    /// Leaf hashes of full tiles that were found in the tree.
    private var tiles: [UInt64: [Hash]] = [:]
    private var owners: [IdentifierKey: SealedOwner] = [:]
    private var lists: [UInt64: DigestList] = [:]
    /// Replaced by work of several transactions, so that each list is read only once.
    var listIndex = DigestListIndex()
    /// Set by work that needs most owners: they are then not looked up one by one.
    var replayed: OwnerReader?
    /// Entries from this one on were hashed in the same transaction, and need no proof.
    var hashed = UInt64.max

    /// The sizes of the caches.
    private static let maximum = (owners: 8192, lists: 64, tiles: 256)

    /// Checks that there are as many entries as the size of the ledger: none was deleted from the middle.
    func checkComplete(_ rows: Rows, _ ledger: KnownLedger) throws {
        guard !isComplete else { return }
        let (size, count) = (ledger.range.size, try rows.entryCount())
        guard count == size else {
            throw VaultError.integrity(.tampered(.entryCutOut(expected: size, found: count)))
        }
        isComplete = true
    }

    /// Checks that an entry is in the tree.
    ///
    /// A proof that leads through a full tile covers all hashes of the tile, so for its other entries it is enough to
    /// compare hashes.
    func checkIncluded(_ entry: [UInt8], _ seq: UInt64, _ rows: Rows, _ ledger: KnownLedger) throws {
        guard found != seq, seq < hashed else { return }
        let (tile, place) = seq.quotientAndRemainder(dividingBy: TileID.width)
        let leaf = TreeHash.leaf(entry)
        if let hashes = tiles[tile] {
            guard hashes[Int(place)] == leaf else {
                throw VaultError.integrity(.tampered(.entryAltered(seq: seq)))
            }
        } else {
            var tree = rows.tree(size: ledger.range.size, edge: ledger.range)
            try rows.checkInclusion(of: leaf, at: seq, in: ledger, &tree)
            if (tile + 1) * TileID.width <= ledger.range.size {
                var hashes = try tree.tile(TileID(level: 0, index: tile))
                hashes[Int(place)] = leaf
                if tiles.count == Self.maximum.tiles { tiles.removeAll(keepingCapacity: true) }
                tiles[tile] = hashes
            }
        }
        found = seq
    }
}

// What the ledger says about owners and the sealed bytes of their secrets (docs/format.md, section 9).
extension LedgerChecks {
    /// What the newest state and digest lists say about an owner, or nil without any.
    ///
    /// - Throws: `tampered` if an entry or a list is not the signed one.
    func owner(_ key: IdentifierKey, _ rows: Rows, _ ledger: KnownLedger) throws -> SealedOwner? {
        if let replayed { return replayed.owner(key) }
        if let known = owners[key] { return known }
        guard let newest = try rows.newestState(of: key.hex, before: ledger.range.size) else { return nil }
        try checkIncluded(newest.entry, newest.seq, rows, ledger)
        guard let facts = EntryFacts(bytes: newest.entry), facts.seq == newest.seq, facts.owner == key else {
            throw VaultError.integrity(.tampered(.entryAltered(seq: newest.seq)))
        }
        let owner = SealedOwner(
            kind: facts.kind, isRemoved: facts.action.isRemoval,
            versions: try inForce(facts.versions, of: key, since: newest.seq, rows, ledger))
        keep(owner, key)
        return owner
    }

    func keep(_ owner: SealedOwner, _ key: IdentifierKey) {
        if let replayed { return replayed.keep(owner, key) }
        if owners.count == Self.maximum.owners { owners.removeAll(keepingCapacity: true) }
        owners[key] = owner
    }

    /// Replaces the digests of a state with those in force.
    ///
    /// What a state says about the current epoch is in force: a list only replaces digests by those of a later epoch.
    private func inForce(
        _ versions: [SealedVersion], of key: IdentifierKey, since seq: UInt64, _ rows: Rows,
        _ ledger: KnownLedger
    ) throws -> [SealedVersion] {
        let current = ledger.state.epoch?.number
        guard ledger.state.secrets?.lists.count != 0, versions.contains(where: { $0.epoch != current }) else {
            return versions
        }
        return try versions.map { version in
            guard version.epoch != current,
                let (seq, item) = try item(of: version, key, since: seq, rows, ledger)
            else { return version }
            return version.listed(item, at: seq, isDeposit: version.isDeposit)
        }
    }

    /// What the newest list after a state says about a version.
    ///
    /// A rotation reseals each version once, so a list of the current epoch is the newest. The row's hint is tried first,
    /// then all lists that can be in force.
    private func item(
        of version: SealedVersion, _ key: IdentifierKey, since seq: UInt64, _ rows: Rows,
        _ ledger: KnownLedger
    ) throws -> (UInt64, DigestList.Item)? {
        let first = ledger.state.secrets?.lists.since ?? 0
        if let hint = try rows.digestListHint(of: key.bytes, version.field, version.version), hint > seq,
            hint >= first, hint < ledger.range.size, let list = try? list(hint, rows, ledger),
            let item = list.item(key, version.field, version.version),
            item.epoch == ledger.state.epoch?.number
        {
            return (hint, item)
        }
        try listIndex.extend(rows, ledger) { try list($0, rows, ledger) }
        for place in listIndex.lists(with: key) where place > seq {
            let list = try list(place, rows, ledger)
            if let item = list.item(key, version.field, version.version) { return (place, item) }
        }
        return nil
    }

    /// The digest list of an entry, after checking that the entry is in the tree and signs this list.
    private func list(_ seq: UInt64, _ rows: Rows, _ ledger: KnownLedger) throws -> DigestList {
        if let known = lists[seq] { return known }
        guard let bytes = try rows.digestList(seq), let signed = try rows.entry(seq) else {
            throw VaultError.integrity(.tampered(.digestList(seq: seq)))
        }
        try checkIncluded(signed, seq, rows, ledger)
        let entry = try rows.knownEntry(signed, seq: seq)
        guard entry.action.hasList,
            entry.change.details["list"] == .string(Hex.encode(Digest.sha256(bytes))),
            let list = DigestList(bytes)
        else { throw VaultError.integrity(.tampered(.digestList(seq: seq))) }
        if lists.count == Self.maximum.lists { lists.removeAll(keepingCapacity: true) }
        lists[seq] = list
        return list
    }
}

/// The first and last owner of each digest list that can be in force. A missing list is noticed by their number, which is
/// part of the ledger's state.
final class DigestListIndex {
    private struct Place {
        let seq: UInt64
        let first: IdentifierKey
        let last: IdentifierKey
    }

    /// By their first owner.
    private var places: [Place] = []
    /// At each index, the largest `last` of the places up to it.
    private var largestLast: [IdentifierKey] = []
    private var since: UInt64 = 0
    private var end: UInt64 = 0
    /// Lists without owners, as written when a vault without secrets is covered.
    private var empty: [UInt64] = []

    fileprivate func extend(_ rows: Rows, _ ledger: KnownLedger, _ load: (UInt64) throws -> DigestList) throws
    {
        guard let lists = ledger.state.secrets?.lists, end < ledger.range.size else { return }
        if lists.since != since {
            places.removeAll { $0.seq < lists.since }
            empty.removeAll { $0 < lists.since }
            (since, end) = (lists.since, max(end, lists.since))
        }
        let new = try rows.digestLists(in: end..<ledger.range.size)
        let isAny = !new.isEmpty
        for seq in new {
            let items = try load(seq).items
            guard let first = items.first?.owner, let last = items.last?.owner else {
                empty.append(seq)
                continue
            }
            places.append(Place(seq: seq, first: first, last: last))
        }
        guard UInt64(places.count + empty.count) == lists.count else {
            throw VaultError.integrity(.tampered(.digestList(seq: ledger.range.size)))
        }
        end = ledger.range.size
        guard isAny else { return }
        places.sort { $0.first < $1.first }
        largestLast = []
        for place in places { largestLast.append(max(place.last, largestLast.last ?? place.last)) }
    }

    /// The lists that may contain an owner, newest first.
    fileprivate func lists(with key: IdentifierKey) -> [UInt64] {
        var range = places.startIndex..<places.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = places[middle].first <= key ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        var found: [UInt64] = []
        var place = range.lowerBound - 1
        while place >= 0, largestLast[place] >= key {
            if places[place].last >= key { found.append(places[place].seq) }
            place -= 1
        }
        return found.sorted(by: >)
    }
}

/// Reads the history that a verifier needs from the file. `ledger` is the part verified before, or nil.
final class FileHistory: LedgerHistory {
    private let rows: Rows
    private let ledger: KnownLedger?
    private let checks = LedgerChecks()
    private var failure: (any Error)?

    init(_ rows: Rows, after ledger: KnownLedger? = nil) {
        self.rows = rows
        self.ledger = ledger
    }

    func owner(_ key: IdentifierKey) -> SealedOwner? {
        guard let ledger else { return nil }
        return caught { try checks.owner(key, rows, ledger) }
    }

    func list(_ seq: UInt64) -> [UInt8]? { caught { try rows.digestList(seq) } }

    private func caught<T>(_ body: () throws -> T?) -> T? {
        do { return try body() } catch {
            failure = failure ?? error
            return nil
        }
    }

    /// Throws the error of a failed lookup, which the verifier saw as a missing value.
    func check() throws {
        if let failure { throw failure }
    }
}
