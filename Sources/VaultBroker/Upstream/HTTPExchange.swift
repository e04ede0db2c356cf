import NIOCore
import NIOHTTP1
import VaultCore

/// A request and its response, for asynchronous code: first the head, then the body chunk by chunk.
///
/// Only a few chunks are buffered; then reading from the host stops.
final class HTTPExchange: ResponseReceiver, @unchecked Sendable {
    private let upstream: UpstreamConnection
    private let eventLoop: any EventLoop
    private var head: HTTPResponseHead?
    private var chunks = CircularBuffer<ByteBuffer>()
    private var isComplete = false
    private var fault: OutsideFault?
    private var waiting: EventLoopPromise<Void>?
    /// Whether the connection carried an exchange before.
    let isReused: Bool

    private static let maxBufferedChunks = 4

    private init(_ upstream: UpstreamConnection, on loop: any EventLoop) {
        self.upstream = upstream
        eventLoop = loop
        isReused = upstream.isReused
    }

    /// Sends a request over a connection of the pool. If an idle connection turns out to be closed, sends the request
    /// once more over a new one.
    ///
    /// - Parameters:
    ///   - isComplete: Whether the request ends here. If not, its body follows with `send(_:)` and `end()`.
    ///   - timeout: How long the host may be silent.
    static func begin(
        _ head: HTTPRequestHead, to destination: Destination, lines: AuthorizationLines,
        body: ByteBuffer? = nil,
        isComplete: Bool, timeout: TimeAmount, pool: ConnectionPool
    ) async throws(OutsideFault) -> HTTPExchange {
        for isFirst in [true, false] {
            let exchange = try await start(
                head, to: destination, lines: lines, body: body, isComplete: isComplete, timeout: timeout,
                pool: pool, fresh: !isFirst)
            // A body that still has to be sent cannot be repeated, so it always gets a new connection.
            guard isFirst, exchange.isReused, isComplete else { return exchange }
            do {
                _ = try await exchange.responseHead()
                return exchange
            } catch .lost {
                continue
            }
        }
        throw .lost(host: destination.host)
    }

    private static func start(
        _ head: HTTPRequestHead, to destination: Destination, lines: AuthorizationLines, body: ByteBuffer?,
        isComplete: Bool, timeout: TimeAmount, pool: ConnectionPool, fresh: Bool
    ) async throws(OutsideFault) -> HTTPExchange {
        let started: EventLoopFuture<HTTPExchange> = pool.eventLoop.flatSubmit {
            pool.lease(destination, fresh: fresh || !isComplete).map { upstream in
                let exchange = HTTPExchange(upstream, on: pool.eventLoop)
                upstream.begin(exchange, timeout: timeout)
                upstream.send(head, lines: lines.bytes)
                if let body { upstream.send(body) }
                if isComplete { upstream.end() } else { upstream.flush() }
                return exchange
            }
        }
        return try await mappingErrors(destination) { try await started.get() }
    }

    /// Waits for the head of the response.
    func responseHead() async throws(OutsideFault) -> HTTPResponseHead {
        while true {
            let step = try await onLoop { () throws(OutsideFault) -> HeadStep in
                if let head = self.head { return .head(head) }
                if let fault = self.fault { throw fault }
                return .wait(self.wait())
            }
            switch step {
            case .head(let head): return head
            case .wait(let future): try await mappingErrors(upstream.destination) { try await future.get() }
            }
        }
    }

    /// Waits for the next chunk of the response's body; returns nil at its end.
    func next() async throws(OutsideFault) -> ByteBuffer? {
        while true {
            let step = try await onLoop { () throws(OutsideFault) -> BodyStep in
                if let chunk = self.chunks.popFirst() {
                    if self.chunks.count < Self.maxBufferedChunks { self.upstream.resume() }
                    return .chunk(chunk)
                }
                if let fault = self.fault { throw fault }
                return self.isComplete ? .end : .wait(self.wait())
            }
            switch step {
            case .chunk(let chunk): return chunk
            case .end: return nil
            case .wait(let future): try await mappingErrors(upstream.destination) { try await future.get() }
            }
        }
    }

    private enum HeadStep: Sendable {
        case head(HTTPResponseHead)
        case wait(EventLoopFuture<Void>)
    }

    private enum BodyStep: Sendable {
        case chunk(ByteBuffer)
        case end
        case wait(EventLoopFuture<Void>)
    }

    /// Sends a chunk of the request's body, and waits until it is written.
    ///
    /// - Returns: False if the host has responded already, so that the rest of the body is not needed.
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
        return try await mappingErrors(upstream.destination) { try await sent.get() }
    }

    func end() { eventLoop.execute { self.upstream.end() } }

    /// Closes the connection unless the response is complete.
    func abandon() {
        eventLoop.execute {
            if !self.isComplete, self.fault == nil { self.upstream.abandon() }
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
        return try await mappingErrors(upstream.destination) { try await future.get() }
    }

    private func wake() {
        waiting?.succeed()
        waiting = nil
    }
}

// MARK: ResponseReceiver

extension HTTPExchange {
    func didReceive(_ head: HTTPResponseHead) {
        self.head = head
        wake()
    }

    func didReceive(_ body: ByteBuffer) {
        chunks.append(body)
        if chunks.count >= Self.maxBufferedChunks { upstream.pause() }
        wake()
    }

    func didCompleteRead() {}

    func didReceiveEnd() {
        isComplete = true
        wake()
    }

    func didFail(_ fault: OutsideFault) {
        self.fault = fault
        wake()
    }

    func didChangeWritability(_ isWritable: Bool) {}
}

/// Maps the errors of libraries to `lost`.
private func mappingErrors<T: Sendable>(
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
