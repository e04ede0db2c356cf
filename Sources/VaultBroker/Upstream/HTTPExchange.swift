import NIOCore
import NIOHTTP1
import VaultCore

/// A request and its response, for asynchronous code: first the head, then the body chunk by chunk.
///
/// Only a few chunks are buffered; then reading from the host stops.
final class HTTPExchange: ResponseReceiver, @unchecked Sendable {
    private let upstream: UpstreamConnection
    private let eventLoop: any EventLoop
    private let head: EventLoopPromise<HTTPResponseHead>
    private var hasHead = false
    private var chunks = CircularBuffer<ByteBuffer>()
    /// The caller that waits for the next chunk.
    private var waiting: EventLoopPromise<ByteBuffer?>?
    private var isComplete = false
    private var fault: OutsideFault?
    /// Whether the connection carried an exchange before.
    fileprivate let isReused: Bool

    private static let maxBufferedChunks = 4

    fileprivate init(_ upstream: UpstreamConnection, on loop: any EventLoop) {
        self.upstream = upstream
        eventLoop = loop
        head = loop.makePromise()
        isReused = upstream.isReused
    }

    /// Waits for the head of the response.
    func responseHead() async throws(VaultError) -> HTTPResponseHead {
        try await head.futureResult.get(from: upstream.destination)
    }

    /// Waits for the next chunk of the response's body; returns nil at its end.
    func next() async throws(VaultError) -> ByteBuffer? {
        try await eventLoop.flatSubmit { self.nextChunk() }.get(from: upstream.destination)
    }

    private func nextChunk() -> EventLoopFuture<ByteBuffer?> {
        if let chunk = chunks.popFirst() {
            if chunks.count < Self.maxBufferedChunks { upstream.resume() }
            return eventLoop.makeSucceededFuture(chunk)
        }
        if let fault { return eventLoop.makeFailedFuture(fault) }
        if isComplete { return eventLoop.makeSucceededFuture(nil) }
        let promise = eventLoop.makePromise(of: ByteBuffer?.self)
        waiting = promise
        return promise.futureResult
    }

    /// Sends a chunk of the request's body, and waits until it is written.
    ///
    /// - Returns: False if the host has responded already, so that the rest of the body is not needed.
    func send(_ bytes: ByteBuffer) async throws(VaultError) -> Bool {
        let sent = eventLoop.flatSubmit { () -> EventLoopFuture<Bool> in
            if let fault = self.fault { return self.eventLoop.makeFailedFuture(fault) }
            guard !self.hasHead else { return self.eventLoop.makeSucceededFuture(false) }
            let promise = self.eventLoop.makePromise(of: Void.self)
            self.upstream.send(bytes, promise: promise)
            self.upstream.flush()
            return promise.futureResult.map { true }.flatMapErrorThrowing { error in
                if self.hasHead { return false }
                throw self.fault ?? error
            }
        }
        return try await sent.get(from: upstream.destination)
    }

    func end() { eventLoop.execute { self.upstream.end() } }

    /// Closes the connection unless the response is complete.
    func abandon() {
        eventLoop.execute {
            guard !self.isComplete, self.fault == nil else { return }
            self.upstream.abandon()
            self.didFail(.lost(host: self.upstream.destination.host))
        }
    }
}

// MARK: ResponseReceiver

extension HTTPExchange {
    func didReceive(_ head: HTTPResponseHead) {
        hasHead = true
        self.head.succeed(head)
    }

    func didReceive(_ body: ByteBuffer) {
        if let waiting = waiting.take() { return waiting.succeed(body) }
        chunks.append(body)
        if chunks.count >= Self.maxBufferedChunks { upstream.pause() }
    }

    func didCompleteRead() {}

    func didReceiveEnd() {
        isComplete = true
        waiting.take()?.succeed(nil)
    }

    func didFail(_ fault: OutsideFault) {
        self.fault = fault
        head.fail(fault)
        waiting.take()?.fail(fault)
    }

    func didChangeWritability(_ isWritable: Bool) {}
}

extension Broker {
    /// Sends a request over a connection of a pool. If an idle connection turns out to be closed, sends the request once
    /// more over a new one.
    ///
    /// - Parameters:
    ///   - isComplete: Whether the request ends here. If not, its body follows with `send(_:)` and `end()`.
    ///   - timeout: How long the host may be silent.
    func exchange(
        _ head: HTTPRequestHead, with destination: Destination, lines: AuthorizationLines,
        body: ByteBuffer? = nil, isComplete: Bool = true, timeout: TimeAmount
    ) async throws(VaultError) -> HTTPExchange {
        let pool = upstreams.pool(on: group.next())
        func start(fresh: Bool) async throws(VaultError) -> HTTPExchange {
            let started: EventLoopFuture<HTTPExchange> = pool.eventLoop.flatSubmit {
                pool.lease(destination, fresh: fresh).map { upstream in
                    let exchange = HTTPExchange(upstream, on: pool.eventLoop)
                    upstream.begin(head, lines: lines.bytes, timeout: timeout, receiver: exchange)
                    if let body { upstream.send(body) }
                    if isComplete { upstream.end() } else { upstream.flush() }
                    return exchange
                }
            }
            return try await started.get(from: destination)
        }
        // A body that still has to be sent cannot be repeated, so it always gets a new connection.
        let exchange = try await start(fresh: !isComplete)
        guard exchange.isReused else { return exchange }
        do {
            _ = try await exchange.responseHead()
            return exchange
        } catch .outside(.lost) {
            return try await start(fresh: true)
        }
    }
}

extension EventLoopFuture where Value: Sendable {
    /// Waits for the value, and maps errors of libraries to `lost`.
    fileprivate func get(from destination: Destination) async throws(VaultError) -> Value {
        do { return try await get() } catch {
            throw .outside((error as? OutsideFault) ?? .lost(host: destination.host))
        }
    }
}
