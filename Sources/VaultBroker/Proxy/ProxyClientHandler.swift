import NIOCore
import NIOHTTP1
import VaultCore

/// Serves one client of a proxy: forwards one request at a time, and its response, as their parts arrive.
///
/// Neither side is read faster than the other accepts it, so that only a few buffers are in memory.
final class ProxyClientHandler: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// The proxy's routes, by path segment.
    let routes: [String: ProxyRoute]
    let accessCheck: ProxyAccessCheck
    let broker: Broker

    var context: ChannelHandlerContext?
    private var parts = CircularBuffer<HTTPServerRequestPart>()
    private var hasPendingRead = false
    private var mustFlush = false
    /// Whether more parts of the same read follow, so that flushing upstream can wait.
    private var isReading = false
    var stage = Stage.idle
    var request: ProxiedRequest?
    /// Whether the client has sent a request with the proxy's token.
    private var isAuthenticated = false
    private var idleSince = NIODeadline.now()
    private var timer: Scheduled<Void>?

    enum Stage: Equatable {
        /// The next part begins a request.
        case idle
        /// The route or the upstream connection is being opened; parts are buffered.
        case starting
        case sending
        /// The request is sent; a pipelined one waits.
        case answering
        /// The request was rejected; the rest of it is discarded.
        case rejected
        case closed
    }

    init(routes: [String: ProxyRoute], accessCheck: ProxyAccessCheck, broker: Broker) {
        self.routes = routes
        self.accessCheck = accessCheck
        self.broker = broker
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = context.eventLoop.scheduleTask(in: broker.limits.authenticationTimeout) {
            self.context?.close(promise: nil)
        }
    }

    /// Records that the client sent the proxy's token. The connection is now kept until it is idle for too long.
    func authenticate() {
        guard !isAuthenticated, let context else { return }
        isAuthenticated = true
        broker.clients.authenticate(context.channel)
        closeWhenIdle()
    }

    private func closeWhenIdle() {
        timer?.cancel()
        let start = stage == .idle ? idleSince : .now()
        timer = context?.eventLoop.scheduleTask(deadline: start + broker.limits.clientIdleTimeout) {
            let deadline = self.idleSince + self.broker.limits.clientIdleTimeout
            guard self.stage == .idle, .now() >= deadline else { return self.closeWhenIdle() }
            self.context?.close(promise: nil)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        parts.append(unwrapInboundIn(data))
        processParts()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if mustFlush { flushUpstream() }
        context.fireChannelReadComplete()
    }

    /// Flushes what was written upstream, or leaves that to the end of the read.
    func flushUpstream() {
        mustFlush = isReading
        if !isReading { request?.upstream?.flush() }
    }

    /// Processes as many buffered parts as the stage allows.
    func processParts() {
        while let part = parts.first, canProcess(part) {
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
            case (.rejected, .end):
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

    private func canProcess(_ part: HTTPServerRequestPart) -> Bool {
        switch (stage, part) {
        case (.starting, _), (.answering, _), (.sending, .head): false
        default: true
        }
    }

    // MARK: Back-pressure

    private var mayRead: Bool {
        parts.isEmpty && (stage != .sending || request?.upstream?.isWritable ?? true)
    }

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { hasPendingRead = true }
    }

    func resumeReading() {
        guard hasPendingRead, mayRead else { return }
        hasPendingRead = false
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

    /// Ends the response, and continues with the next request or closes the connection.
    func finish() {
        guard let request, let context, stage != .closed else { return }
        if stage == .answering, request.keepsAlive {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            self.request = nil
            stage = .idle
            idleSince = .now()
            processParts()
            resumeReading()
        } else {
            stage = .closed
            let written = context.eventLoop.makePromise(of: Void.self)
            written.futureResult.whenComplete { _ in self.context?.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        }
    }
}
