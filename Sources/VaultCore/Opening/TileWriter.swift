import VaultCrypto
import VaultLedger
import VaultStore

/// Keeps the tiles of the tree up to date while entries are added.
///
/// A tile of level 0 is written when its 256th entry comes; its root then joins the tile above, which is written as far
/// as it has grown: what comes later in the same transaction is held against the tree too. So one command in 256 pays
/// for a tile, and none reads one.
struct TileWriter {
    private var pending: [Hash] = []
    /// The number of the entry that `pending` begins with.
    private var start: UInt64
    /// Tiles above level 0 that were touched, by level.
    private var grown: [Int: (index: UInt64, hashes: [Hash])] = [:]

    init(size: UInt64) { start = size }

    mutating func append(_ leaf: Hash, _ rows: Rows) throws {
        pending.append(leaf)
        let end = start + UInt64(pending.count)
        guard end.isMultiple(of: TileID.width) else { return }
        let first = end - TileID.width
        var hashes: [Hash] = []
        if start > first {
            try rows.forEachEntry(in: first..<start) { _, bytes in hashes.append(TreeHash.leaf(bytes)) }
        }
        hashes += pending.suffix(Int(TileID.width) - hashes.count)
        try store(hashes, level: 0, index: first / TileID.width, rows)
        pending.removeAll(keepingCapacity: true)
        start = end
    }

    private mutating func store(_ hashes: [Hash], level: Int, index: UInt64, _ rows: Rows) throws {
        guard hashes.count == Int(TileID.width) else { throw VaultError.tampered(.treeDamaged(size: start)) }
        try rows.putTile(level: level, index: index, hashes.flatMap(\.bytes))
        let above = level + 1
        let place = index / TileID.width
        if grown[above] == nil { grown[above] = (place, try rows.hashes(level: above, index: place)) }
        grown[above]!.hashes.append(perfectRoot(hashes[...]))
        if grown[above]!.hashes.count == Int(TileID.width) {
            let full = grown[above]!
            grown[above] = (full.index + 1, [])
            try store(full.hashes, level: above, index: full.index, rows)
        } else {
            try rows.putTile(level: above, index: place, grown[above]!.hashes.flatMap(\.bytes))
        }
    }
}

extension Rows {
    /// The hashes of a stored tile, none when it is not there.
    func hashes(level: Int, index: UInt64) throws -> [Hash] {
        let bytes = try tile(level: level, index: index) ?? []
        return stride(from: 0, to: bytes.count - bytes.count % 32, by: 32).map { Hash(bytes[$0..<$0 + 32])! }
    }

    /// The tree as its tiles and newest entries have it; what it proves is checked against a verified root.
    func tree(size: UInt64, edge: CompactRange? = nil) -> TiledTree {
        TiledTree(size: size, edge: edge) { id in
            let stored = try hashes(level: id.level, index: id.index)
            guard stored.isEmpty, id.level == 0 else { return stored }
            let first = id.index * TileID.width
            var leaves: [Hash] = []
            try forEachEntry(in: first..<min(size, first + TileID.width)) { _, bytes in
                leaves.append(TreeHash.leaf(bytes))
            }
            return leaves
        }
    }
}
