import CPlatform
import Logging
import VaultCore
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One agent: a keeper of the vault, and whoever talks to it.
struct Agent {
    private let orders: Orders
    private let listening: ListeningSocket?
    private let log: Logger
    private let keeper: Keeper
    private let network: Network

    init(_ orders: Orders, _ listening: ListeningSocket?, _ log: Logger) {
        (self.orders, self.listening, self.log) = (orders, listening, log)
        let network = Network()
        self.network = network
        keeper = Keeper(vault: orders.vault, anchors: orders.anchors, log: log) { network.lock() }
    }

    /// Serves until a signal comes, or, without a socket, until the one connection ends; then the process ends.
    func run(until signals: AsyncStream<Int32>) async -> Never {
        await unlockByFile()
        let clients = Clients(keeper, network, log)
        await withTaskGroup(of: String?.self) { group in
            group.addTask {
                for await number in signals { return "signal \(number)" }
                return nil
            }
            group.addTask { await watch() }
            if let descriptor = orders.descriptor {
                let isAll = listening == nil
                group.addTask {
                    await clients.serve(connected: descriptor)
                    return isAll ? "the connection has ended" : nil
                }
            }
            if let listening {
                log.notice("listening", metadata: ["socket": "\(listening.place.socket)"])
                group.addTask { await clients.serve(listening: listening.descriptor) }
            }
            var why: String?
            while why == nil, let ended = await group.next() { why = ended }
            listening?.remove()
            await keeper.lock(because: why ?? "")
            log.notice("ended", metadata: ["why": "\(why ?? "")"])
            // From in here: the group waits for all of its tasks, and the one for signals never ends.
            Self.end()
        }
        exit(0)
    }

    private static func end() { exit(0) }

    /// Looks once a second whether something is over: a timer would not count the machine's sleep.
    ///
    /// The vault is locked when its time is over; a question that comes before that is seen is refused all the same.
    /// An agent that nobody can reach any more ends, and one in the background that was locked for long.
    private func watch() async -> String? {
        var locked: Int64 = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            await keeper.lockIfOver()
            if let listening, !listening.isThere { return "its socket was taken away" }
            locked = keeper.open == nil ? locked + 1 : 0
            if orders.descriptor != nil, listening != nil, locked >= Self.patience {
                return "it was locked for long"
            }
        }
        return nil
    }

    /// How long an agent in the background stays though it is locked, in seconds: a new one would not know of wrong
    /// tries.
    private static let patience: Int64 = 900

    /// A service gets its key file from the system (`LoadCredential=`). One that is wrong leaves the agent locked.
    private func unlockByFile() async {
        guard let path = orders.keyFile else { return }
        do throws(VaultError) {
            let folder = unsafe getenv("CREDENTIALS_DIRECTORY").map { unsafe String(cString: $0) }
            let credential = Credential.keyFile(
                try KeyFile.contents(
                    of: path, credentials: folder,
                    warn: { log.warning("key file", metadata: ["what": "\($0)"]) }))
            let question = Unlock(orders.member, with: credential, seconds: orders.seconds)
            try await keeper.unlock(question) { _ in }
        } catch {
            log.error("not unlocked", metadata: ["why": "\(PlainWords.text(of: error))"])
        }
    }
}
