import VaultCrypto
import VaultLedger
import VaultStore

/// Holds the stored tiles against the hashes of the entries, while these are read.
///
/// A tile of level 0 has the leaves themselves, one above it the roots below; so each hash is made once.
struct TileCheck {
    private var levels: [[Hash]] = [[]]
    private var count: [UInt64] = [0]
    private(set) var isWhole = true

    mutating func append(_ leaf: Hash, _ rows: Rows) throws { try append(leaf, level: 0, rows) }

    private mutating func append(_ hash: Hash, level: Int, _ rows: Rows) throws {
        if level == levels.count {
            levels.append([])
            count.append(0)
        }
        levels[level].append(hash)
        guard levels[level].count == Int(TileID.width) else { return }
        try check(level, rows)
        let root = perfectRoot(levels[level][...])
        levels[level].removeAll(keepingCapacity: true)
        count[level] += 1
        try append(root, level: level + 1, rows)
    }

    /// The tiles above level 0 that are not full, and that there are no others.
    mutating func finish(_ rows: Rows) throws {
        for level in levels.indices.dropFirst() where !levels[level].isEmpty {
            try check(level, rows)
            count[level] += 1
        }
        if try rows.tileCount() != count.reduce(0, +) { isWhole = false }
    }

    private mutating func check(_ level: Int, _ rows: Rows) throws {
        let stored = try rows.hashes(level: level, index: count[level])
        if stored != levels[level] { isWhole = false }
    }
}
