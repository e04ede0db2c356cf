import CPlatform
import Libc

/// The controlling terminal, opened for a prompt.
///
/// It is `/dev/tty` and not stdin or stdout, so that a pipe can neither answer nor eavesdrop.
struct Terminal: ~Copyable {
    let descriptor: Int32

    /// Opens the terminal to ask for `what`.
    ///
    /// - Throws: `noTerminal` if there is none, or `--no-input` forbids prompts.
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

    /// Writes text that is already escaped.
    func write(_ text: String) {
        Progress.erase()
        Descriptor.writeBestEffort(text, to: descriptor)
    }

    /// Drops input that was typed and not read, so that no shell runs it later.
    func dropTypedAhead() { _ = platform_flush_input(descriptor) }

    /// The number of columns, or nil if the descriptor is not a terminal or its size is unknown.
    static func width(of descriptor: Int32) -> Int? {
        var rows: UInt16 = 0
        var columns: UInt16 = 0
        guard Descriptor.isTerminal(descriptor),
            unsafe platform_get_window_size(descriptor, &rows, &columns) == 0, columns > 0
        else { return nil }
        return Int(columns)
    }
}
