import VaultMasking
import VaultMemory

/// A command that is run with secrets in its environment.
struct Child {
    /// What becomes of the command's stdout and stderr.
    enum Output {
        /// They pass through this process, which masks these secrets in every form it knows (`MaskedForms`).
        case masked([any LentBytes])
        /// `--no-masking`: the command takes this process' place, with its descriptors.
        case handedOver
    }

    /// Runs a command and returns the status with which `vault` exits: the command's own, or 128+n for a signal.
    ///
    /// `arguments` starts with the command, which is looked up in the child's `PATH` when it has no slash. `starting`
    /// is what `main` noted before it changed anything. `meanwhile` is run once the command is; or before it, where it
    /// takes this process' place: when the output is handed over, this returns only by an error. Not for two callers at once: signals and the terminal belong to the whole process.
    static func run(
        _ arguments: [String], environment: consuming ChildEnvironment, output: Output,
        starting: StartingState = StartingState(), meanwhile: () -> Void = {}
    ) throws(ChildError) -> Int32 {
        let block = environment.build()
        environment = ChildEnvironment(inheriting: .pristine)
        let command = try Command(arguments, environment: block, starting: starting)
        switch output {
        case .handedOver:
            meanwhile()
            throw command.become()
        case .masked(let secrets): return try Relay.run(command, masking: secrets, meanwhile: meanwhile)
        }
    }
}
