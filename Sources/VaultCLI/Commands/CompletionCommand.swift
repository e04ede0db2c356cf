import ArgumentParser

/// `vault completion`: the script that completes commands in a shell.
struct CompletionCommand: ParsableCommand {
    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print the completion script of a shell.")
    @Argument(help: "bash, zsh or fish.") var shell: Shell

    func run() throws {
        let output = Output()
        let shell: ArgumentParser.CompletionShell =
            switch self.shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        try output.line(VaultCommand.completionScript(for: shell))
        try output.flush()
    }
}
