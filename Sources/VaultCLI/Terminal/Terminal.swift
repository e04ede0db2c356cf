import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The person's terminal, open for a question.
///
/// It is `/dev/tty` whatever stdin and stdout are, so that a pipe can never answer or overhear.
struct Terminal: ~Copyable {
    let descriptor: Int32

    /// Opens the terminal to ask for `what`; throws `noTerminal` when there is none or none may be used.
    init(for what: String, noInput: Bool = false, path: String = "/dev/tty") throws(TerminalError) {
        guard !noInput else { throw .noTerminal(what: what) }
        let opened = unsafe platform_open(path, O_RDWR | O_CLOEXEC | O_NOCTTY, 0)
        guard opened >= 0 else { throw .noTerminal(what: what) }
        guard Descriptor.isTerminal(opened) else {
            close(opened)
            throw .noTerminal(what: what)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Writes text that is already safe.
    func say(_ text: String) { Descriptor.say(text, to: descriptor) }

    /// Drops what was typed and not yet read, so that no shell runs it later.
    func dropTypedAhead() { _ = platform_flush_input(descriptor) }

    /// The columns of a terminal, nil when the descriptor is none or does not know.
    static func width(of descriptor: Int32) -> Int? {
        var rows: UInt16 = 0
        var columns: UInt16 = 0
        guard Descriptor.isTerminal(descriptor),
            unsafe platform_get_window_size(descriptor, &rows, &columns) == 0, columns > 0
        else { return nil }
        return Int(columns)
    }
}
