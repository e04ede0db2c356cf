import VaultRegistry

/// An error with a message and an exit code for the user.
///
/// Such errors propagate to `Main`, which reports them.
protocol ReportableError: Error {
    var failure: Failure { get }
}

extension Failure: ReportableError {
    var failure: Failure { self }
}

extension Problem: ReportableError {
    var failure: Failure { Failure([self]) }
}

extension Failure {
    /// A usage failure with these problems of the input.
    init(_ problems: [VaultRegistry.Problem]) {
        self.init(.usage, problems: problems.map { Problem($0.message, next: $0.hint) })
    }
}
