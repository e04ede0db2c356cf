import Libc

/// Replaces secrets in a stream of bytes by `*****`, independent of how the stream is split into chunks.
///
/// Each run of bytes that belong to matches becomes one mask, regardless of its length, so that the output does not reveal
/// the length of a secret. All other bytes pass unchanged and at once, except a suffix that may be the start of a secret:
/// it is held until more bytes decide or the stream ends. A pause within a secret reveals nothing.
///
/// One exception keeps prompts and echoed characters from hanging: after a pause (`release`), one or two held bytes pass if
/// they start only patterns of at least `releasable` bytes. If they do start a secret, the rest of it is masked.
@safe package struct Masker: ~Copyable {
    /// The replacement for a secret.
    package static let mask: StaticString = "*****"

    /// From this pattern length on, two bytes may become visible when the writer pauses after them.
    static let releasable = 12

    private let patterns: PatternSet
    private let memory: WipedMemory
    /// The number of buffered bytes.
    private var count = 0
    /// The number of leading buffered bytes that `release` has emitted.
    private var released = 0
    /// The number of leading buffered bytes that an emitted mask covers.
    private var masked = 0
    /// Whether the last output was a mask, so that an adjacent match needs none.
    private var endsInMask = false

    /// Creates a masker that takes up to `chunkSize` bytes at a time.
    package init(_ patterns: PatternSet, chunkSize: Int = 131_072) {
        self.patterns = patterns
        memory = WipedMemory(count: patterns.longest + chunkSize)
    }

    /// Whether bytes are held that were not emitted.
    package var isHolding: Bool { count > max(released, masked) }

    /// Reads a chunk, and emits all bytes that cannot be the start of a secret.
    ///
    /// - Parameters:
    ///   - read: Fills a buffer, like read(2), and returns the number of bytes.
    ///   - emit: Receives the output.
    /// - Returns: The result of `read`.
    package mutating func take(
        _ read: (UnsafeMutableRawBufferPointer) -> Int, emit: (UnsafeRawBufferPointer) -> Void
    ) -> Int {
        let result = unsafe read(UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...]))
        if result > 0 {
            count += result
            unsafe advance(to: patterns.startOfUnfinished(in: bytes), emit)
        }
        return result
    }

    /// Lets the caller emit a chunk for which `PatternSet.hasNoMatch(in:)` is true, without copying it. Returns false if
    /// earlier bytes are held, and the chunk must be taken.
    package mutating func passThrough() -> Bool {
        guard count == 0 else { return false }
        endsInMask = false
        return true
    }

    /// Emits one or two held bytes after a pause, if the rule above allows it.
    package mutating func release(emit: (UnsafeRawBufferPointer) -> Void) {
        guard isHolding, count <= 2, masked == 0 else { return }
        guard unsafe patterns.shortestUnfinished(in: bytes) ?? Self.releasable >= Self.releasable else {
            return
        }
        unsafe emit(UnsafeRawBufferPointer(rebasing: bytes[released...]))
        released = count
        endsInMask = false
    }

    /// Emits the held bytes at the end of the stream: they are not a complete secret.
    package mutating func finish(emit: (UnsafeRawBufferPointer) -> Void) {
        unsafe advance(to: count, emit)
    }

    private var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: memory.bytes[..<count])
    }

    /// Emits everything before `boundary`, masked, and keeps the rest.
    private mutating func advance(to boundary: Int, _ emit: (UnsafeRawBufferPointer) -> Void) {
        let bytes = unsafe self.bytes
        var end = masked
        var touches = masked > 0 || endsInMask
        unsafe patterns.forEachMatch(in: bytes) { match in
            guard match.lowerBound < boundary else { return }
            if !touches || match.lowerBound > end {
                let plain = max(released, end)
                if plain < match.lowerBound {
                    unsafe emit(UnsafeRawBufferPointer(rebasing: bytes[plain..<match.lowerBound]))
                }
                Self.mask.withUTF8Buffer { unsafe emit(UnsafeRawBufferPointer($0)) }
                touches = true
            }
            end = max(end, match.upperBound)
        }
        let plain = max(released, end)
        if plain < boundary { unsafe emit(UnsafeRawBufferPointer(rebasing: bytes[plain..<boundary])) }
        endsInMask = touches && end == boundary
        keep(from: boundary, maskedTo: end)
    }

    private mutating func keep(from boundary: Int, maskedTo end: Int) {
        released = max(0, released - boundary)
        masked = max(0, end - boundary)
        count -= boundary
        guard boundary > 0, count > 0 else { return }
        unsafe memmove(memory.bytes.baseAddress!, memory.bytes.baseAddress! + boundary, count)
    }
}
