/// Why a command was not run.
///
/// Each case has the exit status that env(1) and shells give: 127 not found, 126 found and not executable, 125 when
/// the vault itself failed. The strings are names and paths of the user's; never a value.
enum ChildError: Error, Equatable {
    case noCommand
    case notFound(command: String)
    case notExecutable(path: String)
    /// The variables and arguments together, or one of them, are more than the system takes.
    case tooLong(command: String)
    /// Empty, or with `=` or a zero byte in it.
    case variableName(String)
    /// A zero byte ends a variable for the system, so that the rest would be lost without a word.
    case zeroByteInValue(variable: String)
    case variableTwice(String)
    /// A system call failed; `code` is its errno.
    case system(call: String, code: Int32)
}

extension ChildError {
    /// The message, with the status that env(1) and shells give.
    var failure: Failure {
        switch self {
        case .noCommand: Failure(.usage, "there is no command to run", next: "vault exec NAME -- COMMAND …")
        case .notFound(let command):
            Failure(.commandNotFound, "there is no command '\(command)'", next: "check its name and PATH")
        case .notExecutable(let path):
            Failure(.notExecutable, "\(path) cannot be executed", next: "chmod +x, if it is a program")
        case .tooLong(let command):
            Failure(
                .notExecutable, "the arguments and variables of '\(command)' are more than the system takes",
                next: "--pristine or --only leaves some out")
        case .variableName(let name):
            Failure(.execFailed, "'\(name)' cannot be a variable's name", next: "mend the connector file")
        case .zeroByteInValue(let variable):
            Failure(
                .execFailed, "the value of \(variable) has a NUL byte, which no variable can carry",
                next: "replace it: vault secret set")
        case .variableTwice(let name):
            Failure(.execFailed, "\(name) is set twice", next: "name one connection, or use --only")
        case .system(let call, let code):
            Failure(.execFailed, "\(call) failed: \(Descriptor.reason(code))", next: "vault doctor")
        }
    }
}
