import CPlatform
import Libc
import VaultMasking

/// The pseudo-terminal of an interactive child, connected to the user's terminal.
///
/// The user's terminal is in raw mode, so that all keys, including ^C and ^Z, go to the child's terminal. It is restored
/// before this process stops or ends. A background process must not touch it, or the kernel stops the process.
final class ChildTerminal {
    /// Reads the child's output, and takes the user's input.
    let master: OpenDescriptor
    /// The child's end.
    let slave: OpenDescriptor
    /// The settings of the user's terminal.
    private var found: termios
    private var isRaw = false
    /// The user's input while the child does not read. It may be a password, so it passes through wiped memory.
    private lazy var input = WipedMemory(count: 4096)
    private var pending = 0..<0
    /// Whether the user's terminal was closed.
    private var hasEnded = false

    /// Creates one with the settings and the size of the user's terminal.
    ///
    /// Returns nil unless stdin and stdout are terminals and this process is in the foreground.
    init?() throws(ChildError) {
        var found = termios()
        guard isatty(0) == 1, isatty(1) == 1, Self.isForeground, unsafe tcgetattr(0, &found) == 0 else {
            return nil
        }
        var (outer, inner): (Int32, Int32) = (-1, -1)
        guard unsafe platform_open_terminal(&outer, &inner) == 0 else {
            throw .system(call: "posix_openpt", code: errno)
        }
        self.found = found
        (master, slave) = (OpenDescriptor(outer), OpenDescriptor(inner))
        unsafe tcsetattr(inner, TCSANOW, &found)
        platform_copy_window_size(0, inner)
    }

    func enter() {
        if !isRaw, Self.isForeground {
            var raw = found
            unsafe cfmakeraw(&raw)
            isRaw = unsafe tcsetattr(0, TCSADRAIN, &raw) == 0
        }
        copySize()
    }

    func leave() {
        guard isRaw else { return }
        isRaw = false
        if Self.isForeground { unsafe tcsetattr(0, TCSADRAIN, &found) }
    }

    /// Copies the size of the user's terminal; the kernel sends SIGWINCH to the programs of the child's.
    func copySize() { platform_copy_window_size(0, master.number) }

    /// Whether to read the user's input; in the background it belongs to another process.
    var wantsKeys: Bool { isRaw && !hasEnded && pending.isEmpty && master.isOpen }

    var hasKeys: Bool { !pending.isEmpty && master.isOpen }

    func takeKeys() {
        let count = unsafe read(0, input.bytes.baseAddress!, input.bytes.count)
        if count > 0 { pending = 0..<count }
        hasEnded = count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)
    }

    func giveKeys() {
        guard hasKeys else { return }
        let start = unsafe input.bytes.baseAddress! + pending.lowerBound
        let count = unsafe write(master.number, start, pending.count)
        if count > 0 { pending = pending.lowerBound + count..<pending.upperBound }
        if count < 0, errno != EINTR, errno != EAGAIN { pending = 0..<0 }
    }

    private static var isForeground: Bool { tcgetpgrp(0) == getpgrp() }
}
