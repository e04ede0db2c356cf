/// Collects patterns in one wiped block. Filled twice: first to count the bytes, then to store them.
///
/// A pattern is as secret as the secret itself, so it never exists outside this block.
@safe struct PatternBuffer: ~Copyable {
    private var memory: WipedMemory?
    private var end = 0
    private var start = 0
    private(set) var patterns: [Range<Int>] = []

    /// The number of bytes needed, including those of dropped patterns.
    private(set) var needed = 0

    /// Counts bytes without storing them.
    init() {}

    /// Stores up to `count` bytes.
    init(count: Int) {
        memory = WipedMemory(count: count)
    }

    mutating func append(_ byte: UInt8) {
        if let memory { unsafe memory.bytes[end] = byte }
        end += 1
        needed = max(needed, end)
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes in
            for index in bytes.indices {
                let byte = unsafe bytes[index]
                append(byte)
            }
        }
    }

    /// Ends a pattern, and drops it if it is too short.
    mutating func endPattern() {
        if end - start < SecretPatterns.minimum { end = start } else { patterns.append(start..<end) }
        start = end
    }

    /// Returns the block and the ranges of the patterns in it.
    consuming func finish() -> (memory: WipedMemory, patterns: [Range<Int>]) {
        (memory ?? WipedMemory(count: 0), patterns)
    }
}
