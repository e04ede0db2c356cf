// VaultAgent is the program that keeps a vault unlocked: it holds the identity and the master keys, and performs
// requests of commands, which never receive a key. It is started by `vault` or as a service.

import ArgumentParser
import CPlatform
import Libc
import Logging
import VaultCore
import VaultMemory
import VaultWire

/// The program `vault-agent`.
@main
enum Main {
    /// The main thread only waits for signals. An asynchronous `main` would hand it to the dispatch library, which
    /// unblocks every signal.
    static func main() {
        ProcessHardening.apply()
        platform_block_termination()
        let arguments = AgentArguments.parseOrExit(ProcessArguments.all)
        let log = StderrLogHandler.logger(isEnabled: arguments.descriptor == nil)
        do throws(VaultError) {
            try arguments.checkThreadLimit()
            let agent = Agent(arguments, try arguments.listen(), log)
            Task.detached { await agent.run() }
            while true { agent.end(because: "signal \(platform_wait_for_termination())") }
        } catch {
            arguments.report(error)
            let why: Any = if case .agent(let fault) = error { fault } else { error }
            log.critical("not started", metadata: ["why": "\(PlainWords.text(of: why))"])
            exit(1)
        }
    }
}

/// The arguments of `vault-agent`.
struct AgentArguments: ParsableArguments {
    @Option(help: "The vault file.") var vault: String
    @Option(help: "The folder of the user's anchors.") var anchors: String
    @Option(help: "The socket to listen on, until a signal arrives.") var socket: String?
    @Option(help: "A connected socket to serve; without --socket, the program exits when it closes.")
    var descriptor: Int32?
    @Option(help: "A key file to unlock with at start.") var keyFile: String?
    @Option(help: "The member to unlock for.") var member: String?
    @Option(help: "How many seconds to stay unlocked.") var seconds: Int64?

    /// Checks that enough threads can be started. Otherwise, the libraries would abort or hang later.
    func checkThreadLimit() throws(VaultError) {
        platform_limit_arenas()
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        guard platform_can_start_threads(Int32(clamping: 16 + 2 * cores)) == 1 else {
            throw .agent(
                .notStarted(
                    path: AgentProgram.name,
                    why:
                        "it cannot start enough threads; raise the limits (ulimit -u, -v), or stop other processes"
                ))
        }
    }

    /// Listens on the socket, if one is given. Call before there is a second thread.
    func listen() throws(VaultError) -> ListeningSocket? {
        DescriptorBudget.raise()
        guard let socket else { return nil }
        return try ListeningSocket(AgentEndpoint(socket: socket, vault: vault))
    }

    /// Reports to the parent process why the agent does not serve.
    func report(_ error: VaultError) {
        guard let descriptor, let frame = try? Frame(.failure, error) else { return }
        unsafe frame.write { bytes in _ = unsafe write(descriptor, bytes.baseAddress, bytes.count) }
    }
}
