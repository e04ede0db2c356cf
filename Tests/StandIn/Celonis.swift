import NIOConcurrencyHelpers
public import NIOCore
import NIOHTTP1
public import NIOPosix
import NIOSSL

/// A Celonis team on this machine: both APIs and the token endpoint, as far as they are known.
///
/// Beside them, below `/test/`, what no API does but another side may: see `Reply`.
public final class Celonis: Sendable {
    /// What it knows, and what it was asked.
    public struct State: Sendable {
        public var appKeys: Set<String> = ["good-app-key"]
        public var apiKeys: Set<String> = ["good-api-key"]
        /// Keys that are known and may do nothing.
        public var powerless: Set<String> = ["powerless-key"]
        /// Keys of a team without the API.
        public var disabled: Set<String> = ["disabled-key"]
        /// Keys whose requests of the day are used up.
        public var limited: Set<String> = ["limited-key"]
        public var pools: Set<String> = ["pool-abc123"]
        public var clients: [String: String] = ["client-1": "good client/secret+"]
        public var tokenMode = TokenMode.normal
        public var tokenLife = 899
        /// Tokens that are taken at present.
        public var tokens: Set<String> = []
        public var minted = 0
        /// App keys that were made by one.
        public var made = 0
        /// Method, path and the Authorization header of each request, oldest first.
        public var requests: [Seen] = []
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

    /// Listens on the loopback; without certificates it speaks plain HTTP.
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

    /// What it was asked since the last time.
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
                // In pieces of three bytes, so that a secret is split.
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
