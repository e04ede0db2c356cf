import ArgumentParser
import VaultCore
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `vault agent`: the agent in the foreground, as a service runs it.
struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Run this vault's agent in the foreground, as a service; ends on SIGTERM.",
        discussion: """
            It unlocks with --key-file, VAULT_KEY_FILE, or the credential vault-key of systemd (LoadCredential=). Without
            one it starts locked, and waits for 'vault unlock'. packaging/vault-agent.service is a unit for systemd.
            """)

    @OptionGroup var options: GlobalOptions
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Lock after this time; without it, only when it ends.", valueName: "time"))
    var duration: String?

    func run() throws {
        let context = Context(options)
        let seconds = try duration.map { text throws(Failure) in try AgentTime.seconds(text) }
        var more: [String] = []
        if let file = try keyFile(context) { more += ["--key-file", file] }
        if let member = context.memberName { more += ["--member", member] }
        if let seconds { more += ["--seconds", String(seconds)] }
        let place = try context.wantedAgentPlace()
        try context.failing { () throws(VaultError) in
            // Said here, in words for a person: from then on there is a log.
            if try AgentConnection.to(place) != nil { throw .agent(.running(path: place.socket)) }
            try AgentProgram().become(
                AgentProgram.Orders(vault: place.vault, anchors: context.anchorFolder, socket: place.socket),
                more)
        }
    }

    private func keyFile(_ context: Context) throws(Failure) -> String? {
        switch try context.unlockWay() {
        case .keyFile(let path): return path
        case .passphrase, .recovery:
            throw Failure(
                .usage, "a service has nobody to ask, so it takes a key file",
                next: "--key-file PATH; or start it locked, then: vault unlock")
        case .ask:
            guard let folder = Context.setting(nil, "CREDENTIALS_DIRECTORY") else { return nil }
            let path = folder + "/vault-key"
            return unsafe access(path, F_OK) == 0 ? path : nil
        }
    }
}
