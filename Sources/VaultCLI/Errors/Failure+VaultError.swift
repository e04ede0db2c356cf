import VaultCore

// The switch is exhaustive, as are those of the areas: an error without a message does not compile.
extension VaultError: ReportableError {
    /// The message, the next step and the exit code.
    var failure: Failure {
        switch self {
        case .file(let error): error.failure
        case .backup(let error): error.failure
        case .bundle(let fault): fault.failure
        case .unlock(let error): error.failure
        case .input(let error): error.failure
        case .access(let error): error.failure
        case .use(let error): error.failure
        case .outside(let fault): Failure(.otherSideFailed, fault.what, next: fault.next)
        case .connector(let error): error.failure
        case .member(let error): error.failure
        case .integrity(let error): error.failure
        case .rotation(let fault): fault.failure
        case .masterKey(let error): error.failure
        case .agent(let fault): fault.failure
        case .interrupted: Failure(.interrupted, "interrupted; completed batches are kept")
        }
    }

    /// The cause, for a message about its consequence.
    var cause: String {
        switch self {
        case .file(.full(let path)): "disk full while writing \(path)"
        case .file(.readOnly(let path)): "can't write \(path): read-only file system, or no permission"
        case .agent(.gone): "the agent ended before it answered"
        default: failure.problems[0].message
        }
    }
}
