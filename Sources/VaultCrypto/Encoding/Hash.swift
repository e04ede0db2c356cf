/// A SHA-256 value: 32 bytes without a place on the heap, since the ledger's tree holds millions of them.
public struct Hash: Hashable, Sendable, CustomStringConvertible {
    /// The bytes as they stand in memory, eight to a word.
    var words: (UInt64, UInt64, UInt64, UInt64)

    /// 32 bytes of zero.
    public init() { words = (0, 0, 0, 0) }

    /// Takes exactly 32 bytes; `nil` for any other number.
    public init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.init()
        unsafe withUnsafeMutableBytes(of: &words) { words in
            unsafe bytes.withUnsafeBytes { unsafe words.copyMemory(from: $0) }
        }
    }

    /// Takes exactly 32 bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) { self.init(bytes[...]) }

    /// The 32 bytes.
    public var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

    /// 64 lower-case digits.
    public var hex: String { Hex.encode(bytes) }

    public var description: String { hex }

    /// Lends the 32 bytes.
    public func withUnsafeBytes<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try unsafe Swift.withUnsafeBytes(of: words, body)
    }

    public static func == (a: Hash, b: Hash) -> Bool { a.words == b.words }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
