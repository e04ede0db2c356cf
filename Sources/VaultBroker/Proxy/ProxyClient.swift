import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking
import VaultRegistry

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
    private var parts = CircularBuffer<HTTPServerRequestPart>()
    private var wantsToRead = false
    private var mustFlush = false
    /// Counts requests, so that what comes late for one is not taken for the next.
    var number = 0
    var stage = Stage.idle
    /// The request that is being served.
    var request: ProxiedRequest?

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

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parts.append(unwrapInboundIn(data))
        proceed()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if mustFlush {
            mustFlush = false
            request?.upstream?.flush()
        }
        context.fireChannelReadComplete()
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

    /// Answers by itself, in two lines as every error of this program; what is left of the request is dropped.
    func refuse(_ status: HTTPResponseStatus, _ what: String, _ next: String) {
        guard stage != .closed, let context else { return }
        let body = ByteBuffer(string: "vault: error: \(what)\nvault: next: \(next)\n")
        var head = HTTPResponseHead(version: .http1_1, status: status)
        head.headers = [
            "content-type": "text/plain; charset=utf-8", "content-length": String(body.readableBytes),
        ]
        if status == .unauthorized {
            head.headers.add(name: "www-authenticate", value: "Bearer realm=\"vault\"")
        }
        let keepsAlive = request?.keepsAlive ?? false
        if !keepsAlive { head.headers.add(name: "connection", value: "close") }
        write(.head(head))
        if request?.head.method != .HEAD { write(.body(.byteBuffer(body))) }
        if request?.hasEnded == true {
            stage = .answering
            finish()
        } else {
            write(.end(nil))
            flush()
            stage = .refused
            // A client that goes on sending is not listened to for long.
            let closing = NIOLoopBound(context, eventLoop: context.eventLoop)
            let number = request?.number
            context.eventLoop.scheduleTask(in: .seconds(5)) {
                if self.stage == .refused, self.request?.number == number {
                    closing.value.close(promise: nil)
                }
            }
            proceed()
            readOn()
        }
    }

    /// RFC 9110, section 10.1.1: the client waits for leave to send its body.
    func invite() {
        guard
            let encoder = try? context?.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        else { return }
        let line = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(line)), promise: nil)
    }
}
