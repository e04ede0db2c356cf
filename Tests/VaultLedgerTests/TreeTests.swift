import TestSupport
import Testing
import VaultCrypto

@testable import VaultLedger

/// A literal and slow implementation of RFC 6962, section 2.1, to compare with.
enum Reference {
    static func root(_ leaves: ArraySlice<Hash>) -> Hash {
        switch leaves.count {
        case 0: return TreeHash.empty
        case 1: return leaves.first!
        default:
            let (left, right) = halves(leaves)
            return TreeHash.node(root(left), root(right))
        }
    }

    static func path(_ index: Int, _ leaves: ArraySlice<Hash>) -> [Hash] {
        if leaves.count == 1 { return [] }
        let (left, right) = halves(leaves)
        return index < left.count
            ? path(index, left) + [root(right)] : path(index - left.count, right) + [root(left)]
    }

    static func consistency(_ older: Int, _ leaves: ArraySlice<Hash>, isWhole: Bool = true) -> [Hash] {
        if older == leaves.count { return isWhole ? [] : [root(leaves)] }
        let (left, right) = halves(leaves)
        return older <= left.count
            ? consistency(older, left, isWhole: isWhole) + [root(right)]
            : consistency(older - left.count, right, isWhole: false) + [root(left)]
    }

    private static func halves(_ leaves: ArraySlice<Hash>) -> (ArraySlice<Hash>, ArraySlice<Hash>) {
        var power = 1
        while power * 2 < leaves.count { power *= 2 }
        return (leaves.prefix(power), leaves.dropFirst(power))
    }
}

/// A tree of 70,000 entries with its tiles, which can be cut to any size.
struct SampleTree {
    static let largest = 70_000
    static let shared = SampleTree()

    let rows: [[Hash]]

    init() {
        var rows = [(0..<Self.largest).map { TreeHash.leaf(Array("entry \($0)".utf8)) }]
        while rows.last!.count >= 256 {
            let row = rows.last!
            rows.append((0..<row.count / 256).map { perfectRoot(row[$0 * 256..<($0 + 1) * 256]) })
        }
        self.rows = rows
    }

    func tile(_ id: TileID, of size: Int) -> [Hash] {
        let filled = (0..<id.level).reduce(size) { count, _ in count / 256 }
        let start = Int(id.index) * 256
        guard id.level < rows.count, start < filled else { return [] }
        return Array(rows[id.level][start..<min(start + 256, filled)])
    }

    func tree(_ size: Int) -> TiledTree {
        TiledTree(size: UInt64(size)) { id in tile(id, of: size) }
    }
}

struct TreeTests {
    /// The eight entries of the reference tree of Certificate Transparency, and its published roots.
    static let entries = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ].map(hex)
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ].map(hash)
    static let leaves = entries.map(TreeHash.leaf)

    @Test func `computes the published roots of the reference tree`() throws {
        var range = CompactRange()
        for size in 0...8 {
            #expect(range.size == UInt64(size))
            #expect(range.root == Self.roots[size])
            #expect(Reference.root(Self.leaves.prefix(size)) == Self.roots[size])
            var tree = TiledTree(size: UInt64(size)) { _ in
                Array(Self.leaves.prefix(size))
            }
            #expect(try tree.root() == Self.roots[size])
            if size < 8 { range.append(Self.leaves[size]) }
        }
    }

    @Test func `computes the published proofs of the reference tree`() throws {
        let path = [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ].map(hash)
        var tree = TiledTree(size: 8) { _ in Self.leaves }
        #expect(try tree.inclusionPath(of: 0) == path)
        try Proof.checkInclusion(of: Self.leaves[0], at: 0, size: 8, path: path, root: Self.roots[8])
        #expect(try tree.consistencyPath(from: 1) == path)
        try Proof.checkConsistency(from: 1, root1: Self.roots[1], to: 8, root2: Self.roots[8], path: path)
    }

    @Test func `computes the same roots as a second implementation`() throws {
        let values = try Construction.read()
        #expect(values.tree.count == 6)
        for value in values.tree {
            var range = CompactRange()
            for entry in value.entries { range.append(TreeHash.leaf(Array(entry.utf8))) }
            #expect(range.root == hash(value.root))
        }
    }

    @Test func `computes every proof of every small tree as RFC 6962 defines it`() throws {
        let leaves = SampleTree.shared.rows[0]
        for size in 1...40 {
            let root = Reference.root(leaves.prefix(size))
            var tree = SampleTree.shared.tree(size)
            #expect(try tree.root() == root)
            for index in 0..<size {
                let path = Reference.path(index, leaves.prefix(size))
                #expect(try tree.inclusionPath(of: UInt64(index)) == path)
                try Proof.checkInclusion(
                    of: leaves[index], at: UInt64(index), size: UInt64(size), path: path, root: root)
            }
            for older in 1...size {
                let path = Reference.consistency(older, leaves.prefix(size))
                #expect(try tree.consistencyPath(from: UInt64(older)) == path)
                try Proof.checkConsistency(
                    from: UInt64(older), root1: Reference.root(leaves.prefix(older)), to: UInt64(size),
                    root2: root,
                    path: path)
            }
        }
    }

    @Test func `makes valid proofs from tiles at any size, and rejects every altered hash`() throws {
        var generator = SeededGenerator(seed: 4)
        let chosen = (0..<24).map { _ in Int.random(in: 1...SampleTree.largest, using: &generator) }
        let sizes = (chosen + [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, SampleTree.largest])
            .sorted()
        let roots = rootsByGrowth(at: sizes)
        for (place, size) in sizes.enumerated() {
            var tree = SampleTree.shared.tree(size)
            #expect(try tree.root() == roots[place])
            for _ in 0..<4 {
                let index = UInt64.random(in: 0..<UInt64(size), using: &generator)
                let found = try tree.inclusionPath(of: index)
                let path = try #require(found)
                try expectInclusion(index, size, path, roots[place])
            }
            let older = Int.random(in: 0...place, using: &generator)
            let found = try tree.consistencyPath(from: UInt64(sizes[older]))
            let path = try #require(found)
            try expectConsistency((sizes[older], roots[older]), (size, roots[place]), path)
        }
    }

    private func rootsByGrowth(at sizes: [Int]) -> [Hash] {
        var range = CompactRange()
        return sizes.map { size in
            while range.size < size { range.append(SampleTree.shared.rows[0][Int(range.size)]) }
            return range.root
        }
    }

    private func expectInclusion(_ index: UInt64, _ size: Int, _ path: [Hash], _ root: Hash) throws {
        let leaf = SampleTree.shared.rows[0][Int(index)]
        func check(_ leaf: Hash, _ path: [Hash], _ root: Hash) throws(ProofError) {
            try Proof.checkInclusion(of: leaf, at: index, size: UInt64(size), path: path, root: root)
        }
        try check(leaf, path, root)
        #expect(throws: ProofError.rootMismatch) { try check(leaf.flipped, path, root) }
        #expect(throws: ProofError.rootMismatch) { try check(leaf, path, root.flipped) }
        for place in path.indices {
            var altered = path
            altered[place] = altered[place].flipped
            #expect(throws: ProofError.rootMismatch) { try check(leaf, altered, root) }
        }
        #expect(throws: ProofError.wrongLength(expected: path.count, found: path.count + 1)) {
            try check(leaf, path + [root], root)
        }
    }

    private func expectConsistency(_ older: (Int, Hash), _ newer: (Int, Hash), _ path: [Hash]) throws {
        func check(_ root1: Hash, _ root2: Hash, _ path: [Hash]) throws(ProofError) {
            try Proof.checkConsistency(
                from: UInt64(older.0), root1: root1, to: UInt64(newer.0), root2: root2, path: path)
        }
        try check(older.1, newer.1, path)
        #expect(throws: ProofError.rootMismatch) { try check(older.1.flipped, newer.1, path) }
        #expect(throws: ProofError.rootMismatch) { try check(older.1, newer.1.flipped, path) }
        for place in path.indices {
            var altered = path
            altered[place] = altered[place].flipped
            #expect(throws: ProofError.rootMismatch) { try check(older.1, newer.1, altered) }
        }
        #expect(throws: ProofError.self) { try check(older.1, newer.1, path + [newer.1]) }
    }

    @Test func `returns nothing if a tile is too short`() throws {
        var short = TiledTree(size: 300) { id in
            id.level == 0 ? SampleTree.shared.tile(id, of: 299) : []
        }
        #expect(try short.inclusionPath(of: 299) == nil)
        #expect(try short.inclusionPath(of: 0) == nil)
        #expect(try short.root() == nil)
        #expect(try short.consistencyPath(from: 299) == nil)
        #expect(try short.consistencyPath(from: 100) == nil)
        #expect(try short.consistencyPath(from: 256) == nil)
        #expect(try short.inclusionPath(of: 300) == nil)
        #expect(try short.consistencyPath(from: 301) == nil)
        #expect(try short.consistencyPath(from: 0) == [])
        #expect(try short.consistencyPath(from: 300) == [])
    }

    @Test
    func `makes the same proofs with a known right edge, without tiles to the right of the entry`()
        throws
    {
        for size in Array(1...40) + [255, 256, 257, 300, 511, 512, 700, 65_793] {
            var range = CompactRange()
            for leaf in SampleTree.shared.rows[0].prefix(size) { range.append(leaf) }
            for index in Set([0, 1, size / 3, size / 2, size - 1]) where index < size {
                var whole = SampleTree.shared.tree(size)
                var tree = TiledTree(size: UInt64(size), edge: range) { id in
                    #expect(id.index <= UInt64(index) >> UInt64(8 * id.level) / 256)
                    return SampleTree.shared.tile(id, of: size)
                }
                #expect(try tree.inclusionPath(of: UInt64(index)) == whole.inclusionPath(of: UInt64(index)))
                #expect(try tree.root() == range.root)
            }
        }
    }

    @Test func `rethrows an error in loading a tile`() {
        struct Unreadable: Error, Equatable {}
        var tree = TiledTree(size: 9) { _ in throw Unreadable() }
        #expect(throws: Unreadable()) { try tree.root() }
        #expect(throws: Unreadable()) { try tree.inclusionPath(of: 1) }
    }

    @Test func `rejects peaks that do not match the size`() {
        let leaf = TreeHash.leaf([])
        #expect(CompactRange(size: 3, peaks: [leaf]) == nil)
        #expect(CompactRange(size: 0, peaks: [leaf]) == nil)
        #expect(CompactRange(size: 0, peaks: []) == CompactRange())
        var range = CompactRange()
        for _ in 0..<3 { range.append(leaf) }
        #expect(CompactRange(size: 3, peaks: range.peaks) == range)
    }

    @Test func `rejects impossible sizes and indices`() {
        let root = TreeHash.empty
        #expect(throws: ProofError.indexBeyondSize) {
            try Proof.checkInclusion(of: root, at: 1, size: 1, path: [], root: root)
        }
        #expect(throws: ProofError.sizesReversed) {
            try Proof.checkConsistency(from: 2, root1: root, to: 1, root2: root, path: [])
        }
        #expect(throws: ProofError.rootMismatch) {
            try Proof.checkConsistency(from: 0, root1: root.flipped, to: 5, root2: root, path: [])
        }
        #expect(throws: ProofError.rootMismatch) {
            try Proof.checkConsistency(from: 0, root1: root.flipped, to: 0, root2: root.flipped, path: [])
        }
        #expect(throws: Never.self) {
            try Proof.checkConsistency(from: 0, root1: root, to: 5, root2: root.flipped, path: [])
        }
        #expect(throws: ProofError.wrongLength(expected: 64, found: 0)) {
            try Proof.checkInclusion(of: root, at: 0, size: .max, path: [], root: root)
        }
    }
}
