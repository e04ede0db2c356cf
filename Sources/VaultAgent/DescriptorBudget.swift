import CPlatform

/// How the process's file descriptors are divided, so that no side takes those of another (cases 75, 107).
///
/// Some are kept for the vault's files and the process itself. A client of the agent may have a connection to another
/// side besides its own, and so may a client of a proxy.
struct DescriptorBudget: Equatable {
    /// Connections to the agent's own socket.
    let clients: Int
    /// Connections to proxies whose clients sent the proxy's token, and those that have not sent it yet.
    let proxyClients: Int
    let unauthenticated: Int
    /// Connections to other sides that are kept for a next request.
    let idleUpstreams: Int

    /// As the limit is after `raise`.
    static let current = DescriptorBudget(limit: Int(clamping: platform_file_limit()))

    /// Raises the process's limit as far as it is of use and allowed.
    static func raise() { platform_allow_files(4096) }

    private static let reserved = 64

    /// - Parameter limit: how many descriptors the process may have open; fewer than 128 count as 128.
    init(limit: Int) {
        let free = max(limit, 128) - Self.reserved
        clients = min(512, free / 7)
        unauthenticated = min(64, max(4, free / 32))
        idleUpstreams = min(128, free / 8)
        proxyClients = min(1024, (free - 2 * clients - unauthenticated - idleUpstreams) / 2)
    }

    /// The descriptors that are open when every part is used up.
    var most: Int { Self.reserved + 2 * clients + 2 * proxyClients + unauthenticated + idleUpstreams }
}
