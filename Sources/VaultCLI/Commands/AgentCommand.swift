import ArgumentParser
import Libc
import VaultCore
import VaultWire

/// `vault agent`: runs the agent in the foreground.
struct AgentCommand: Command, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Run this vault's agent in the foreground, as a service.",
        discussion: """
            The agent unlocks with --key-file, VAULT_KEY_FILE, or the systemd credential vault-key (LoadCredential=). \
            Otherwise it starts locked and waits for 'vault unlock'. It ends on SIGTERM. packaging/vault-agent.service is a \
            systemd unit.
            """)

    static let examples = ["vault agent --key-file /etc/vault/ana.key", "vault agent --for 8h"]

    @OptionGroup(title: "Global options") var options: GlobalOptions
    @Option(
        name: .customLong("for"),
        help: .init("Lock after this time (default: when the agent ends).", valueName: "time"))
    var duration: String?

    func run(_ context: Context) throws {
        let seconds = try duration.map(UnlockDuration.seconds)
        var more: [String] = []
        if let file = try keyFile(context) { more += ["--key-file", file] }
        if let member = context.memberName { more += ["--member", member] }
        if let seconds { more += ["--seconds", String(seconds)] }
        let place = try context.requireAgentEndpoint()
        // Checked here, to report it as an error: the agent only logs it.
        guard try AgentConnection.connect(to: place) == nil else {
            throw VaultError.agent(.running(path: place.socket))
        }
        try AgentProgram().replaceProcess(at: place, anchors: context.anchorFolder, more)
    }

    private func keyFile(_ context: Context) throws -> String? {
        switch try context.unlockMethod() {
        case .keyFile(let path): return path
        case .passphrase, .recovery:
            throw Failure.usage("the agent unlocks only with a key file")
                .next("use --key-file PATH; or start it locked, then: vault unlock")
        case .ask:
            guard let folder = Descriptor.environment("CREDENTIALS_DIRECTORY") else { return nil }
            let path = folder + "/vault-key"
            return unsafe access(path, F_OK) == 0 ? path : nil
        }
    }
}
