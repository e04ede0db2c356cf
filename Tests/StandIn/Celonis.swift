import NIOConcurrencyHelpers
public import NIOCore
import NIOHTTP1
public import NIOPosix
import NIOSSL

/// A fake Celonis team on the loopback interface: the Intelligence and Data Push APIs and the token endpoint.
///
/// Paths below `/test/` misbehave in ways that a server could; see `Reply`.
public final class Celonis: Sendable {
    /// The team's keys and clients, and the requests so far.
    public struct State: Sendable {
        public var appKeys: Set<String> = ["good-app-key"]
        public var apiKeys: Set<String> = ["good-api-key"]
        /// Valid keys without any permission.
        public var powerless: Set<String> = ["powerless-key"]
        /// Keys of a team that has not enabled the API.
        public var disabled: Set<String> = ["disabled-key"]
        /// Keys over their rate limit.
        public var limited: Set<String> = ["limited-key"]
        public var pools: Set<String> = ["pool-abc123"]
        public var clients: [String: String] = ["client-1": "good client/secret+"]
        public var tokenMode = TokenMode.normal
        public var tokenLife = 899
        /// Access tokens that are valid now.
        public var tokens: Set<String> = []
        public var minted = 0
        /// How many App keys were created with another App key.
        public var made = 0
        /// The requests since the last ``Celonis/takeRequests()``, oldest first.
        public var requests: [Seen] = []
        /// The size of the last request's body in bytes.
        public var received: Int = 0
    }

    public struct Seen: Sendable {
        public let method: String
        public let uri: String
        public let headers: [String: String]
    }

    public enum TokenMode: Sendable { case normal, silent, huge, notJSON, errorWith200, otherKind, noToken }

    public let port: Int
    private let box: NIOLockedValueBox<State>
    private let channel: any Channel

    /// Starts to listen on the loopback interface.
    ///
    /// - Parameters:
    ///   - certificates: the server certificate; nil for plain HTTP.
    ///   - port: 0 for any free port.
    /// - Throws: the error of NIO when a file is unreadable or the port is taken.
    public init(
        certificates: TestCertificates?, port: Int = 0,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws {
        var tls: NIOSSLContext?
        if let certificates {
            tls = try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: try NIOSSLCertificate.fromPEMFile(certificates.chain).map {
                        .certificate($0)
                    },
                    privateKey: .privateKey(try NIOSSLPrivateKey(file: certificates.key, format: .pem))))
        }
        let box = NIOLockedValueBox(State())
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(CelonisHandler(box))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        self.box = box
        self.port = channel.localAddress!.port!
    }

    public var state: State { box.withLockedValue { $0 } }
    public func change(_ body: (inout State) -> Void) { box.withLockedValue(body) }

    /// Returns the requests since the last call.
    public func takeRequests() -> [Seen] {
        box.withLockedValue { state in
            defer { state.requests = [] }
            return state.requests
        }
    }

    public func stop() async { try? await channel.close().get() }
    public func run() async throws { try await channel.closeFuture.get() }
}

private final class CelonisHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let box: NIOLockedValueBox<Celonis.State>
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var received = 0

    init(_ box: NIOLockedValueBox<Celonis.State>) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
            received = 0
        case .body(let bytes):
            received += bytes.readableBytes
            if body.readableBytes < 65_536 { body.writeImmutableBuffer(bytes) }
        case .end:
            guard let head else { return }
            let (text, count) = (String(buffer: body), received)
            let reply = box.withLockedValue { state in
                state.requests.append(
                    Celonis.Seen(
                        method: head.method.rawValue, uri: head.uri,
                        headers: Dictionary(
                            head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })))
                state.received = count
                return state.reply(to: head, text, received: count)
            }
            if let reply { send(reply, head, context) }
        }
    }

    private func send(_ reply: Reply, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: reply.status))
        for (name, value) in reply.headers { head.headers.add(name: name, value: value) }
        let body = ByteBuffer(string: reply.body)
        if !reply.isChunked {
            head.headers.replaceOrAdd(name: "content-length", value: "\(body.readableBytes)")
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if reply.isCut {
            context.writeAndFlush(
                wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "cut")))), promise: nil)
            return context.close(promise: nil)
        }
        if request.method != .HEAD {
            if reply.isChunked {
                // Chunks of three bytes split every secret.
                var rest = body
                while let piece = rest.readSlice(length: min(3, max(1, rest.readableBytes))) {
                    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
                }
            } else {
                context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            }
        }
        if !reply.isEndless { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
    }
}
