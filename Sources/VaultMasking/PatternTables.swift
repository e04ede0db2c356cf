import Libc

/// The tables of a `PatternSet`. They reveal bytes of the patterns, so they are in wiped memory as well.
@safe final class PatternTables {
    private let memory: WipedMemory
    private let count: Int
    private static let pairs = 65_536

    init(_ patterns: [Range<Int>], in text: WipedMemory, window: Int) {
        count = patterns.count
        memory = WipedMemory(count: Self.pairs + (512 + 2 * count) * MemoryLayout<Int32>.stride)
        // All ones: -1, the end of a list.
        unsafe memset(memory.bytes.baseAddress! + Self.pairs, 0xff, memory.bytes.count - Self.pairs)
        guard window >= 2 else { return }
        let base = unsafe memory.bytes.baseAddress!
        unsafe memset(base, Int32(min(window - 1, 255)), Self.pairs)
        for (index, pattern) in patterns.enumerated() {
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: text.bytes[pattern])
            for end in 1..<window {
                let pair = unsafe bytes.loadUnaligned(fromByteOffset: end - 1, as: UInt16.self)
                let shift = unsafe min(memory.bytes[Int(pair)], UInt8(min(window - 1 - end, 255)))
                unsafe memory.bytes[Int(pair)] = shift
            }
            let last = unsafe bytes.loadUnaligned(fromByteOffset: window - 2, as: UInt16.self)
            link(index, into: Self.list(of: last), next: 512)
            unsafe link(index, into: 256 + Int(bytes[0]), next: 512 + count)
        }
    }

    /// How far a window can move, by the byte pair that it ends with; 0 if a pattern may match.
    var shifts: UnsafePointer<UInt8> {
        unsafe UnsafePointer(memory.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self))
    }

    /// The first pattern with a window that may end with the pair; -1 for none. Different pairs can share a list.
    func first(endingWith pair: UInt16) -> Int { unsafe Int(numbers[Self.list(of: pair)]) }

    func nextEnding(_ pattern: Int) -> Int { unsafe Int(numbers[512 + pattern]) }

    /// The first pattern that starts with a byte; -1 for none.
    func first(startingWith byte: UInt8) -> Int { unsafe Int(numbers[256 + Int(byte)]) }

    func nextStarting(_ pattern: Int) -> Int { unsafe Int(numbers[512 + count + pattern]) }

    private var numbers: UnsafeMutablePointer<Int32> {
        unsafe (memory.bytes.baseAddress! + Self.pairs).assumingMemoryBound(to: Int32.self)
    }

    private func link(_ pattern: Int, into list: Int, next: Int) {
        unsafe numbers[next + pattern] = unsafe numbers[list]
        unsafe numbers[list] = Int32(pattern)
    }

    private static func list(of pair: UInt16) -> Int { Int(pair ^ (pair >> 8)) & 0xff }
}
