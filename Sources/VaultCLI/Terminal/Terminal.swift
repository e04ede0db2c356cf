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
        let opened = unsafe noInput ? -1 : platform_open(path, O_RDWR | O_CLOEXEC | O_NOCTTY, 0)
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

    /// Writes the help text of a connector file: line breaks are kept, everything else is escaped.
    func writeHelp(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        write(lines.map { "  \(SafeText.escaped(String($0)))\n" }.joined())
    }

    /// Drops input that was typed and not read, so that no shell runs it later.
    func dropTypedAhead() { tcflush(descriptor, TCIFLUSH) }

    /// The number of columns, or nil if the descriptor is not a terminal or its size is unknown.
    static func width(of descriptor: Int32) -> Int? {
        let columns = platform_columns(descriptor)
        return columns > 0 ? Int(columns) : nil
    }
}
