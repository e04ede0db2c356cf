import CPlatform

/// How the process's file descriptors are divided, so that no kind of connection exhausts those of another (cases 75,
/// 107).
///
/// Some are reserved for the vault's files and the process itself. A client of the agent may need a second descriptor,
/// for a connection to a provider, and so may a client of a proxy.
struct DescriptorBudget: Equatable {
    /// Connections to the agent's socket.
    let clients: Int
    /// Connections to proxies by authenticated clients.
    let proxyClients: Int
    /// Connections to proxies by clients that have not sent the proxy's token yet.
    let unauthenticated: Int
    /// Idle connections to providers that are kept for reuse.
    let idleUpstreams: Int

    /// The division of the current limit.
    static let current = DescriptorBudget(limit: Int(clamping: platform_file_limit()))

    /// Raises the process's limit to what the agent can use, as far as the system allows.
    static func raise() { platform_raise_file_limit(4096) }

    private static let reserved = 64

    /// - Parameter limit: How many descriptors the process may have open; at least 128 are assumed.
    init(limit: Int) {
        let free = max(limit, 128) - Self.reserved
        clients = min(512, free / 7)
        unauthenticated = min(64, max(4, free / 32))
        idleUpstreams = min(128, free / 8)
        proxyClients = min(1024, (free - 2 * clients - unauthenticated - idleUpstreams) / 2)
    }

    /// The number of open descriptors if every part is used up.
    var total: Int { Self.reserved + 2 * clients + 2 * proxyClients + unauthenticated + idleUpstreams }
}
