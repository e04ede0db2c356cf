import VaultLedger

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a result could not be written.
enum OutputError: Error, Equatable {
    /// Whoever read the pipe has gone.
    ///
    /// The program ends at once with status 0 and no word: the reader had what it wanted, as in `vault list | head`,
    /// and a script with `pipefail` must not fail on it (ripgrep does the same; 141 is not in the contract's list).
    case readerGone
    case cannotWrite(reason: String)

    /// What to tell, nil when there is nothing to tell.
    var failure: Failure? {
        switch self {
        case .readerGone: nil
        case .cannotWrite(let reason):
            Failure(
                .unexpected, "the result could not be written to stdout: \(reason)",
                next: "make room or choose another place; what the command changed in the vault is done")
        }
    }
}

/// The results of a command, to stdout, through a buffer.
///
/// Call `flush` when the command is done: what is not flushed is not written. Text from the vault must have passed
/// `SafeText`, `Table` or `JSON.safeText`.
final class Output {
    private static let size = 65_536

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Whether what is written tells of a change that is done: then a failure to write it is a warning.
    var isReceipt = false

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
        buffer.reserveCapacity(Output.size)
    }

    /// The columns of the terminal that reads this, nil when none does.
    var width: Int? { Terminal.width(of: descriptor) }

    /// How to emphasise in this output.
    var style: Style { Style(for: descriptor) }

    func write(_ text: String) throws(OutputError) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Output.size { try flush() }
    }

    /// Writes bytes as they are: what a provider answered, never text from the vault.
    func write(_ bytes: [UInt8]) throws(OutputError) {
        buffer += bytes
        if buffer.count >= Output.size { try flush() }
    }

    func line(_ text: String = "") throws(OutputError) {
        buffer.append(contentsOf: text.utf8)
        try endLine()
    }

    /// Writes one value on a line of its own.
    func json(_ value: JSON) throws(OutputError) {
        value.writeSafely(to: &buffer)
        try endLine()
    }

    func table(_ table: Table) throws(OutputError) {
        try write(table.text(width: width, style: style))
    }

    /// Writes what is buffered to the file.
    func flush() throws(OutputError) {
        guard !buffer.isEmpty else { return }
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
