import ArgumentParser
import VaultCore
import VaultLedger
import VaultMasking
import VaultMemory
import VaultWire

/// `vault proxy`: an address on this machine through which any client uses connections, with no key.
struct ProxyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Give any client a connection through an address on this machine, with no key.",
        discussion: """
            vault proxy NAME … -- COMMAND …
            vault proxy 'Celonis prod' -- python report.py
            The command's variables lead to the proxy, with its token in the place of the key; the proxy lives as long
            as the command. Without a command it prints where it is, and runs until it is interrupted.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The connections.") var names: [String]
    @Option(help: ArgumentHelp("Where on this machine; port 0 takes a free one.", valueName: "host:port"))
    var listen = "127.0.0.1:0"

    private var command: [String] { ExecCommand.split(ProcessArguments.all).child }

    func run() throws {
        let context = Context(options)
        let (host, port) = try place()
        let secrets = try SecretsIn(context)
        let agent = try secrets.networkAgent(context, try context.open())
        let proxy = try context.failing { () throws(VaultError) in
            let proxy = try agent.ask(StartProxy(names, host: host, port: port))
            try agent.begin(HoldProxy(proxy.number))
            return proxy
        }
        guard !command.isEmpty else { return try announce(proxy, context, agent) }
        do {
            let status = try runCommand(proxy)
            try? context.failing { () throws(VaultError) in
                try agent.endStream()
                _ = try agent.next()
            }
            throw ExitStatus(status)
        } catch let failure as Failure where failure.code == .unexpected {
            throw Failure(.execFailed, problems: failure.problems)
        }
    }

    private func place() throws(Failure) -> (String, Int) {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
            (0...65535).contains(port)
        else {
            throw Failure(.usage, "--listen is not a host and a port", next: "--listen 127.0.0.1:0")
        }
        let host = listen[..<colon].filter { $0 != "[" && $0 != "]" }
        return (String(host), port)
    }

    private func runCommand(_ proxy: StartProxy.Answer) throws -> Int32 {
        do throws(ChildError) {
            var environment = ChildEnvironment(inheriting: .everything)
            for variable in proxy.variables {
                try environment.set(variable.name, pieces: variable.pieces.map(EnvironmentPiece.init))
            }
            ProcessHardening.restoreForChildren()
            return try Child.run(
                command, environment: environment, output: .masked([LentSecret(proxy.token)]),
                starting: ProcessHardening.inherited.starting)
        } catch {
            throw error.failure
        }
    }

    /// Says where the proxy is, and waits; the token is worth something on this machine and in this run only.
    private func announce(_ proxy: StartProxy.Answer, _ context: Context, _ agent: AgentConnection) throws {
        let token = unsafe proxy.token.bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        if context.json {
            let urls = proxy.paths.map { ($0.key, JSON.string(proxy.address + $0.value)) }
            try context.output.json([
                "address": .string(proxy.address), "connections": .object(JSON.Members(urls)), "schema": 1,
                "token": .string(token),
            ])
        } else {
            for name in names {
                try context.output.line(
                    SafeText.escaped("\(name)  \(proxy.address)\(proxy.paths[name] ?? "")"))
            }
            try context.output.line("token  \(token)")
        }
        try context.output.flush()
        ErrorReport.note(
            "the proxy runs until it is interrupted; its token is for clients, in the place of the key")
        try context.failing { () throws(VaultError) in _ = try agent.next() }
    }
}
