/// Why a question got no answer.
enum TerminalError: Error, Equatable, Sendable {
    /// There is no terminal to ask on, or `--no-input` forbids it.
    case noTerminal(what: String)
    /// The answer was ^D, or the terminal went away.
    case cancelled
    /// A signal ended the question; the terminal was restored first.
    case interrupted
    case tooLong(what: String, limit: Int)
    /// The two entries of a new passphrase differed, three times.
    case mismatch(what: String)
    case failed(reason: String)

    var failure: Failure {
        switch self {
        case .noTerminal(let what):
            Failure(
                .usage, "\(what) is needed, and nobody can be asked for it (no terminal, or --no-input)",
                next: "give it with an option; for a secret a SOURCE: stdin, file:PATH or fd:N")
        case .cancelled, .interrupted: Failure(.interrupted, "interrupted")
        case .tooLong(let what, let limit):
            Failure(.usage, "\(what) is longer than \(limit) bytes", next: "check what was pasted")
        case .mismatch(let what):
            Failure(.usage, "the two entries of \(what) differ", next: "try again, or give it with a SOURCE")
        case .failed(let reason):
            Failure(
                .unexpected, "the terminal failed: \(reason)", next: "try again, or give values with options")
        }
    }
}
