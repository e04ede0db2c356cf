import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory
import VaultWire

/// `vault proxy`: a local HTTP proxy that authenticates requests of clients that have no key.
struct ProxyCommand: Command, ExampleProviding {
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
    @Option(help: .init("Listen on this local address; port 0 picks a free port.", valueName: "host:port"))
    var listen = "127.0.0.1:0"

    private var command: [String] { ExecCommand.split(ProcessArguments.all).child }

    func run(_ context: Context) throws {
        let (host, port) = try place()
        let agent = try CommandSecrets(context).networkAgent(context, context.open())
        let proxy = try agent.startProxy(names, host: host, port: port)
        guard !command.isEmpty else { return try announce(proxy, context, agent) }
        ProcessHardening.restoreCallerUmask()
        let status = try ChildProcess.run(
            command, environment: try ChildEnvironment(proxy), output: .masked([proxy.token]),
            starting: ProcessHardening.inherited.launchState)
        try? agent.endProxy()
        throw ExitStatus(status)
    }

    private func place() throws -> (String, Int) {
        guard let colon = listen.lastIndex(of: ":") else {
            throw Failure.usage("--listen needs a host and a port").next("for example --listen 127.0.0.1:0")
        }
        guard let port = Int(listen[listen.index(after: colon)...]), (0...65535).contains(port) else {
            throw Failure.usage("invalid port in --listen").next("use 0 to 65535")
        }
        let host = listen[..<colon].filter { $0 != "[" && $0 != "]" }
        return (String(host), port)
    }

    /// Prints the address and the token, and waits. The token is valid only on this machine and for this run.
    private func announce(_ proxy: StartProxy.Answer, _ context: Context, _ agent: AgentConnection) throws {
        let token = unsafe proxy.token.bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        let urls = JSON.Members(proxy.paths.map { ($0.key, JSON.string(proxy.address + $0.value)) })
        try context.write(
            ["address": proxy.address, "connections": JSON.object(urls), "token": token]
        ) { output in
            try output.lines(names.map { "\($0)  \(proxy.address)\(proxy.paths[$0] ?? "")" })
            try output.line("token  \(token)")
        }
        ErrorReport.note("the proxy runs until it is interrupted; clients send its token instead of the key")
        _ = try agent.next()
    }
}
