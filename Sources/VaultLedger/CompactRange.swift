public import VaultCrypto

/// The hashes of RFC 6962 section 2.1.
public enum TreeHash {
    /// SHA-256(0x00 ‖ entry).
    public static func leaf(_ entry: [UInt8]) -> Hash {
        unsafe entry.withUnsafeBytes { unsafe Digest.sha256(prefix: 0, $0) }
    }

    /// SHA-256(0x01 ‖ left ‖ right).
    public static func node(_ left: Hash, _ right: Hash) -> Hash {
        Digest.sha256(prefix: 1, left: left, right: right)
    }

    /// SHA-256 of nothing: the root of the empty tree.
    public static let empty = Hash(Digest.sha256())!
}

/// The right edge of a tree: the roots of its perfect subtrees, largest first.
///
/// These few hashes are all that is needed to add entries and to know the root, so whoever remembers them can check
/// what is new without reading what is old. There are as many as `size` has bits set.
public struct CompactRange: Sendable, Equatable {
    public private(set) var size: UInt64
    public private(set) var peaks: [Hash]

    public init() {
        size = 0
        peaks = []
    }

    /// Nil when the number of peaks does not fit the size.
    public init?(size: UInt64, peaks: [Hash]) {
        guard peaks.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.peaks = peaks
    }

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

    /// The root of the perfect subtree of the 2^level entries from number `index << level` on, where it is one of these.
    func peak(level: Int, index: UInt64) -> Hash? {
        let rest = size >> UInt64(level)
        guard rest & 1 == 1, index == rest - 1 else { return nil }
        return peaks[(rest >> 1).nonzeroBitCount]
    }

    /// The root of the tree (RFC 6962 section 2.1).
    public var root: Hash {
        guard var root = peaks.last else { return TreeHash.empty }
        for peak in peaks.dropLast().reversed() { root = TreeHash.node(peak, root) }
        return root
    }
}
