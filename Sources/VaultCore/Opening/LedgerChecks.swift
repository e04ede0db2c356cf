import VaultCrypto
import VaultLedger
import VaultStore

/// What of the ledger was checked in a transaction already: what a transaction sees is changed by nobody else.
final class LedgerChecks {
    private var isWhole = false
    /// The number of the entry that was found in the tree last.
    private var found: UInt64?
    /// Leaf hashes of whole tiles that were found in the tree.
    private var tiles: [UInt64: [Hash]] = [:]
    private var owners: [IdentifierKey: SealedOwner] = [:]
    private var lists: [UInt64: DigestList] = [:]
    private var reader = EntryReader()
    /// Set by work of several transactions, so that each list is read once.
    var directory = ListDirectory()
    /// Set by work that needs most owners: then none is looked up.
    var replayed: ReplayedOwners?
    /// The entries from here on were read and hashed in this very transaction.
    var hashed = UInt64.max

    /// How many owners, lists and tiles are kept: enough for what comes one after the other.
    private static let most = (owners: 8192, lists: 64, tiles: 256)

    /// That no entry was cut out of the middle of a ledger whose end is known: there are as many as its size says.
    func checkWhole(_ rows: Rows, _ ledger: KnownLedger) throws {
        guard !isWhole else { return }
        let (size, count) = (ledger.range.size, try rows.entryCount())
        guard count == size else { throw VaultError.tampered(.entryCutOut(expected: size, found: count)) }
        isWhole = true
    }

    /// That this entry is in the tree.
    ///
    /// Where its tile is full, the path has led over every other hash of the tile too: then these are the entries' own, and
    /// the next entry of the tile only has to have its hash.
    func checkIncluded(_ entry: [UInt8], _ seq: UInt64, _ rows: Rows, _ ledger: KnownLedger) throws {
        guard found != seq, seq < hashed else { return }
        let (tile, place) = seq.quotientAndRemainder(dividingBy: TileID.width)
        let leaf = TreeHash.leaf(entry)
        if let hashes = tiles[tile] {
            guard hashes[Int(place)] == leaf else { throw VaultError.tampered(.entryAltered(seq: seq)) }
        } else {
            var tree = rows.tree(size: ledger.range.size, edge: ledger.range)
            try rows.checkInclusion(of: leaf, at: seq, in: ledger, &tree)
            if (tile + 1) * TileID.width <= ledger.range.size {
                var hashes = try tree.tile(TileID(level: 0, index: tile))
                hashes[Int(place)] = leaf
                if tiles.count == Self.most.tiles { tiles.removeAll(keepingCapacity: true) }
                tiles[tile] = hashes
            }
        }
        found = seq
    }
}

// What the ledger says of owners and the sealed bytes of their secrets (docs/format.md, section 9), up to its verified end.
extension LedgerChecks {
    /// What the newest state and digest lists say of an owner; nil where no entry says anything.
    ///
    /// - Throws: `VaultError.tampered` where an entry or a list is not the one that was signed.
    func owner(_ key: IdentifierKey, _ rows: Rows, _ ledger: KnownLedger) throws -> SealedOwner? {
        if let replayed { return replayed.owner(key) }
        if let known = owners[key] { return known }
        guard let newest = try rows.newestState(of: key.hex, before: ledger.range.size) else { return nil }
        try checkIncluded(newest.entry, newest.seq, rows, ledger)
        guard let facts = reader.read(newest.entry), facts.seq == newest.seq, facts.owner == key else {
            throw VaultError.tampered(.entryAltered(seq: newest.seq))
        }
        let owner = SealedOwner(
            kind: facts.kind, isRemoved: facts.action.isRemoval,
            versions: try inForce(facts.versions, of: key, since: newest.seq, rows, ledger))
        keep(owner, key)
        return owner
    }

    func keep(_ owner: SealedOwner, _ key: IdentifierKey) {
        if let replayed { return replayed.keep(owner, key) }
        if owners.count == Self.most.owners { owners.removeAll(keepingCapacity: true) }
        owners[key] = owner
    }

    /// The versions of a state with the digests in force.
    ///
    /// What the state says to be sealed under the present master key is in force: a list only ever leads to a newer one.
    private func inForce(
        _ versions: [SealedVersion], of key: IdentifierKey, since seq: UInt64, _ rows: Rows,
        _ ledger: KnownLedger
    ) throws -> [SealedVersion] {
        let present = ledger.state.epoch?.number
        guard ledger.state.secrets?.lists.count != 0, versions.contains(where: { $0.epoch != present }) else {
            return versions
        }
        return try versions.map { version in
            guard version.epoch != present,
                let (seq, item) = try item(of: version, key, since: seq, rows, ledger)
            else { return version }
            return version.listed(item, at: seq, isDeposit: version.isDeposit)
        }
    }

    /// What the newest list behind a state says of a version.
    ///
    /// Each version is sealed again once in a rotation, so a list that leads to the present master key is the newest. It is
    /// looked for where the row says; where that leads nowhere, in all lists that can still be in force.
    private func item(
        of version: SealedVersion, _ key: IdentifierKey, since seq: UInt64, _ rows: Rows,
        _ ledger: KnownLedger
    ) throws -> (UInt64, DigestList.Item)? {
        let first = ledger.state.secrets?.lists.since ?? 0
        if let hint = try rows.listHint(of: key.bytes, version.field, version.version), hint > seq,
            hint >= first, hint < ledger.range.size, let list = try? list(hint, rows, ledger),
            let item = list.item(key, version.field, version.version),
            item.epoch == ledger.state.epoch?.number
        {
            return (hint, item)
        }
        try directory.extend(rows, ledger) { try list($0, rows, ledger) }
        for place in directory.lists(with: key) where place > seq {
            let list = try list(place, rows, ledger)
            if let item = list.item(key, version.field, version.version) { return (place, item) }
        }
        return nil
    }

    /// The digest list of an entry, after the entry was found in the tree and the list to be the one that it signs.
    private func list(_ seq: UInt64, _ rows: Rows, _ ledger: KnownLedger) throws -> DigestList {
        if let known = lists[seq] { return known }
        guard let bytes = try rows.digestList(seq), let signed = try rows.entry(seq) else {
            throw VaultError.tampered(.digestList(seq: seq))
        }
        try checkIncluded(signed, seq, rows, ledger)
        let entry = try rows.knownEntry(signed, seq: seq)
        guard entry.action.hasList,
            entry.change.details["list"] == .string(Hex.encode(Digest.sha256(bytes))),
            let list = DigestList(bytes)
        else { throw VaultError.tampered(.digestList(seq: seq)) }
        if lists.count == Self.most.lists { lists.removeAll(keepingCapacity: true) }
        lists[seq] = list
        return list
    }
}

/// Which owners the digest lists speak of that can still be in force: of each list the first and the last.
///
/// That none is left out is known by their number, which is replayed with the entries.
final class ListDirectory {
    private struct Place {
        let seq: UInt64
        let first: IdentifierKey
        let last: IdentifierKey
    }

    /// By their first owner.
    private var places: [Place] = []
    /// The last owner of all lists up to a place: no list before it reaches further.
    private var reach: [IdentifierKey] = []
    private var since: UInt64 = 0
    private var end: UInt64 = 0
    /// The lists without an owner: one covers a vault that has nothing to cover.
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
            throw VaultError.tampered(.digestList(seq: ledger.range.size))
        }
        end = ledger.range.size
        guard isAny else { return }
        places.sort { $0.first < $1.first }
        reach = []
        for place in places { reach.append(max(place.last, reach.last ?? place.last)) }
    }

    /// The lists that can speak of an owner, the newest first.
    fileprivate func lists(with key: IdentifierKey) -> [UInt64] {
        var range = places.startIndex..<places.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = places[middle].first <= key ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        var found: [UInt64] = []
        var place = range.lowerBound - 1
        while place >= 0, reach[place] >= key {
            if places[place].last >= key { found.append(places[place].seq) }
            place -= 1
        }
        return found.sorted(by: >)
    }
}

/// What a file tells a verifier that goes on from a ledger that is known, or begins with nothing.
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

    /// Throws what kept an answer from being given: what the verifier made of that is nothing.
    func check() throws {
        if let failure { throw failure }
    }
}
