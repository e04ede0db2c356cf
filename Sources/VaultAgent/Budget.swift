import Synchronization

/// The memory that the unfinished frames of all connections may take together (case 75).
final class Budget: Sendable {
    private static let most = 64 << 20
    private let taken = Mutex(0)

    /// Whether there is room for so many more bytes; fewer are always taken back.
    func change(by count: Int) -> Bool {
        taken.withLock { taken in
            taken += count
            return count <= 0 || taken <= Self.most
        }
    }
}
