import VaultCrypto
import VaultLedger
import VaultStore

/// Compares the stored tiles with the hashes of the entries, while these are read.
struct TileCheck {
    /// The last tile of each level, from level 0 up.
    private var levels: [[Hash]] = [[]]
    /// The number of full tiles of each level.
    private var count: [UInt64] = [0]
    private(set) var isWhole = true
    /// The number of entries so far.
    private var size: UInt64 = 0

    init() {}

    /// Continues after entries that were verified before. The last tiles are loaded from the file, and must lead to the
    /// verified root together with the roots of the full ones.
    init(after range: CompactRange, _ rows: Rows) throws {
        size = range.size
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

    mutating func append(_ leaf: Hash, _ rows: Rows) throws {
        size += 1
        try append(leaf, level: 0, rows)
    }

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

    /// Checks the tiles that are not full, and that there are no other tiles.
    mutating func finish(_ rows: Rows) throws {
        for level in levels.indices.dropFirst() where !levels[level].isEmpty {
            try check(level, rows)
            count[level] += 1
        }
        if try !rows.hasTilesOf(size: size) { isWhole = false }
    }

    private mutating func check(_ level: Int, _ rows: Rows) throws {
        let stored = try rows.hashes(level: level, index: count[level])
        if stored != levels[level] { isWhole = false }
    }
}

extension Rows {
    /// Whether the file has exactly the tiles of a tree of this size, each with the right length.
    fileprivate func hasTilesOf(size: UInt64) throws -> Bool {
        var expected = Self.tileShapes(of: size)[...]
        var isRight = true
        try forEachTileShape { level, position, bytes in
            guard let next = expected.first, level == next.level, position >= 0 else {
                return isRight = false
            }
            let index = UInt64(position)
            isRight = isRight && index == next.next && bytes == (index < next.full ? 8192 : next.rest)
            expected[expected.startIndex].next += 1
            if expected.first!.isDone { expected = expected.dropFirst() }
        }
        return isRight && expected.isEmpty
    }

    private struct LevelShape {
        let level: Int64
        /// The number of full tiles.
        let full: UInt64
        /// The length of the last tile in bytes if it is not full, or else 0.
        let rest: Int64
        var next: UInt64 = 0
        var isDone: Bool { next == full + (rest > 0 ? 1 : 0) }
    }

    private static func tileShapes(of size: UInt64) -> [LevelShape] {
        var shapes: [LevelShape] = []
        // On level 0 only full tiles are stored.
        var (count, level) = (size / TileID.width, Int64(0))
        if count > 0 { shapes.append(LevelShape(level: 0, full: count, rest: 0)) }
        while count > 0 {
            level += 1
            let (full, rest) = count.quotientAndRemainder(dividingBy: TileID.width)
            shapes.append(LevelShape(level: level, full: full, rest: Int64(rest) * 32))
            count = full
        }
        return shapes
    }
}
