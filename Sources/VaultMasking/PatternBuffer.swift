/// Collects patterns in one wiped block; filled twice, first to count and then to keep.
///
/// A pattern is a secret in disguise, so it never exists outside of this block.
@safe struct PatternBuffer: ~Copyable {
    private var memory: WipedMemory?
    private var end = 0
    private var start = 0
    private(set) var patterns: [Range<Int>] = []

    /// How many bytes were needed at most, with those of patterns that were dropped.
    private(set) var needed = 0

    /// Counts only: nothing is stored.
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

    /// Ends a pattern; one that is too short to be masked is dropped.
    mutating func endPattern(atLeast minimum: Int = MaskedForms.minimum) {
        if end - start < minimum { end = start } else { patterns.append(start..<end) }
        start = end
    }

    /// Gives the block away, for as long as the patterns are looked for.
    consuming func finish() -> (memory: WipedMemory, patterns: [Range<Int>]) {
        (memory ?? WipedMemory(count: 0), patterns)
    }
}
