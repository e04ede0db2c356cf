// The room VaultAgent: the unlocked vault as a process. It holds the identity and the master keys, and does what it
// is asked by itself; who asks never gets a key. Started by `vault`, or as a service; not by hand.

import ArgumentParser
import CPlatform
import Logging
import VaultCore
import VaultMemory
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The program `vault-agent`.
@main
enum Main {
    /// The first thread waits for signals and does nothing else. An asynchronous `main` would leave it to the
    /// dispatch library, which waits with every signal let through.
    static func main() {
        ProcessHardening.begin()
        platform_hold_end_signals()
        let orders = Orders.parseOrExit(ProcessArguments.all)
        let log = Journal.logger(isHeard: orders.descriptor == nil)
        do throws(AgentFault) {
            try orders.checkThreads()
            let agent = Agent(orders, try orders.listen(), log)
            let (signals, heard) = AsyncStream<Int32>.makeStream()
            Task.detached { await agent.run(until: signals) }
            while true { heard.yield(platform_wait_for_end()) }
        } catch {
            orders.tell(error)
            log.critical("not started", metadata: ["why": "\(PlainWords.text(of: error))"])
            exit(1)
        }
    }
}

/// What the program is told when it is started.
struct Orders: ParsableArguments {
    @Option(help: "The vault's file.") var vault: String
    @Option(help: "The folder of the user's anchors.") var anchors: String
    @Option(help: "Where to listen, until a signal comes.") var socket: String?
    @Option(help: "A connected socket to serve; without --socket, the program ends with it.") var descriptor:
        Int32?
    @Option(help: "Unlock with this key file at the start.") var keyFile: String?
    @Option(help: "Unlock as this member.") var member: String?
    @Option(help: "Stay unlocked for so many seconds.") var seconds: Int64?

    /// Refuses to begin where threads would be missing later: the libraries below would end the process, or hang.
    func checkThreads() throws(AgentFault) {
        platform_spare_address_space()
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        guard platform_can_start_threads(Int32(clamping: 16 + 2 * cores)) == 1 else {
            throw .notStarted(
                path: AgentProgram.name,
                why:
                    "it may not start as many threads as it needs; raise the limits (ulimit -u, -v), or end other processes"
            )
        }
    }

    /// Takes the socket, if there is to be one; before there is a second thread.
    func listen() throws(AgentFault) -> ListeningSocket? {
        DescriptorBudget.raise()
        guard let socket else { return nil }
        return try ListeningSocket(AgentPlace(socket: socket, vault: vault))
    }

    /// Says to whoever started this program why it does not serve.
    func tell(_ fault: AgentFault) {
        guard let descriptor, let frame = try? Frame(.failure, VaultError.agent(fault)) else { return }
        unsafe frame.write { bytes in _ = unsafe write(descriptor, bytes.baseAddress, bytes.count) }
    }
}
