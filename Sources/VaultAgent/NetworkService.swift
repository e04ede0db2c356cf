import Libc
import NIOCore
import NIOPosix
import Synchronization
import VaultBroker
import VaultCore
import VaultRegistry

/// The agent's use of the network: a broker, and the running proxies.
///
/// The broker is created lazily: loading the system's certificates takes longer than most operations.
final class NetworkService: Sendable {
    private let lazyBroker = Mutex<Result<Broker, VaultError>?>(nil)
    private let proxies = Mutex(Proxies())

    private struct Proxies {
        var running: [UInt64: Proxy] = [:]
        var lastNumber: UInt64 = 0
    }

    /// Discards tokens and closes connections, since the vault is being locked.
    func lock() {
        if case .success(let broker)? = lazyBroker.withLock({ $0 }) { broker.lock() }
        proxies.withLock { proxies in
            for proxy in proxies.running.values { proxy.stop() }
            proxies.running = [:]
        }
    }

    func addProxy(_ proxy: Proxy) -> UInt64 {
        proxies.withLock { proxies in
            proxies.lastNumber += 1
            proxies.running[proxies.lastNumber] = proxy
            return proxies.lastNumber
        }
    }

    func removeProxy(_ number: UInt64) -> Proxy? {
        proxies.withLock { $0.running.removeValue(forKey: number) }
    }

    func broker() throws(VaultError) -> Broker {
        let result = lazyBroker.withLock { broker in
            let result = broker ?? Result { () throws(VaultError) in try Self.makeBroker() }
            broker = result
            return result
        }
        return try result.get()
    }

    private static func makeBroker() throws(VaultError) -> Broker {
        func variable(_ name: String) -> String? {
            unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard
            let network = NetworkConfiguration(
                trustFile: variable("SSL_CERT_FILE"), connectTo: variable("VAULT_CONNECT_TO"))
        else {
            throw .input(
                .invalid([
                    Problem(
                        field: nil, message: "can't parse VAULT_CONNECT_TO",
                        hint: "HOST:PORT:TO-HOST:TO-PORT, separated by commas")
                ]))
        }
        // Half of the machine's cores, at most four. The clients need cores as well, and one busy thread batches more
        // requests than two threads that share a core with them.
        let threads = min(4, max(1, System.coreCount / 2))
        let budget = DescriptorBudget.current
        var limits = Limits()
        limits.proxyClients = budget.proxyClients
        limits.unauthenticatedClients = budget.unauthenticated
        limits.idleUpstreams = max(1, budget.idleUpstreams / threads)
        return try Broker(
            group: MultiThreadedEventLoopGroup(numberOfThreads: threads), network: network, limits: limits)
    }
}
