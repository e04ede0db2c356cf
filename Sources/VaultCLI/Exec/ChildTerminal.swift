import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The pseudo-terminal of an interactive child, tied to the user's terminal.
final class ChildTerminal {
    /// Our end: what the child writes is read here, and what the user types is written.
    let master: OpenDescriptor
    private let user: UserTerminal
    private let keyboard = Keyboard()

    /// Makes one with the user's settings and size; the other end is for the child.
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

    /// In the background the keys are somebody else's.
    var wantsKeys: Bool { user.isRaw && !keyboard.hasEnded && !keyboard.isWaiting && master.isOpen }

    var hasKeys: Bool { keyboard.isWaiting && master.isOpen }

    func takeKeys() { keyboard.take() }

    func giveKeys() {
        if master.isOpen { keyboard.give(to: master.number) }
    }
}
