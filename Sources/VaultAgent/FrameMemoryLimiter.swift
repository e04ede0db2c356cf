import Synchronization

/// Limits the memory that the incomplete frames of all connections occupy together (case 75).
final class FrameMemoryLimiter: Sendable {
    private static let limit = 64 << 20
    private let used = Mutex(0)

    /// Records that `count` more bytes are used, or fewer if it is negative.
    ///
    /// - Returns: Whether the total is within the limit; always true for a negative `count`.
    func change(by count: Int) -> Bool {
        used.withLock { used in
            used += count
            return count <= 0 || used <= Self.limit
        }
    }
}
