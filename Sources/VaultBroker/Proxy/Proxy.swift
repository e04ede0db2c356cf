// The folder's rule: whoever speaks to the proxy has proved that they belong to its run, and asks for what the policy
// of a connection allows; they get no secret, neither in a header nor in an answer. A path's first segment names the
// connection, and the rest goes to that connection's host as it came.

import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
public import VaultCore
public import VaultMemory
import VaultRegistry

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A reverse proxy on this machine, for the connections that it was started for.
public final class Proxy: Sendable {
    /// `http://127.0.0.1:PORT`, without a slash at its end.
    public let address: String
    /// What a client of this run proves itself with, as a bearer token or where it would give its key.
    public let token: SharedSecret
    /// The path of each connection: `/celonis-prod`.
    public let paths: [String: String]

    /// For a child process: its connections' variables, with the proxy's address and token in them.
    public let variables: [ChildVariable]

    private let channel: any Channel
    private let lanes: [Lane]
    private let clients: NIOLockedValueBox<[ObjectIdentifier: any Channel]>

    init(
        channel: any Channel, token: SharedSecret, lanes: [Lane], uses: [OpenedUse],
        clients: NIOLockedValueBox<[ObjectIdentifier: any Channel]>
    ) {
        self.channel = channel
        self.token = token
        self.lanes = lanes
        self.clients = clients
        let address = "http://" + ProxyGuard.authority(of: channel.localAddress)
        self.address = address
        paths = Dictionary(uniqueKeysWithValues: lanes.map { ($0.name, "/" + $0.segment) })
        variables = ProxyVariables.all(of: uses, at: lanes.map { address + "/" + $0.segment }, token)
    }

    /// Takes no more requests, and ends those that go on.
    public func stop() {
        channel.close(promise: nil)
        for client in clients.withLockedValue({ Array($0.values) }) { client.close(promise: nil) }
    }

    /// What was sent since the last entries, when the vault is being locked: whoever locks it tells the ledger.
    public func lastUses() -> [(use: OpenedUse, tally: Purpose.Tally)] { lanes.compactMap { $0.close() } }

    /// Stops, and tells the ledger what was sent since its last entries.
    public func finish() async {
        stop()
        try? await channel.closeFuture.get()
        for lane in lanes { await lane.finish() }
    }
}

extension Broker {
    /// Starts a proxy for connections, each of which is opened first: a name that is wrong or not allowed is said now.
    ///
    /// - Parameter host: an address of this machine; any other is refused.
    public func proxy(
        _ names: [String], host: String = "127.0.0.1", port: Int = 0, by opener: any Opener
    ) async throws(VaultError) -> Proxy {
        guard Host.isLoopback(host) else {
            throw .invalid([
                Problem(
                    field: "listen", message: "'\(host)' is not an address of this machine alone",
                    fits: "127.0.0.1:0, [::1]:0 or localhost:0")
            ])
        }
        var lanes: [Lane] = []
        var uses: [OpenedUse] = []
        for name in names where !lanes.contains(where: { $0.name == name }) {
            let lane = Lane(
                name, segment: Lane.segment(of: name, besides: lanes.map(\.segment)), broker: self,
                opener: opener)
            uses.append(try await lane.open().use)
            lanes.append(lane)
        }
        let token = SharedSecret(.randomToken())
        let clients = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])
        let table = Dictionary(uniqueKeysWithValues: lanes.map { ($0.segment, $0) })
        let channel: any Channel
        do {
            channel = try await listen(host, port, clients) { [self] channel in
                ProxyClient(
                    lanes: table, keeper: ProxyGuard(token: token, address: channel.localAddress),
                    broker: self)
            }
        } catch {
            throw .invalid([
                Problem(
                    field: "listen", message: "\(host):\(port) cannot be listened at: \(error.shortWords)",
                    fits: "another port; 0 takes a free one")
            ])
        }
        return Proxy(channel: channel, token: token, lanes: lanes, uses: uses, clients: clients)
    }

    private func listen(
        _ host: String, _ port: Int, _ clients: NIOLockedValueBox<[ObjectIdentifier: any Channel]>,
        _ client: @escaping @Sendable (any Channel) -> ProxyClient
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
    /// A system error's words without their number, for a person.
    fileprivate var shortWords: String {
        guard let error = self as? IOError else { return "the address does not fit" }
        return switch error.errnoCode {
        case EADDRINUSE: "another program has it"
        case EACCES: "ports below 1024 are the system's"
        default: "the system refuses it (error \(error.errnoCode))"
        }
    }
}

extension SecretBytes {
    /// 32 random bytes as 43 characters that may stand in a header, a URL and a shell.
    static func randomToken() -> SecretBytes {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        let random = SecretBytes.random(43)
        return unsafe SecretBytes(count: 43) { memory in
            unsafe random.withUnsafeBytes { bytes in
                for index in 0..<43 {
                    let value = unsafe Int(bytes[index] & 63)
                    unsafe memory[index] = alphabet.withUTF8Buffer { unsafe $0[value] }
                }
            }
        }
    }
}

extension HTTPResponseEncoder.Configuration {
    /// The proxy frames answers itself: the library does not know of HEAD.
    static var unframed: Self {
        var configuration = Self()
        configuration.automaticallySetFramingHeaders = false
        return configuration
    }
}
