import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS
import VaultCore
import VaultMemory

/// Receives the parts of a response as they arrive, on the connection's event loop.
protocol ResponseReceiver: AnyObject {
    func didReceive(_ head: HTTPResponseHead)
    func didReceive(_ body: ByteBuffer)
    /// Everything that has arrived so far has been delivered.
    func didCompleteRead()
    /// The response is complete.
    func didReceiveEnd()
    /// The exchange failed; nothing follows.
    func didFail(_ fault: OutsideFault)
    /// The connection accepts more of the request, or no more for now.
    func didChangeWritability(_ isWritable: Bool)
}

/// A connection to a host, and the exchange that it carries. Used on its event loop only.
final class UpstreamConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    let destination: Destination
    /// Succeeds once TLS is verified, or at once for a plain connection.
    let ready: EventLoopPromise<Void>
    /// The pool that the connection returns to; nil once it is closed.
    var pool: ConnectionPool?
    var authorization: AuthorizationHandler?

    private var context: ChannelHandlerContext?
    /// Nil between exchanges.
    private var receiver: (any ResponseReceiver)?
    private var hasSentRequest = true
    private var keepsAlive = true
    private var isHeadRequest = false
    /// nil for a response without a body.
    private var codingDetector: ContentCodingDetector?
    /// Whether the connection carried an exchange before; the host may have closed it since.
    private(set) var isReused = false
    private var isPaused = false
    private var hasPendingRead = false
    /// How long the host may be silent, or how long the connection may be idle.
    private var timeout = TimeAmount.seconds(60)
    private var lastActivity = NIODeadline.now()
    private var isIdle = false
    /// One timer for all deadlines. It is rescheduled early only for an earlier deadline.
    private var timer: Scheduled<Void>?
    private var timerDeadline = NIODeadline.distantFuture

    init(_ destination: Destination, on loop: any EventLoop) {
        self.destination = destination
        ready = loop.makePromise()
    }

    // MARK: The exchange

    /// Starts an exchange, and writes the head of the request.
    ///
    /// - Parameters:
    ///   - lines: The authorization's header lines.
    ///   - timeout: How long the host may be silent.
    ///   - receiver: Receives the response.
    func begin(
        _ head: HTTPRequestHead, lines: SharedSecret?, timeout: TimeAmount, receiver: any ResponseReceiver
    ) {
        self.receiver = receiver
        self.timeout = timeout
        lastActivity = .now()
        (hasSentRequest, keepsAlive, isPaused, isIdle) = (false, true, false, false)
        isHeadRequest = head.method == .HEAD
        scheduleTimer()
        guard let context else { return }
        authorization?.lines = lines
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    func send(_ body: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context, !hasSentRequest else {
            promise?.fail(OutsideFault.lost(host: destination.host))
            return
        }
        lastActivity = .now()
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: promise)
    }

    func flush() { context?.flush() }

    func end() {
        guard let context, !hasSentRequest else { return }
        hasSentRequest = true
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Discards the rest of the exchange.
    func abandon() {
        receiver = nil
        close()
    }

    var isOpen: Bool { context?.channel.isActive ?? false }
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Stops reading the response.
    func pause() { isPaused = true }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        lastActivity = .now()
        if hasPendingRead {
            hasPendingRead = false
            context?.read()
        }
    }

    func close() { context?.close(promise: nil) }

    func fail(_ fault: OutsideFault) {
        // Has no effect on a connection that was ready.
        ready.fail(fault)
        timer?.cancel()
        // Prevents another one from being scheduled.
        timerDeadline = .uptimeNanoseconds(0)
        receiver.take()?.didFail(fault)
        close()
    }

    func becomeIdle(closingAfter time: TimeAmount) {
        (isReused, isIdle) = (true, true)
        timeout = time
        lastActivity = .now()
        scheduleTimer()
    }

    // MARK: Timeouts

    private func scheduleTimer() {
        let deadline = lastActivity + timeout
        guard deadline < timerDeadline else { return }
        timer?.cancel()
        timerDeadline = deadline
        timer = context?.eventLoop.scheduleTask(deadline: deadline) {
            self.timerDeadline = .distantFuture
            self.timerFired(.now())
        }
    }

    private func timerFired(_ now: NIODeadline) {
        if isPaused { lastActivity = now }
        if now < lastActivity + timeout {
            scheduleTimer()
        } else if isIdle {
            close()
        } else {
            fail(.timedOut(host: destination.host, seconds: timeout.wholeSeconds, connecting: false))
        }
    }
}

// MARK: Channel events

extension UpstreamConnection {
    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastActivity = .now()
        guard let receiver else { return close() }
        switch unwrapInboundIn(data) {
        case .head(let head):
            keepsAlive = keepsAlive && head.isKeepAlive
            let isEmpty = isHeadRequest || [204, 304].contains(head.status.code)
            guard isEmpty || !head.headers.declaresContentCoding else { return failEncoded() }
            codingDetector = isEmpty ? nil : ContentCodingDetector(head.headers)
            receiver.didReceive(head)
        case .body(let bytes):
            switch codingDetector?.take(bytes) {
            case .plain(let bytes): receiver.didReceive(bytes)
            case .undecided: break
            case .coded: failEncoded()
            case nil: receiver.didReceive(bytes)
            }
        case .end:
            if let rest = codingDetector?.finish() { receiver.didReceive(rest) }
            // If the request is incomplete, the host would take the rest of it for another request.
            keepsAlive = keepsAlive && hasSentRequest
            (self.receiver, hasSentRequest) = (nil, true)
            receiver.didReceiveEnd()
            // A slow receiver may have paused reading, which must not affect the next exchange.
            resume()
            if keepsAlive, let pool { pool.release(self) } else { close() }
        }
    }

    private func failEncoded() { fail(.encoded(host: destination.host)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        receiver?.didCompleteRead()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { hasPendingRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        receiver?.didChangeWritability(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            // The certificate chain is verified already; this checks its names.
            let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
            if let certificate, CertificateNames(certificate).cover(destination.host) {
                ready.succeed()
            } else {
                fail(.foreignCertificate(host: destination.host))
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        pool?.remove(self)
        pool = nil
        fail(.lost(host: destination.host))
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Many servers close without a TLS close_notify, for example Python's. A response that ends with the connection
        // is then complete; for any other response the parser reports that its end is missing.
        if case .uncleanShutdown? = error as? NIOSSLError { return }
        if let error = error as? HTTPParserError, error != .invalidEOFState {
            fail(.malformed(host: destination.host))
        } else {
            fail(OutsideFault(tls: error, destination) ?? .lost(host: destination.host))
        }
    }
}
