import ArgumentParser

@main
struct Vault: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "vault", version: "0.1.0")
}
