/// The program's exit status, a contract with scripts.
///
/// The numbers are those of `docs/exit-codes.md`. They never change; codes may be added.
enum ExitCode: Int32, CaseIterable, Sendable {
    case done = 0
    case unexpected = 1
    /// Done, but something is due, a test failed, or a comparison did not match.
    case due = 3
    case noVault = 10
    case locked = 11
    /// Wrong passphrase, key file or recovery code.
    case wrongKey = 12
    /// Damaged or tampered with.
    case damaged = 13
    case notFound = 14
    case alreadyExists = 15
    /// Refused by role or policy.
    case refused = 16
    /// The network or the provider failed.
    case otherSideFailed = 17
    case busy = 18
    /// A usage error, or invalid input.
    case usage = 64
    /// `exec`: the vault itself failed, not the child.
    case execFailed = 125
    /// `exec`: the command was found but can't be executed, as with env(1) and shells.
    case notExecutable = 126
    /// `exec`: the command was not found, as with env(1) and shells.
    case commandNotFound = 127
    case interrupted = 130
}
