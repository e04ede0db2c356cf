import ArgumentParser
import VaultCore
import VaultLedger
import VaultMasking
import VaultMemory
import VaultWire

/// `vault proxy`: a local HTTP proxy that authenticates requests of clients that have no key.
struct ProxyCommand: ParsableCommand, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Run a local proxy that adds the credentials of connections to requests.",
        usage: "vault proxy [<options>] <names> ... [-- <command> ...]",
        discussion: """
            With a command after --, the command gets the connections' variables with the proxy's address and token instead \
            of the real ones, and the proxy ends with it. Without a command, the address and the token are printed, and the \
            proxy runs until it is interrupted.
            """)

    static let examples = [
        "vault proxy 'Celonis prod' -- python report.py",
        "vault proxy 'Celonis prod' --listen 127.0.0.1:8080",
    ]

    @OptionGroup(title: "Global options") var options: GlobalOptions
    @Argument(help: "The connections.") var names: [String]
    @Option(
        help: ArgumentHelp("Listen on this local address; port 0 picks a free port.", valueName: "host:port"))
    var listen = "127.0.0.1:0"

    private var command: [String] { ExecCommand.split(ProcessArguments.all).child }

    func run() throws {
        let context = Context(options)
        let (host, port) = try place()
        let secrets = try CommandSecrets(context)
        let agent = try secrets.networkAgent(context, try context.open())
        let proxy = try context.mapErrors { () throws(VaultError) in
            let proxy = try agent.send(StartProxy(names, host: host, port: port))
            try agent.begin(KeepProxyRunning(proxy.number))
            return proxy
        }
        guard !command.isEmpty else { return try announce(proxy, context, agent) }
        do {
            let status = try runCommand(proxy)
            try? context.mapErrors { () throws(VaultError) in
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
            throw Failure(
                .usage, "--listen needs a host and a port", next: "for example --listen 127.0.0.1:0")
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
            ProcessHardening.restoreCallerUmask()
            return try ChildProcess.run(
                command, environment: environment, output: .masked([MaskableSecret(proxy.token)]),
                starting: ProcessHardening.inherited.launchState)
        } catch {
            throw error.failure
        }
    }

    /// Prints the address and the token, and waits. The token is valid only on this machine and for this run.
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
        ErrorReport.note("the proxy runs until it is interrupted; clients send its token instead of the key")
        try context.mapErrors { () throws(VaultError) in _ = try agent.next() }
    }
}
