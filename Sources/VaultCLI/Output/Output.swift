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

    var width: Int? { Terminal.width(of: descriptor) }

    var style: Style { Style(for: descriptor) }

    func write(_ text: String) throws(OutputError) { try write(text.utf8) }

    /// Writes the bytes of a provider's response unchanged; never text from the vault.
    func write(_ bytes: some Sequence<UInt8>) throws(OutputError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Output.size { try flush() }
    }

    func line(_ text: String = "") throws(OutputError) { try write(text + "\n") }

    /// Writes and escapes lines of text.
    func lines(_ lines: [String]) throws(OutputError) {
        for line in lines { try self.line(SafeText.escaped(line)) }
    }

    /// Writes a value on one line.
    func json(_ value: JSON) throws(OutputError) { try line(value.safeText) }

    /// Writes a result on one line, with the version of its schema.
    func result(_ result: JSONObject) throws(OutputError) {
        var result = result
        result["schema"] = 1
        try json(result.json)
    }

    func table(_ table: Table) throws(OutputError) {
        try write(table.text(width: width, style: style))
    }

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
}
