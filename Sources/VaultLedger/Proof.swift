public import VaultCrypto

/// Why a Merkle proof is invalid.
public enum ProofError: Error, Equatable {
    /// The index is not below the size of the tree.
    case indexBeyondSize
    /// The older tree is larger than the newer one.
    case sizesReversed
    /// The proof has the wrong number of hashes.
    case wrongLength(expected: Int, found: Int)
    /// The proof leads to another root.
    case rootMismatch
}

/// Verifies Merkle proofs (RFC 9162, sections 2.1.3 and 2.1.4).
public enum Proof {
    /// Verifies that a leaf is included in a tree.
    ///
    /// - Parameters:
    ///   - leaf: The leaf hash of the entry.
    ///   - index: The number of the entry.
    ///   - size: The number of entries in the tree.
    ///   - path: The inclusion path.
    ///   - root: The trusted root of the tree.
    /// - Throws: `ProofError.indexBeyondSize`, `.wrongLength` or `.rootMismatch`.
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

    /// Verifies that the first `size1` entries of the newer tree are those of the older tree.
    ///
    /// - Parameters:
    ///   - size1: The number of entries in the older tree.
    ///   - root1: The root of the older tree.
    ///   - size2: The number of entries in the newer tree.
    ///   - root2: The root of the newer tree.
    ///   - path: The consistency proof.
    /// - Throws: `ProofError.sizesReversed`, `.wrongLength` or `.rootMismatch`.
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
        // If the older tree is one perfect subtree, its root is the seed and not part of the proof.
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

    /// Like `chain`, without the siblings on the right, which are not part of the older tree.
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
