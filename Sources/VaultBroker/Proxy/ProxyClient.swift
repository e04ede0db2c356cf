import NIOCore
import NIOHTTP1
import VaultCore

/// One client of the proxy: a request at a time is sent on, and its answer sent back, both as they come.
///
/// Neither side is read faster than the other takes it: what waits in memory is some buffers, whatever is sent.
final class ProxyClient: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    let lanes: [String: Lane]
    let keeper: ProxyGuard
    let broker: Broker

    var context: ChannelHandlerContext?
    /// The connections to other sides of this event loop.
    private(set) var pool: Pool?
    private var parts = CircularBuffer<HTTPServerRequestPart>()
    private var wantsToRead = false
    private var mustFlush = false
    /// Between a read and its end: what is sent on meanwhile goes out at once at that end.
    private var isReading = false
    /// Counts requests, so that what comes late for one is not taken for the next.
    var number = 0
    var stage = Stage.idle
    /// The request that is being served.
    var request: ProxiedRequest?
    /// Whether a request with the proxy's token came on this connection.
    private var isAuthenticated = false
    private var idleSince = NIODeadline.now()
    private var timer: Scheduled<Void>?

    enum Stage: Equatable {
        /// The next part begins a request.
        case idle
        /// The connection is being opened, or the other side reached; parts wait.
        case starting
        case sending
        /// The request is sent; a next one waits.
        case answering
        /// The request was refused: what is left of it is dropped.
        case refused
        case closed
    }

    init(lanes: [String: Lane], keeper: ProxyGuard, broker: Broker) {
        self.lanes = lanes
        self.keeper = keeper
        self.broker = broker
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        pool = broker.upstreams.pool(on: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: broker.limits.authenticating) {
            self.context?.close(promise: nil)
        }
    }

    /// The client sent the proxy's token: its connection is kept for as long as it sends requests.
    func authenticate() {
        guard !isAuthenticated, let context else { return }
        isAuthenticated = true
        broker.clients.authenticate(context.channel)
        closeWhenIdle()
    }

    private func closeWhenIdle() {
        timer?.cancel()
        let start = stage == .idle ? idleSince : .now()
        timer = context?.eventLoop.scheduleTask(deadline: start + broker.limits.clientIdle) {
            let isOver = self.stage == .idle && .now() >= self.idleSince + self.broker.limits.clientIdle
            if isOver { self.context?.close(promise: nil) } else { self.closeWhenIdle() }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        parts.append(unwrapInboundIn(data))
        proceed()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if mustFlush { flushOn() }
        context.fireChannelReadComplete()
    }

    /// Sends on what was written to the other side, or leaves that to the end of the read.
    func flushOn() {
        mustFlush = isReading
        if !isReading { request?.upstream?.flush() }
    }

    /// Takes as many parts as the stage allows.
    func proceed() {
        while let part = parts.first, takes(part) {
            parts.removeFirst()
            switch (stage, part) {
            case (.idle, .head(let head)): begin(head)
            case (.sending, .body(let bytes)):
                request?.hasSentBody = true
                request?.upstream?.send(bytes)
                mustFlush = true
            case (.sending, .end):
                stage = .answering
                request?.hasEnded = true
                request?.upstream?.end()
                mustFlush = false
            case (.refused, .end):
                stage = .idle
                idleSince = .now()
                if request?.keepsAlive == false {
                    stage = .closed
                    context?.close(promise: nil)
                }
                request = nil
            default: break
            }
        }
    }

    private func takes(_ part: HTTPServerRequestPart) -> Bool {
        switch (stage, part) {
        case (.starting, _), (.answering, _), (.sending, .head): false
        default: true
        }
    }

    // MARK: Reading no faster than the other side takes it

    private var mayRead: Bool { parts.isEmpty && (stage != .sending || request?.upstream?.canSend ?? true) }

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { wantsToRead = true }
    }

    func readOn() {
        guard wantsToRead, mayRead else { return }
        wantsToRead = false
        context?.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { request?.upstream?.resume() } else { request?.upstream?.pause() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stage = .closed
        timer?.cancel()
        request?.upstream?.abandon()
        request = nil
        parts.removeAll()
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: Writing

    func write(_ part: HTTPServerResponsePart) { context?.write(wrapOutboundOut(part), promise: nil) }

    func flush() { context?.flush() }

    /// The answer is whole: the next request, or the end.
    func finish() {
        guard let request, let context, stage != .closed else { return }
        if stage == .answering, request.keepsAlive {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            self.request = nil
            stage = .idle
            idleSince = .now()
            proceed()
            readOn()
        } else {
            stage = .closed
            let written = context.eventLoop.makePromise(of: Void.self)
            let closing = NIOLoopBound(context, eventLoop: context.eventLoop)
            written.futureResult.whenComplete { _ in closing.value.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        }
    }
}
