import Libc
import VaultCore

/// Why a command was not run. No case carries a secret.
enum ChildError: ReportableError, Equatable {
    case noCommand
    case notFound(command: String)
    case notExecutable(path: String)
    /// The variables and arguments exceed the system's limit (E2BIG).
    case tooLong(command: String)
    /// The name is empty, or holds `=` or a zero byte.
    case variableName(String)
    /// The value holds a zero byte, at which the system would truncate it.
    case zeroByteInValue(variable: String)
    case variableTwice(String)
    /// A system call failed; `code` is its errno.
    case system(call: String, code: Int32)
}

extension ChildError {
    /// The message, with the exit status of env(1) and shells.
    var failure: Failure {
        switch self {
        case .noCommand:
            .usage("missing command: put it after --")
                .next("for example: vault exec 'Celonis prod' -- printenv CELONIS_URL")
        case .notFound(let command):
            Failure(.commandNotFound, "command not found: '\(command)'", next: "check its name and PATH")
        case .notExecutable(let path) where Self.isDirectory(path):
            .notExecutable("\(path) is a directory").next("name a program")
        case .notExecutable(let path):
            .notExecutable("can't execute \(path)").next("chmod +x \(Vault.quoted(path)), if it is a program")
        case .tooLong(let command):
            .notExecutable("the arguments and variables of '\(command)' exceed the system's limit")
                .next("leave some out with --pristine or --only")
        case .variableName(let name):
            .execFailed("'\(name)' is not a valid variable name").next("correct the connector file")
        case .zeroByteInValue(let variable):
            .execFailed("the value of \(variable) holds a NUL byte, which a variable can't")
                .next("replace it: vault secret set")
        case .variableTwice(let name):
            .execFailed("\(name) is set twice").next("name one connection, or use --only")
        case .system(let call, let code):
            .execFailed("\(call) failed: \(Descriptor.reason(code))").next("vault doctor")
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
