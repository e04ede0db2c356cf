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
    private var receiver: (any ResponseReceiver)?
    private var hasSentRequest = true
    private var hasReceivedResponse = true
    private var keepsAlive = true
    private var isHeadRequest = false
    /// nil for a response without a body.
    private var codingDetector: ContentCodingDetector?
    /// Whether the connection carried an exchange before; the host may have closed it since.
    private(set) var isReused = false
    private var isPaused = false
    private var hasPendingRead = false
    private var timeout = TimeAmount.seconds(60)
    private var lastActivity = NIODeadline.now()
    private var isIdle = false
    private var idleUntil = NIODeadline.now()
    /// One timer for all deadlines. It is rescheduled early only for an earlier deadline.
    private var timer: Scheduled<Void>?
    private var timerDeadline = NIODeadline.distantFuture
    private var isReadyResolved = false

    init(_ destination: Destination, on loop: any EventLoop) {
        self.destination = destination
        ready = loop.makePromise()
    }

    // MARK: The exchange

    /// Starts an exchange.
    ///
    /// - Parameter timeout: How long the host may be silent.
    func begin(_ receiver: any ResponseReceiver, timeout: TimeAmount) {
        self.receiver = receiver
        self.timeout = timeout
        (hasSentRequest, hasReceivedResponse, keepsAlive, isPaused) = (false, false, true, false)
        lastActivity = .now()
        scheduleTimer(at: lastActivity + timeout)
    }

    /// Sends the request head; `lines` are the authorization's header lines.
    func send(_ head: HTTPRequestHead, lines: SharedSecret?) {
        guard let context else { return }
        authorization?.lines = lines
        isHeadRequest = head.method == .HEAD
        lastActivity = .now()
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
        finishIfDone()
    }

    /// Discards the rest of the exchange.
    func abandon() {
        receiver = nil
        close()
    }

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
        if !isReadyResolved { ready.fail(fault) }
        isReadyResolved = true
        cancelTimer()
        let receiver = self.receiver
        self.receiver = nil
        if !hasReceivedResponse { receiver?.didFail(fault) }
        hasReceivedResponse = true
        close()
    }

    // MARK: Between exchanges

    func becomeIdle(closingAfter time: TimeAmount) {
        (isReused, isIdle) = (true, true)
        idleUntil = .now() + time
        scheduleTimer(at: idleUntil)
    }

    /// Returns whether the connection is still open.
    func leaveIdle() -> Bool {
        isIdle = false
        return context?.channel.isActive ?? false
    }

    func becomeReady() {
        guard !isReadyResolved else { return }
        isReadyResolved = true
        ready.succeed()
    }

    // MARK: Timeouts

    private func scheduleTimer(at deadline: NIODeadline) {
        guard deadline < timerDeadline else { return }
        timer?.cancel()
        timerDeadline = deadline
        timer = context?.eventLoop.scheduleTask(deadline: deadline) {
            self.timerDeadline = .distantFuture
            self.timerFired(.now())
        }
    }

    private func timerFired(_ now: NIODeadline) {
        if isIdle {
            if now >= idleUntil { close() } else { scheduleTimer(at: idleUntil) }
        } else if isPaused || now < lastActivity + timeout {
            scheduleTimer(at: isPaused ? now + timeout : lastActivity + timeout)
        } else {
            fail(
                .timedOut(
                    host: destination.host, seconds: timeout.wholeSeconds, connecting: false))
        }
    }

    private func cancelTimer() {
        timer?.cancel()
        timer = nil
        // Prevents another one from being scheduled.
        timerDeadline = .uptimeNanoseconds(0)
    }

    private func finishIfDone() {
        guard hasSentRequest, hasReceivedResponse, receiver != nil else { return }
        receiver = nil
        // A slow receiver may have paused reading, which must not affect the next exchange.
        resume()
        if keepsAlive, let pool { pool.release(self) } else { close() }
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
            hasReceivedResponse = true
            // If the request is incomplete, the host would take the rest of it for another request.
            if !hasSentRequest { keepsAlive = false }
            receiver.didReceiveEnd()
            if !hasSentRequest { hasSentRequest = true }
            finishIfDone()
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
        if case .handshakeCompleted? = event as? TLSUserEvent { checkCertificate(context) }
        context.fireUserInboundEventTriggered(event)
    }

    /// The certificate chain is verified already; this checks its names.
    private func checkCertificate(_ context: ChannelHandlerContext) {
        guard let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(),
            CertificateNames(certificate).cover(destination.host)
        else { return fail(.foreignCertificate(host: destination.host)) }
        becomeReady()
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
