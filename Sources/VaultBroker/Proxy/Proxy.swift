import Libc
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
public import VaultCore
import VaultMasking
public import VaultMemory
import VaultRegistry

/// A reverse proxy on the loopback interface for some connections.
///
/// Clients authenticate with the proxy's token, and never receive a secret. The first segment of a path selects the
/// connection; the rest is forwarded unchanged to that connection's host, if its policy allows the request.
public final class Proxy: Sendable {
    /// The base URL, `http://127.0.0.1:PORT`.
    public let address: String
    /// The token that clients send, as a bearer token or in place of the connection's key.
    public let token: SharedSecret
    /// The path of each connection by name, such as `/celonis-prod`.
    public let paths: [String: String]

    /// The environment variables for a child process that uses the proxy.
    public let variables: [ChildVariable]

    private let channel: any Channel
    private let routes: [ProxyRoute]
    private let clients: NIOLockedValueBox<[ObjectIdentifier: any Channel]>

    init(
        channel: any Channel, token: SharedSecret, routes: [ProxyRoute], uses: [OpenedConnection],
        clients: NIOLockedValueBox<[ObjectIdentifier: any Channel]>
    ) {
        self.channel = channel
        self.token = token
        self.routes = routes
        self.clients = clients
        let address = "http://" + ProxyAccessCheck.authority(of: channel.localAddress)
        self.address = address
        paths = Dictionary(uniqueKeysWithValues: routes.map { ($0.name, "/" + $0.segment) })
        variables = ProxyVariables.all(of: uses, at: routes.map { address + "/" + $0.segment }, token)
    }

    /// Stops listening, and closes all client connections.
    public func stop() {
        channel.close(promise: nil)
        for client in clients.withLockedValue({ Array($0.values) }) { client.close(promise: nil) }
    }

    /// Returns the requests that are not recorded yet. For the caller to record when the vault is locked.
    public func takeUnrecordedUses() -> [(use: OpenedConnection, tally: Purpose.Tally)] {
        routes.compactMap { $0.takeUnrecorded() }
    }

    /// Stops, and records the requests that are not recorded yet.
    public func finish() async {
        stop()
        try? await channel.closeFuture.get()
        for route in routes { await route.close() }
    }
}

extension Broker {
    /// Starts a proxy. Opens each connection first, so that errors are reported here.
    ///
    /// - Parameters:
    ///   - names: The names of the connections.
    ///   - host: A loopback address.
    ///   - port: The port to listen on; 0 for any free port.
    ///   - performer: Performs the operations on the vault.
    /// - Throws: `VaultError`: `invalid` if the address is not loopback or cannot be listened on, and what `performer`
    ///   throws.
    public func proxy(
        _ names: [String], host: String = "127.0.0.1", port: Int = 0, by performer: any VaultPerformer
    ) async throws(VaultError) -> Proxy {
        guard Host.isLoopback(host) else {
            throw .input(
                .invalid([
                    Problem(
                        field: "listen", message: "'\(host)' is not a loopback address",
                        hint: "use --listen 127.0.0.1:0, [::1]:0 or localhost:0")
                ]))
        }
        var routes: [ProxyRoute] = []
        var uses: [OpenedConnection] = []
        for name in names where !routes.contains(where: { $0.name == name }) {
            let route = ProxyRoute(
                name, segment: ProxyRoute.segment(of: name, besides: routes.map(\.segment)), broker: self,
                performer: performer)
            uses.append(try await route.open().use)
            routes.append(route)
        }
        let token = SharedSecret(.randomToken())
        let clients = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])
        let table = Dictionary(uniqueKeysWithValues: routes.map { ($0.segment, $0) })
        let channel: any Channel
        do {
            channel = try await listen(host, port, clients) { [self] channel in
                ProxyClientHandler(
                    routes: table, accessCheck: ProxyAccessCheck(token: token, address: channel.localAddress),
                    broker: self)
            }
        } catch {
            throw .input(
                .invalid([
                    Problem(
                        field: "listen", message: "can't listen on \(host):\(port): \(error.listenReason)",
                        hint: "another port, or 0 for any free one")
                ]))
        }
        return Proxy(channel: channel, token: token, routes: routes, uses: uses, clients: clients)
    }

    private func listen(
        _ host: String, _ port: Int, _ clients: NIOLockedValueBox<[ObjectIdentifier: any Channel]>,
        _ client: @escaping @Sendable (any Channel) -> ProxyClientHandler
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(self.clients))
                }
            }
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let id = ObjectIdentifier(channel)
                    clients.withLockedValue { $0[id] = channel }
                    channel.closeFuture.whenComplete { _ in clients.withLockedValue { $0[id] = nil } }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: true,
                        withEncoderConfiguration: .unframed)
                    try pipeline.addHandler(client(channel))
                }
            }
            .bind(host: host, port: port).get()
    }
}

extension Error {
    /// Why a socket could not be bound.
    fileprivate var listenReason: String {
        guard let error = self as? IOError else { return "the address is invalid" }
        return switch error.errnoCode {
        case EADDRINUSE: "another program is using it"
        case EACCES: "ports below 1024 are reserved"
        default: "system error \(error.errnoCode)"
        }
    }
}

extension SecretBytes {
    /// 258 random bits as 43 characters of the URL-safe base64 alphabet, which need no quoting in a header, URL or
    /// shell.
    static func randomToken() -> SecretBytes {
        let random = SecretBytes.random(33)
        return unsafe SecretBytes(count: 43) { memory in
            unsafe random.withUnsafeBytes { bytes in
                for index in memory.indices {
                    unsafe memory[index] = Base64Patterns.character(index, of: bytes, urlSafe: true)
                }
            }
        }
    }
}

extension HTTPResponseEncoder.Configuration {
    /// Without automatic framing headers, which would be wrong in responses to HEAD.
    static var unframed: Self {
        var configuration = Self()
        configuration.automaticallySetFramingHeaders = false
        return configuration
    }
}
