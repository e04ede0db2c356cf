import CPlatform
import Libc

/// The pseudo-terminal of an interactive child, connected to the user's terminal.
final class ChildTerminal {
    /// Reads the child's output, and takes the user's input.
    let master: OpenDescriptor
    private let user: UserTerminal
    private let input = InputForwarder()

    /// Creates one with the settings and the size of the user's terminal. `slave` is for the child.
    static func open(for user: UserTerminal) throws(ChildError) -> (
        terminal: ChildTerminal, slave: OpenDescriptor
    ) {
        var (outer, inner): (Int32, Int32) = (-1, -1)
        guard unsafe platform_open_terminal(&outer, &inner) == 0 else {
            throw .system(call: "posix_openpt", code: errno)
        }
        user.copy(to: inner)
        return (ChildTerminal(user, master: OpenDescriptor(outer)), OpenDescriptor(inner))
    }

    private init(_ user: UserTerminal, master: OpenDescriptor) {
        self.user = user
        self.master = master
    }

    func enter() {
        user.makeRaw()
        copySize()
    }

    func leave() { user.restore() }

    func copySize() {
        if master.isOpen { user.copySize(to: master.number) }
    }

    /// Whether to read the user's input; in the background it belongs to another process.
    var wantsKeys: Bool { user.isRaw && !input.hasEnded && !input.isWaiting && master.isOpen }

    var hasKeys: Bool { input.isWaiting && master.isOpen }

    func takeKeys() { input.take() }

    func giveKeys() {
        if master.isOpen { input.give(to: master.number) }
    }
}
