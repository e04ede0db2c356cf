import ArgumentParser

/// `vault completion`: completion scripts.
struct CompletionCommand: ParsableCommand, ExampleProviding {
    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print the completion script for a shell.")
    static let examples = ["source <(vault completion bash)"]
    @Argument(help: "The shell: bash, zsh or fish.") var shell: Shell

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
