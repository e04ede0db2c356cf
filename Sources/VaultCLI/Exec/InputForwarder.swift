import Libc
import VaultMasking

/// Forwards the user's input to the child's terminal.
///
/// The input may be a password, so it passes through wiped memory. It waits here while the child does not read.
final class InputForwarder {
    private let memory = WipedMemory(count: 4096)
    private var pending = 0..<0

    /// Whether the user's terminal was closed.
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
