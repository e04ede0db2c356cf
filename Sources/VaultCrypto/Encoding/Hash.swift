import VaultText

/// A SHA-256 hash, stored inline: the ledger's Merkle tree holds millions of them.
public struct Hash: Hashable, Sendable, CustomStringConvertible {
    /// The bytes in memory order, eight per word.
    var words: (UInt64, UInt64, UInt64, UInt64)

    /// 32 zero bytes.
    public init() { words = (0, 0, 0, 0) }

    /// Copies 32 bytes; nil for any other number.
    public init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.init()
        unsafe withUnsafeMutableBytes(of: &words) { words in
            unsafe bytes.withUnsafeBytes { unsafe words.copyMemory(from: $0) }
        }
    }

    /// Copies 32 bytes; nil for any other number.
    public init?(_ bytes: [UInt8]) { self.init(bytes[...]) }

    /// The 32 bytes.
    public var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

    /// The hash as 64 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }

    /// Same as `hex`.
    public var description: String { hex }

    /// Calls `body` with the 32 bytes. The pointer must not escape the closure.
    ///
    /// - Throws: what `body` throws.
    public func withUnsafeBytes<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try unsafe Swift.withUnsafeBytes(of: words, body)
    }

    /// Whether both hashes have the same bytes.
    public static func == (a: Hash, b: Hash) -> Bool { a.words == b.words }

    /// Feeds the first eight bytes, which are uniformly distributed.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
