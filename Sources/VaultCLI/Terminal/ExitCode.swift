/// The status the program ends with; a contract with scripts.
///
/// The numbers are those of `docs/exit-codes.md` and never change; codes are added.
enum ExitCode: Int32, CaseIterable, Sendable {
    case done = 0
    case unexpected = 1
    /// Done, and something is due or the test failed.
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
    /// Usage, or input that does not fit.
    case usage = 64
    /// `exec`: the vault itself failed, not the child.
    case execFailed = 125
    /// `exec`: the command is there and cannot be run, and: there is none; as env(1) and shells have it.
    case notExecutable = 126
    case commandNotFound = 127
    case interrupted = 130
}
