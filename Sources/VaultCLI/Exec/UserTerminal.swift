import CPlatform
import Libc

/// The user's terminal, while a child runs in a pseudo-terminal.
///
/// It is in raw mode, so that all keys, including ^C and ^Z, go to the child's terminal. It is restored before this
/// process stops or ends. A background process must not touch it, or the kernel stops the process.
final class UserTerminal {
    private static let input: Int32 = 0

    private var found = termios()
    private(set) var isRaw = false

    /// Returns nil unless stdin and stdout are terminals and this process is in the foreground.
    init?() {
        guard isatty(Self.input) == 1, isatty(1) == 1, Self.isForeground else { return nil }
        guard unsafe tcgetattr(Self.input, &found) == 0 else { return nil }
    }

    /// Copies the settings and the size to a new terminal.
    func copy(to other: Int32) {
        unsafe tcsetattr(other, TCSANOW, &found)
        copySize(to: other)
    }

    /// Copies the size; the kernel sends SIGWINCH to the programs of that terminal.
    func copySize(to other: Int32) {
        var rows: UInt16 = 0
        var columns: UInt16 = 0
        guard unsafe platform_get_window_size(Self.input, &rows, &columns) == 0 else { return }
        _ = platform_set_window_size(other, rows, columns)
    }

    func makeRaw() {
        guard !isRaw, Self.isForeground else { return }
        var raw = found
        unsafe cfmakeraw(&raw)
        isRaw = unsafe tcsetattr(Self.input, TCSADRAIN, &raw) == 0
    }

    func restore() {
        guard isRaw else { return }
        isRaw = false
        guard Self.isForeground else { return }
        unsafe tcsetattr(Self.input, TCSADRAIN, &found)
    }

    private static var isForeground: Bool { tcgetpgrp(input) == getpgrp() }
}
