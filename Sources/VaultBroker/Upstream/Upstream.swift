import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS
import VaultCore
import VaultMemory

/// Who is told of an answer as it comes; called on the connection's event loop.
protocol Answered: AnyObject {
    func answered(_ head: HTTPResponseHead)
    func answered(_ body: ByteBuffer)
    /// What has come so far is all there is for the moment.
    func answeredForNow()
    func answeredWhole()
    /// Nothing comes behind this.
    func failed(_ fault: OutsideFault)
    /// The connection takes more of the request, or no more for now.
    func canSend(_ can: Bool)
}

/// One connection to another side, and the exchange that it carries. Touched on its event loop only.
final class Upstream: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    let destination: Destination
    /// Kept when TLS was verified, or there is none.
    let ready: EventLoopPromise<Void>
    /// Where it is kept; let go of when it closes.
    var pool: Pool?
    var secrets: SecretLines?

    private var context: ChannelHandlerContext?
    private var asker: (any Answered)?
    private var isSent = true
    private var isAnswered = true
    private var keepsAlive = true
    private var isHead = false
    /// nil for an answer without a body.
    private var coding: BodyCoding?
    /// Whether it carried an exchange before this one: it may have been closed at the other end meanwhile.
    private(set) var isReused = false
    private var isPaused = false
    private var wantsToRead = false
    private var silence = TimeAmount.seconds(60)
    private var heard = NIODeadline.now()
    private var isIdle = false
    private var idleUntil = NIODeadline.now()
    /// One timer for all that is waited for; it is set anew when something ends before it rings, and else when it does.
    private var timer: Scheduled<Void>?
    private var rings = NIODeadline.distantFuture
    private var isReadyNow = false

    init(_ destination: Destination, on loop: any EventLoop) {
        self.destination = destination
        ready = loop.makePromise()
    }

    // MARK: The exchange

    func begin(_ asker: any Answered, silence: TimeAmount) {
        self.asker = asker
        self.silence = silence
        (isSent, isAnswered, keepsAlive, isPaused) = (false, false, true, false)
        heard = .now()
        ring(at: heard + silence)
    }

    /// Sends the head; `lines` are the header lines with the proof.
    func send(_ head: HTTPRequestHead, lines: SharedSecret?) {
        guard let context else { return }
        secrets?.lines = lines
        isHead = head.method == .HEAD
        heard = .now()
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    func send(_ body: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context, !isSent else { promise?.fail(OutsideFault.lost(host: destination.host)); return }
        heard = .now()
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: promise)
    }

    func flush() { context?.flush() }

    func end() {
        guard let context, !isSent else { return }
        isSent = true
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        finishIfDone()
    }

    /// The asker is gone: what still comes belongs to nobody.
    func abandon() {
        asker = nil
        close()
    }

    var canSend: Bool { context?.channel.isWritable ?? false }

    /// Reads no more of the answer for now.
    func pause() { isPaused = true }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        heard = .now()
        if wantsToRead {
            wantsToRead = false
            context?.read()
        }
    }

    func close() { context?.close(promise: nil) }

    func fail(_ fault: OutsideFault) {
        if !isReadyNow { ready.fail(fault) }
        isReadyNow = true
        stopRinging()
        let asker = self.asker
        self.asker = nil
        if !isAnswered { asker?.failed(fault) }
        isAnswered = true
        close()
    }

    // MARK: Between exchanges

    func sleeps(atMost time: TimeAmount) {
        (isReused, isIdle) = (true, true)
        idleUntil = .now() + time
        ring(at: idleUntil)
    }

    /// Whether it is still there.
    func wakes() -> Bool {
        isIdle = false
        return context?.channel.isActive ?? false
    }

    func isReady() {
        guard !isReadyNow else { return }
        isReadyNow = true
        ready.succeed()
    }

    // MARK: Time

    private func ring(at deadline: NIODeadline) {
        guard deadline < rings else { return }
        timer?.cancel()
        rings = deadline
        timer = context?.eventLoop.scheduleTask(deadline: deadline) {
            self.rings = .distantFuture
            self.rang(.now())
        }
    }

    private func rang(_ now: NIODeadline) {
        if isIdle {
            if now >= idleUntil { close() } else { ring(at: idleUntil) }
        } else if isPaused || now < heard + silence {
            ring(at: isPaused ? now + silence : heard + silence)
        } else {
            fail(
                .timedOut(
                    host: destination.host, seconds: silence.wholeSeconds, connecting: false))
        }
    }

    private func stopRinging() {
        timer?.cancel()
        timer = nil
        // Nothing rings any more.
        rings = .uptimeNanoseconds(0)
    }

    private func finishIfDone() {
        guard isSent, isAnswered, asker != nil else { return }
        asker = nil
        // Whoever was slow to take this answer must not stop the next one.
        resume()
        if keepsAlive, let pool { pool.takeBack(self) } else { close() }
    }
}

// What the channel tells.
extension Upstream {
    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        heard = .now()
        guard let asker else { return close() }
        switch unwrapInboundIn(data) {
        case .head(let head):
            keepsAlive = keepsAlive && head.isKeepAlive
            let isEmpty = isHead || [204, 304].contains(head.status.code)
            guard isEmpty || !head.headers.declareCoding else { return failCoded() }
            coding = isEmpty ? nil : BodyCoding(head.headers)
            asker.answered(head)
        case .body(let bytes):
            switch coding?.take(bytes) {
            case .passes(let bytes): asker.answered(bytes)
            case .undecided: break
            case .coded: failCoded()
            case nil: asker.answered(bytes)
            }
        case .end:
            if let rest = coding?.finish() { asker.answered(rest) }
            isAnswered = true
            // An answer before the request was whole: the rest of the request would be read as another one.
            if !isSent { keepsAlive = false }
            asker.answeredWhole()
            if !isSent { isSent = true }
            finishIfDone()
        }
    }

    private func failCoded() { fail(.encoded(host: destination.host)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        asker?.answeredForNow()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { wantsToRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        asker?.canSend(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { checkCertificate(context) }
        context.fireUserInboundEventTriggered(event)
    }

    /// The chain is verified by now; what is left is whose it is.
    private func checkCertificate(_ context: ChannelHandlerContext) {
        guard let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(),
            CertificateNames(certificate).cover(destination.host)
        else { return fail(.foreignCertificate(host: destination.host)) }
        isReady()
    }

    func channelInactive(context: ChannelHandlerContext) {
        pool?.forget(self)
        pool = nil
        fail(.lost(host: destination.host))
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Many servers close without saying so in TLS, as Python's does. What has no other end is whole then, and for
        // what has one the parser says that it is missing.
        if case .uncleanShutdown? = error as? NIOSSLError { return }
        if let error = error as? HTTPParserError, error != .invalidEOFState {
            fail(.malformed(host: destination.host))
        } else {
            fail(OutsideFault(tls: error, destination) ?? .lost(host: destination.host))
        }
    }
}
