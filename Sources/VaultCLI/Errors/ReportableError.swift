import VaultCore
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

extension VaultError: ReportableError {
    var failure: Failure { Failure(self) }
}

extension AgentFault: ReportableError {
    var failure: Failure { Failure(self) }
}

extension Problem: ReportableError {
    var failure: Failure { Failure([self]) }
}
