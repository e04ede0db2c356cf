import VaultCore
import VaultRegistry

// The switch is exhaustive, as are those of the areas: an error without a message does not compile.
extension Failure {
    /// The message, the next step and the exit code of an error of the vault.
    init(_ error: VaultError) {
        switch error {
        case .file(let error): self.init(error)
        case .backup(let error): self.init(error)
        case .bundle(let fault): self.init(fault)
        case .unlock(let error): self.init(error)
        case .input(let error): self.init(error)
        case .access(let error): self.init(error)
        case .use(let error): self.init(error)
        case .outside(let fault): self.init(.otherSideFailed, fault.what, next: fault.next)
        case .connector(let error): self.init(error)
        case .member(let error): self.init(error)
        case .integrity(let error): self.init(error)
        case .rotation(let fault): self.init(fault)
        case .masterKey(let error): self.init(error)
        case .agent(let fault): self.init(fault)
        case .interrupted:
            self.init(.interrupted, "interrupted; completed batches are kept")
        }
    }

    init(_ problems: [VaultRegistry.Problem]) {
        self.init(.usage, problems: problems.map { Problem($0.message, next: $0.hint) })
    }
}

extension VaultError {
    /// What is wrong, for a sentence that says what follows from it.
    var cause: String {
        switch self {
        case .file(.full(let path)): "disk full while writing \(path)"
        case .file(.readOnly(let path)): "can't write \(path): read-only file system, or no permission"
        case .agent(.gone): "the agent ended before it answered"
        default: Failure(self).problems[0].message
        }
    }
}
