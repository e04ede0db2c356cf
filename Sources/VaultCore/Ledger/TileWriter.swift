import VaultCrypto
import VaultLedger
import VaultStore

/// Writes the tiles of the tree while entries are appended.
///
/// A tile of level 0 is written once it is full. Its root is appended to the tile above, which is written even if it is
/// not full, since the same transaction may check entries against the tree. So only one command in 256 writes tiles.
struct TileWriter {
    private var pending: [Hash] = []
    /// The number of the first entry in `pending`.
    private var start: UInt64
    /// The last tile of each level above 0, once it was changed.
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
        guard hashes.count == Int(TileID.width) else {
            throw VaultError.integrity(.tampered(.treeDamaged(size: start)))
        }
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
    /// The hashes of a stored tile; empty if it is missing.
    func hashes(level: Int, index: UInt64) throws -> [Hash] {
        let bytes = try tile(level: level, index: index) ?? []
        return stride(from: 0, to: bytes.count - bytes.count % 32, by: 32).map { Hash(bytes[$0..<$0 + 32])! }
    }

    /// The tree of the stored tiles and the newest entries. It is not trusted: its proofs are checked against a
    /// verified root.
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
