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
        try output.line(VaultCommand.completionScript(for: CompletionShell(rawValue: shell.rawValue)!))
        try output.flush()
    }
}
