import VaultMasking

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the user types, on its way to the child's terminal.
///
/// It may be a password: it passes through wiped memory, and a child that does not read makes it wait here.
final class Keyboard {
    private let memory = WipedMemory(count: 4096)
    private var pending = 0..<0

    /// The user's terminal has gone.
    private(set) var hasEnded = false

    var isWaiting: Bool { !pending.isEmpty }

    func take() {
        guard pending.isEmpty, !hasEnded else { return }
        let count = unsafe read(0, memory.bytes.baseAddress!, memory.bytes.count)
        if count > 0 { pending = 0..<count }
        hasEnded = count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)
    }

    func give(to terminal: Int32) {
        guard isWaiting else { return }
        let count = unsafe write(terminal, memory.bytes.baseAddress! + pending.lowerBound, pending.count)
        if count > 0 { pending = pending.lowerBound + count..<pending.upperBound }
        if count < 0, errno != EINTR, errno != EAGAIN { pending = 0..<0 }
    }
}
