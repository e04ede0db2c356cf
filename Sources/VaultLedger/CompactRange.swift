public import VaultCrypto

/// The hashes of the Merkle tree (RFC 6962, section 2.1).
public enum TreeHash {
    /// The hash of an entry: SHA-256(0x00 ‖ entry).
    public static func leaf(_ entry: [UInt8]) -> Hash {
        unsafe entry.withUnsafeBytes { unsafe Digest.sha256(prefix: 0, $0) }
    }

    /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    static func node(_ left: Hash, _ right: Hash) -> Hash {
        Digest.sha256(prefix: 1, left: left, right: right)
    }

    /// The root of the empty tree: SHA-256 of no bytes.
    static let empty = Hash(Digest.sha256())!
}

/// The right edge of a tree, which is enough to append entries and to compute the root.
public struct CompactRange: Sendable, Equatable {
    /// The number of entries.
    public private(set) var size: UInt64
    /// The roots of the perfect subtrees, largest first: one for each bit that is set in `size`.
    private(set) var peaks: [Hash]

    /// Creates the range of the empty tree.
    public init() {
        size = 0
        peaks = []
    }

    /// Creates a range; `nil` if the number of peaks doesn't match the size.
    init?(size: UInt64, peaks: [Hash]) {
        guard peaks.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.peaks = peaks
    }

    /// Appends the leaf hash of an entry.
    public mutating func append(_ leaf: Hash) {
        var node = leaf
        var rest = size
        while rest & 1 == 1 {
            node = TreeHash.node(peaks.removeLast(), node)
            rest >>= 1
        }
        peaks.append(node)
        size += 1
    }

    /// The root of the perfect subtree of 2^level entries from number `index << level` on, if it is a peak.
    func peak(level: Int, index: UInt64) -> Hash? {
        let rest = size >> UInt64(level)
        guard rest & 1 == 1, index == rest - 1 else { return nil }
        return peaks[(rest >> 1).nonzeroBitCount]
    }

    /// The root of the tree (RFC 6962, section 2.1).
    public var root: Hash {
        guard var root = peaks.last else { return TreeHash.empty }
        for peak in peaks.dropLast().reversed() { root = TreeHash.node(peak, root) }
        return root
    }
}
