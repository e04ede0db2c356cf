#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Replaces the secrets in a stream of bytes by `*****`, whatever the pieces in which it comes.
///
/// What comes out depends on the bytes alone: every byte that belongs to a match is left out, and each run of such
/// bytes, of any length, gives one mask, so that it does not tell how long a secret is. All other bytes pass unchanged
/// and at once, except for an end that may be the beginning of a secret. That is held until more bytes decide it or the
/// stream ends, however long this takes: a pause in the middle of a secret reveals nothing.
///
/// One exception, so that a prompt or a typed character does not hang: after a pause (`release`), one or two held bytes
/// that begin only patterns of at least `releasable` bytes are let through. Should they turn out to begin a secret
/// after all, the rest of it is masked.
@safe package struct Masker: ~Copyable {
    package static let mask: StaticString = "*****"

    /// A pattern of which two bytes may become visible when a child pauses right behind them.
    static let releasable = 12

    private let patterns: PatternSet
    private let memory: WipedMemory
    /// Bytes that are in the memory.
    private var count = 0
    /// Of these, from the start: bytes that passed unchanged by `release`.
    private var released = 0
    /// Of these, from the start: bytes of a match whose mask was written.
    private var masked = 0
    /// Whether the last thing written was a mask, so that a match right behind it needs none.
    private var endsInMask = false

    /// `room` is how many bytes are taken at a time.
    package init(_ patterns: PatternSet, room: Int = 131_072) {
        self.patterns = patterns
        memory = WipedMemory(count: patterns.longest + room)
    }

    /// Whether bytes are held that `release` has not let through.
    package var isHolding: Bool { count > max(released, masked) }

    /// Lets `read` fill the free room, as the system call does, and gives out what is certain; returns its result.
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

    /// Lets bytes that `PatternSet.leavesAlone` go by without being copied; false when some are held that go before.
    package mutating func passes() -> Bool {
        guard count == 0 else { return false }
        endsInMask = false
        return true
    }

    /// After a pause: lets one or two held bytes through, if the rule above allows it.
    package mutating func release(emit: (UnsafeRawBufferPointer) -> Void) {
        guard isHolding, count <= 2, masked == 0 else { return }
        guard unsafe patterns.shortestUnfinished(in: bytes) ?? Self.releasable >= Self.releasable else {
            return
        }
        unsafe emit(UnsafeRawBufferPointer(rebasing: bytes[released...]))
        released = count
        endsInMask = false
    }

    /// The stream has ended: what is held is no secret any more.
    package mutating func finish(emit: (UnsafeRawBufferPointer) -> Void) {
        unsafe advance(to: count, emit)
    }

    private var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: memory.bytes[..<count])
    }

    /// Gives out everything before `boundary`, and keeps the rest.
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
