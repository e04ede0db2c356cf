// VaultBroker uses secrets over the network. A secret is sent only to its connection's host, over verified TLS, and is
// masked in the response.
//
// The code runs on event loops and has no vault. It opens connections through a `VaultPerformer`, which records each
// use in the ledger first.

public import NIOCore
import NIOSSL
public import VaultCore
import VaultLedger

/// Sends requests on behalf of connections: tests, single requests, token requests and proxied requests.
public final class Broker: Sendable {
    let group: any EventLoopGroup
    let limits: Limits
    let upstreams: UpstreamPools
    /// The access tokens, by the keys of their plans.
    let tokens = ExpiringCache<IssuedToken>()
    let clients: ClientLimiter

    /// Creates a broker.
    ///
    /// - Parameters:
    ///   - group: The event loops to use. The caller shuts them down.
    ///   - network: The additional certificates to trust, and where to connect instead of some hosts.
    ///   - limits: The timeouts and size limits.
    /// - Throws: `VaultError.outside(.trustFile)` if the file of trusted certificates cannot be read.
    public init(group: any EventLoopGroup, network: NetworkConfiguration, limits: Limits = Limits())
        throws(VaultError)
    {
        self.group = group
        self.limits = limits
        clients = ClientLimiter(
            authenticated: limits.proxyClients, unauthenticated: limits.unauthenticatedClients,
            displacementDelay: limits.displacementDelay)
        upstreams = UpstreamPools(
            group: group, network: network, tls: try network.makeTLSContext(), limits: limits)
    }

    /// Discards all tokens and closes all connections to hosts, since the vault is being locked.
    public func lock() {
        tokens.removeAll()
        upstreams.closeAll()
    }
}

/// Performs operations on an unlocked vault on behalf of a request.
public protocol VaultPerformer: Sendable {
    /// Performs an operation on the vault's thread.
    ///
    /// - Throws: The error of the operation, or `agent` if the vault is locked.
    @discardableResult
    func perform<O: Operation>(_ operation: O) async throws(VaultError) -> O.Answer
}

/// Timeouts and size limits.
public struct Limits: Sendable {
    /// How long connecting to a host may take, including the TLS handshake.
    public var connectTimeout = TimeAmount.seconds(10)
    /// How long a host may be silent during a request.
    public var responseTimeout = TimeAmount.seconds(300)
    /// How long a host may be silent during a test or a token request.
    public var checkTimeout = TimeAmount.seconds(20)
    /// How long an idle connection to a host is kept.
    public var idleTimeout = TimeAmount.seconds(30)
    /// The maximum size of a token endpoint's response, in bytes.
    public var maxTokenResponse = 65_536
    /// How many bytes of the response to a test are read.
    public var maxTestResponse = 16_384
    /// How long a proxy uses an opened connection before it opens it again, which records the requests sent since.
    public var routeLifetime = TimeAmount.seconds(60)
    /// The maximum size in bytes of a response that is masked as a whole, and so keeps its Content-Length.
    public var maxBufferedResponse = 65_536
    /// The maximum number of authenticated clients of all proxies.
    public var proxyClients = 1024
    /// The maximum number of clients that have not sent their proxy's token yet.
    public var unauthenticatedClients = 64
    /// After which time a new client may displace an unauthenticated one.
    public var displacementDelay = TimeAmount.milliseconds(100)
    /// How long a client may take to send a complete request head with the proxy's token.
    public var authenticationTimeout = TimeAmount.seconds(5)
    /// How long an idle client of a proxy stays connected.
    public var clientIdleTimeout = TimeAmount.seconds(75)
    /// The number of idle connections to hosts that each event loop keeps.
    public var idleUpstreams = 64

    /// The default limits.
    public init() {}
}
