import NIOCore
import NIOHTTP1
import VaultCore

/// One request and its answer, for code that waits: the head first, then the body as it is asked for.
///
/// What was not asked for yet stays with the other side: at most some buffers are held.
final class Exchange: Answered, @unchecked Sendable {
    private let upstream: Upstream
    private let eventLoop: any EventLoop
    private var head: HTTPResponseHead?
    private var pieces = CircularBuffer<ByteBuffer>()
    private var isWhole = false
    private var fault: OutsideFault?
    private var waiting: EventLoopPromise<Void>?
    /// Whether its connection carried another exchange before.
    let isReused: Bool

    private static let held = 4

    private init(_ upstream: Upstream, on loop: any EventLoop) {
        self.upstream = upstream
        eventLoop = loop
        isReused = upstream.isReused
    }

    /// Sends the head of a request over a connection of the pool; a kept one that turns out to be closed is replaced
    /// once, as long as nothing of a body was sent.
    static func begin(
        _ head: HTTPRequestHead, to destination: Destination, lines: HeaderLines, body: ByteBuffer? = nil,
        isWhole: Bool, silence: TimeAmount, pool: Pool
    ) async throws(OutsideFault) -> Exchange {
        for isFirst in [true, false] {
            let exchange = try await start(
                head, to: destination, lines: lines, body: body, isWhole: isWhole, silence: silence,
                pool: pool,
                fresh: !isFirst)
            // With a body still to come, the connection must be a fresh one or proven by use.
            guard isFirst, exchange.isReused, isWhole else { return exchange }
            do {
                _ = try await exchange.answer()
                return exchange
            } catch .lost {
                continue
            }
        }
        throw .lost(host: destination.host)
    }

    private static func start(
        _ head: HTTPRequestHead, to destination: Destination, lines: HeaderLines, body: ByteBuffer?,
        isWhole: Bool, silence: TimeAmount, pool: Pool, fresh: Bool
    ) async throws(OutsideFault) -> Exchange {
        let started: EventLoopFuture<Exchange> = pool.eventLoop.flatSubmit {
            pool.lease(destination, fresh: fresh || !isWhole).map { upstream in
                let exchange = Exchange(upstream, on: pool.eventLoop)
                upstream.begin(exchange, silence: silence)
                upstream.send(head, lines: lines.bytes)
                if let body { upstream.send(body) }
                if isWhole { upstream.end() } else { upstream.flush() }
                return exchange
            }
        }
        return try await outside(destination) { try await started.get() }
    }

    /// The head of the answer.
    func answer() async throws(OutsideFault) -> HTTPResponseHead {
        while true {
            let step = try await onLoop { () throws(OutsideFault) -> HeadStep in
                if let head = self.head { return .head(head) }
                if let fault = self.fault { throw fault }
                return .wait(self.wait())
            }
            switch step {
            case .head(let head): return head
            case .wait(let future): try await outside(upstream.destination) { try await future.get() }
            }
        }
    }

    /// The next piece of the answer's body; nil at its end.
    func next() async throws(OutsideFault) -> ByteBuffer? {
        while true {
            let step = try await onLoop { () throws(OutsideFault) -> Step in
                if let piece = self.pieces.popFirst() {
                    if self.pieces.count < Self.held { self.upstream.resume() }
                    return .piece(piece)
                }
                if let fault = self.fault { throw fault }
                return self.isWhole ? .end : .wait(self.wait())
            }
            switch step {
            case .piece(let piece): return piece
            case .end: return nil
            case .wait(let future): try await outside(upstream.destination) { try await future.get() }
            }
        }
    }

    private enum HeadStep: Sendable {
        case head(HTTPResponseHead)
        case wait(EventLoopFuture<Void>)
    }

    private enum Step: Sendable {
        case piece(ByteBuffer)
        case end
        case wait(EventLoopFuture<Void>)
    }

    /// Sends a piece of the request's body; returns when it was taken, or false when the answer is there already and
    /// nothing more is wanted.
    func send(_ bytes: ByteBuffer) async throws(OutsideFault) -> Bool {
        let sent = eventLoop.flatSubmit { () -> EventLoopFuture<Bool> in
            if let fault = self.fault { return self.eventLoop.makeFailedFuture(fault) }
            guard self.head == nil else { return self.eventLoop.makeSucceededFuture(false) }
            let promise = self.eventLoop.makePromise(of: Void.self)
            self.upstream.send(bytes, promise: promise)
            self.upstream.flush()
            return promise.futureResult.map { true }.flatMapErrorThrowing { error in
                if self.head != nil { return false }
                throw self.fault ?? error
            }
        }
        return try await outside(upstream.destination) { try await sent.get() }
    }

    func end() { eventLoop.execute { self.upstream.end() } }

    /// What is left of the exchange is no longer wanted.
    func abandon() {
        eventLoop.execute {
            if !self.isWhole, self.fault == nil { self.upstream.abandon() }
        }
    }

    private func wait() -> EventLoopFuture<Void> {
        let promise = waiting ?? eventLoop.makePromise()
        waiting = promise
        return promise.futureResult
    }

    private func onLoop<T: Sendable>(
        _ body: @escaping @Sendable () throws(OutsideFault) -> T
    ) async throws(OutsideFault) -> T {
        let future = eventLoop.submit { try body() }
        return try await outside(upstream.destination) { try await future.get() }
    }

    private func wake() {
        waiting?.succeed()
        waiting = nil
    }
}

// On the event loop.
extension Exchange {
    func answered(_ head: HTTPResponseHead) {
        self.head = head
        wake()
    }

    func answered(_ body: ByteBuffer) {
        pieces.append(body)
        if pieces.count >= Self.held { upstream.pause() }
        wake()
    }

    func answeredForNow() {}

    func answeredWhole() {
        isWhole = true
        wake()
    }

    func failed(_ fault: OutsideFault) {
        self.fault = fault
        wake()
    }

    func canSend(_ can: Bool) {}
}

/// Turns what a library throws on the way into the room's own words.
func outside<T: Sendable>(
    _ destination: Destination, _ body: () async throws -> T
) async throws(OutsideFault) -> T {
    do {
        return try await body()
    } catch let fault as OutsideFault {
        throw fault
    } catch {
        throw .lost(host: destination.host)
    }
}
