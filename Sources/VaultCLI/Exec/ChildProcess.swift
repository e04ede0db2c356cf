import CPlatform
import VaultMemory

/// Runs a command with secrets in its environment.
///
/// A secret is seen only inside a closure that lends it, and copied only into memory that is locked and wiped
/// (`WipedMemory`). Data derived from a secret, such as an environment block or a child's output, is treated as one.
enum ChildProcess {
    /// The handling of the command's stdout and stderr.
    enum Output {
        /// They pass through this process, which masks these secrets in every form of `SecretPatterns`.
        case masked([SharedSecret])
        /// `--no-masking`: the command replaces this process and inherits its descriptors.
        case handedOver
    }

    /// Runs a command.
    ///
    /// Not reentrant: signals and the terminal belong to the whole process.
    ///
    /// - Parameters:
    ///   - arguments: The command and its arguments. A command without a slash is looked up in the child's `PATH`.
    ///   - starting: The state of the process as `main` found it, which the child gets.
    ///   - onStart: Called once the command runs, or before it replaces this process.
    /// - Returns: The exit status for `vault`: the command's own, or 128+n for a signal. If the output is handed over,
    ///   this function returns only by throwing.
    static func run(
        _ arguments: [String], environment: consuming ChildEnvironment, output: Output,
        starting: LaunchState = LaunchState(), onStart: () -> Void = {}
    ) throws(ChildError) -> Int32 {
        let command = try ChildCommand(arguments, environment: environment, starting: starting)
        switch output {
        case .handedOver:
            onStart()
            throw command.error(call: "execve", code: unsafe platform_exec(&command.platform))
        case .masked(let secrets): return try Relay.run(command, masking: secrets, onStart: onStart)
        }
    }
}
