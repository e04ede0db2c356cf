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

    /// The status with which `vault` exits.
    var exitStatus: Int32 {
        switch self {
        case .notFound: 127
        case .notExecutable, .tooLong: 126
        case .noCommand, .variableName, .zeroByteInValue, .variableTwice, .system: 125
        }
    }
}
