public import VaultCrypto

/// The position of a tile of 256 hashes (C2SP tlog-tiles), of which a proof needs only a few.
///
/// Tile `index` at `level` holds the roots of the perfect subtrees of 256^level entries from subtree `256 * index` on.
/// At level 0 only full tiles are stored, since the last one can be computed from its entries. Above, the last tile grows.
public struct TileID: Sendable, Hashable {
    /// The number of hashes in a full tile.
    public static let width: UInt64 = 256
    /// The level, from 0.
    public let level: Int
    /// The index within the level, from 0.
    public let index: UInt64

    /// Creates a position.
    public init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
    }
}

/// Makes proofs from the stored tiles of a tree.
///
/// Tiles are not trusted: the caller must check each proof against a trusted root.
public struct TiledTree {
    /// The number of entries.
    public let size: UInt64
    private let edge: CompactRange?
    private let load: (TileID) throws -> [Hash]
    /// The most recently loaded tile of each level.
    private var tiles: [(index: UInt64, hashes: [Hash])?] = []

    /// Creates a tree.
    ///
    /// - Parameters:
    ///   - size: The number of entries.
    ///   - edge: The compact range of the tree, which saves loading the tiles at its right edge.
    ///   - load: Returns the hashes of a tile, as many as there are. For the incomplete tile at level 0 it must hash the
    ///     entries.
    public init(
        size: UInt64, edge: CompactRange? = nil, load: @escaping (TileID) throws -> [Hash]
    ) {
        precondition(edge.map { $0.size == size } ?? true, "edge and size differ")
        self.size = size
        self.edge = edge
        self.load = load
    }

    /// The hashes of a tile.
    ///
    /// - Throws: What `load` throws.
    public mutating func tile(_ id: TileID) throws -> [Hash] {
        while tiles.count <= id.level { tiles.append(nil) }
        if let last = tiles[id.level], last.index == id.index { return last.hashes }
        let hashes = try load(id)
        tiles[id.level] = (id.index, hashes)
        return hashes
    }

    /// The inclusion path of an entry (RFC 6962, section 2.1.1).
    ///
    /// - Parameter index: The number of the entry.
    /// - Returns: `nil` if `index` is not below `size`, or if a tile is too short.
    /// - Throws: What `load` throws.
    public mutating func inclusionPath(of index: UInt64) throws -> [Hash]? {
        guard index < size else { return nil }
        return try path(of: index, in: 0..<size)
    }

    /// The root of the tree.
    ///
    /// - Returns: `nil` if a tile is too short.
    /// - Throws: What `load` throws.
    public mutating func root() throws -> Hash? {
        size == 0 ? TreeHash.empty : try root(of: 0..<size)
    }

    /// The consistency proof from an older size (RFC 6962, section 2.1.2).
    ///
    /// - Parameter older: The older number of entries.
    /// - Returns: `nil` if `older` is above `size`, or if a tile is too short.
    /// - Throws: What `load` throws.
    public mutating func consistencyPath(from older: UInt64) throws -> [Hash]? {
        guard older <= size else { return nil }
        if older == 0 || older == size { return [] }
        return try subproof(older, in: 0..<size, isWhole: true)
    }

    private mutating func path(of index: UInt64, in range: Range<UInt64>) throws -> [Hash]? {
        let count = range.upperBound - range.lowerBound
        if count == 1 { return [] }
        let middle = range.lowerBound + largestPower(below: count)
        let (near, far) =
            index < middle
            ? (range.lowerBound..<middle, middle..<range.upperBound)
            : (middle..<range.upperBound, range.lowerBound..<middle)
        guard let rest = try path(of: index, in: near), let sibling = try root(of: far) else { return nil }
        return rest + [sibling]
    }

    private mutating func subproof(
        _ older: UInt64, in range: Range<UInt64>, isWhole: Bool
    ) throws -> [Hash]? {
        let count = range.upperBound - range.lowerBound
        if older == count {
            if isWhole { return [] }
            return try root(of: range).map { [$0] }
        }
        let half = largestPower(below: count)
        let middle = range.lowerBound + half
        let (near, far) = (range.lowerBound..<middle, middle..<range.upperBound)
        if older <= half {
            guard let rest = try subproof(older, in: near, isWhole: isWhole), let sibling = try root(of: far)
            else { return nil }
            return rest + [sibling]
        }
        guard let rest = try subproof(older - half, in: far, isWhole: false), let sibling = try root(of: near)
        else { return nil }
        return rest + [sibling]
    }

    private mutating func root(of range: Range<UInt64>) throws -> Hash? {
        let count = range.upperBound - range.lowerBound
        if count.nonzeroBitCount == 1, range.lowerBound % count == 0 {
            return try node(level: count.trailingZeroBitCount, index: range.lowerBound / count)
        }
        let middle = range.lowerBound + largestPower(below: count)
        guard let left = try root(of: range.lowerBound..<middle),
            let right = try root(of: middle..<range.upperBound)
        else { return nil }
        return TreeHash.node(left, right)
    }

    /// The root of a perfect subtree of 2^level entries, computed from the highest stored level at or below it.
    private mutating func node(level: Int, index: UInt64) throws -> Hash? {
        if let peak = edge?.peak(level: level, index: index) { return peak }
        let rows = level % 8
        let first = index << UInt64(rows)
        let tile = try tile(TileID(level: level / 8, index: first / TileID.width))
        let offset = Int(first % TileID.width)
        guard offset + 1 << rows <= tile.count else { return nil }
        return perfectRoot(tile[offset..<offset + 1 << rows])
    }

    private func largestPower(below count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}

/// The root over hashes. Their number must be a power of two.
public func perfectRoot(_ hashes: ArraySlice<Hash>) -> Hash {
    var row = Array(hashes)
    while row.count > 1 {
        row = stride(from: 0, to: row.count, by: 2).map { TreeHash.node(row[$0], row[$0 + 1]) }
    }
    return row[0]
}
