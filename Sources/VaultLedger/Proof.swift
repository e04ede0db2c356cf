public import VaultCrypto

/// Why a proof does not prove what it should.
public enum ProofError: Error, Equatable {
    case indexBeyondSize
    case sizesReversed
    case wrongLength(expected: Int, found: Int)
    case rootMismatch
}

/// Checks that an entry is in a tree, and that one tree is the beginning of another (RFC 9162 section 2.1.3 and 2.1.4,
/// which say for every size what RFC 6962 says).
public enum Proof {
    /// Checks that `leaf` is entry `index` of the tree of `size` entries with this root.
    public static func checkInclusion(
        of leaf: Hash, at index: UInt64, size: UInt64, path: [Hash], root: Hash
    ) throws(ProofError) {
        guard index < size else { throw .indexBeyondSize }
        let inner = 64 - (index ^ (size - 1)).leadingZeroBitCount
        let border = (index >> inner).nonzeroBitCount
        guard path.count == inner + border else {
            throw .wrongLength(expected: inner + border, found: path.count)
        }
        let lower = chain(leaf, path.prefix(inner), index: index)
        guard chainRight(lower, path.dropFirst(inner)) == root else { throw .rootMismatch }
    }

    /// Checks that the tree of `size1` entries is the beginning of the tree of `size2`.
    public static func checkConsistency(
        from size1: UInt64, root1: Hash, to size2: UInt64, root2: Hash, path: [Hash]
    ) throws(ProofError) {
        guard size1 <= size2 else { throw .sizesReversed }
        guard size1 > 0 || root1 == TreeHash.empty else { throw .rootMismatch }
        if size1 == size2 {
            guard path.isEmpty else { throw .wrongLength(expected: 0, found: path.count) }
            guard root1 == root2 else { throw .rootMismatch }
            return
        }
        if size1 == 0 {
            guard path.isEmpty else { throw .wrongLength(expected: 0, found: path.count) }
            return
        }
        let last = size1 - 1
        let shift = size1.trailingZeroBitCount
        let inner = 64 - (last ^ (size2 - 1)).leadingZeroBitCount - shift
        let border = (last >> (inner + shift)).nonzeroBitCount
        // Where the old tree is one perfect subtree, its root is the seed and not part of the proof.
        let seedIsRoot = size1 == 1 << shift
        let expected = inner + border + (seedIsRoot ? 0 : 1)
        guard path.count == expected else { throw .wrongLength(expected: expected, found: path.count) }
        let seed = seedIsRoot ? root1 : path[0]
        let rest = seedIsRoot ? path[...] : path.dropFirst()
        let mask = last >> shift
        let old = chainRight(chainLeftOnly(seed, rest.prefix(inner), index: mask), rest.dropFirst(inner))
        guard old == root1 else { throw .rootMismatch }
        let new = chainRight(chain(seed, rest.prefix(inner), index: mask), rest.dropFirst(inner))
        guard new == root2 else { throw .rootMismatch }
    }

    private static func chain(_ seed: Hash, _ path: ArraySlice<Hash>, index: UInt64) -> Hash {
        var node = seed
        for (level, sibling) in path.enumerated() {
            node =
                index >> UInt64(level) & 1 == 0 ? TreeHash.node(node, sibling) : TreeHash.node(sibling, node)
        }
        return node
    }

    /// Like `chain`, without the siblings on the right: these came after the old tree.
    private static func chainLeftOnly(_ seed: Hash, _ path: ArraySlice<Hash>, index: UInt64) -> Hash {
        var node = seed
        for (level, sibling) in path.enumerated() where index >> UInt64(level) & 1 == 1 {
            node = TreeHash.node(sibling, node)
        }
        return node
    }

    private static func chainRight(_ seed: Hash, _ path: ArraySlice<Hash>) -> Hash {
        path.reduce(seed) { TreeHash.node($1, $0) }
    }
}
