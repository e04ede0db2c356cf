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
    private let isAll: Bool

    init() { isAll = true }

    /// Goes on behind entries that were verified before. The tiles that these had not filled begin with what the file has
    /// of them; that, and the roots of the full ones, must make the root that was verified.
    init(after range: CompactRange, _ rows: Rows) throws {
        isAll = false
        var tree = rows.tree(size: range.size)
        isWhole = try tree.root() == range.root
        (levels, count) = ([], [])
        var whole = range.size
        repeat {
            let (tile, begun) = whole.quotientAndRemainder(dividingBy: TileID.width)
            levels.append(Array(try tree.tile(TileID(level: levels.count, index: tile)).prefix(Int(begun))))
            count.append(tile)
            whole = tile
        } while whole > 0
    }

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

    /// The tiles above level 0 that are not full; and that there are no others, where all were looked at.
    mutating func finish(_ rows: Rows) throws {
        for level in levels.indices.dropFirst() where !levels[level].isEmpty {
            try check(level, rows)
            count[level] += 1
        }
        if isAll, try rows.tileCount() != count.reduce(0, +) { isWhole = false }
    }

    private mutating func check(_ level: Int, _ rows: Rows) throws {
        let stored = try rows.hashes(level: level, index: count[level])
        if stored != levels[level] { isWhole = false }
    }
}
