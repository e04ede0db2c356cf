import Libc
import VaultLedger

/// Why a result could not be written.
enum OutputError: Error, Equatable {
    /// The reader of the pipe closed it.
    ///
    /// The program exits silently with 0: the reader had enough, as in `vault connection list | head`, and a script with
    /// `pipefail` must not fail (ripgrep does the same; the contract has no 141).
    case readerGone
    case cannotWrite(reason: String)

    /// The failure to report, or nil for none.
    var failure: Failure? {
        switch self {
        case .readerGone: nil
        case .cannotWrite(let reason):
            Failure(
                .unexpected, "can't write the result to stdout: \(reason)",
                next: "free some space or redirect elsewhere; what the command changed in the vault is done")
        }
    }
}

/// Buffered output to stdout.
///
/// Call `flush` at the end of a command; there is no flush on deinitialization. Text from the vault must be escaped by
/// `SafeText`, `Table` or `JSON.safeText`.
final class Output {
    private static let size = 65_536

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Whether the output confirms a change that is done, so that a failure to write it is only a warning.
    var isReceipt = false

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
        buffer.reserveCapacity(Output.size)
    }

    /// The number of columns if the output is a terminal.
    var width: Int? { Terminal.width(of: descriptor) }

    /// The style of this output.
    var style: Style { Style(for: descriptor) }

    func write(_ text: String) throws(OutputError) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Output.size { try flush() }
    }

    /// Writes the bytes of a provider's response unchanged; never text from the vault.
    func write(_ bytes: [UInt8]) throws(OutputError) {
        buffer += bytes
        if buffer.count >= Output.size { try flush() }
    }

    func line(_ text: String = "") throws(OutputError) {
        buffer.append(contentsOf: text.utf8)
        try endLine()
    }

    /// Writes a value on one line.
    func json(_ value: JSON) throws(OutputError) {
        value.writeSafely(to: &buffer)
        try endLine()
    }

    func table(_ table: Table) throws(OutputError) {
        try write(table.text(width: width, style: style))
    }

    /// Writes the buffer.
    func flush() throws(OutputError) {
        guard !buffer.isEmpty else { return }
        Progress.erase()
        let error = unsafe buffer.withUnsafeBytes { unsafe Descriptor.write($0, to: descriptor) }
        buffer.removeAll(keepingCapacity: true)
        switch error {
        case 0: return
        case EPIPE: throw .readerGone
        case _ where isReceipt:
            ErrorReport.warn(
                "the change is done, but its result can't be written to stdout: \(Descriptor.reason(error))")
        default: throw .cannotWrite(reason: Descriptor.reason(error))
        }
    }

    private func endLine() throws(OutputError) {
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Output.size { try flush() }
    }
}
