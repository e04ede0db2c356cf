/// Why a prompt got no answer.
enum TerminalError: ReportableError, Equatable, Sendable {
    /// There is no terminal, or `--no-input` forbids prompts.
    case noTerminal(what: String)
    /// The answer was ^D, or the terminal was closed.
    case canceled
    /// A signal ended the prompt; the terminal was restored first.
    case interrupted
    /// The two entries differed three times.
    case mismatch(what: String)
    case failed(reason: String)

    var failure: Failure {
        switch self {
        case .noTerminal(let what):
            .usage("can't prompt for \(what): no terminal, or --no-input")
                .next(
                    what == "a passphrase"
                        ? "add --key-file PATH, or --passphrase-from SOURCE (stdin, file:PATH or fd:N)"
                        : "use a SOURCE that needs no terminal: stdin, file:PATH or fd:N")
        case .canceled, .interrupted: Failure(.interrupted, "interrupted")
        case .mismatch(let what):
            .usage(
                "\(what.hasPrefix("New passphrase") ? "passphrases" : "the entries of \(what)") don't match"
            )
            .next("try again, or pass it with a SOURCE")
        case .failed(let reason):
            .unexpected("the terminal failed: \(reason)").next("try again, or pass values as options")
        }
    }
}
