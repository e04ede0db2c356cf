// The folder's rule: one connection to the other side carries one exchange at a time, is used again by its own event
// loop only, and is verified before the first byte of a request.

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import VaultCore

/// The connections to other sides, kept for the next request by the event loop that made them.
final class Upstreams: Sendable {
    private let pools: [ObjectIdentifier: Pool]
    private let group: any EventLoopGroup

    init(group: any EventLoopGroup, reach: Reach, tls: NIOSSLContext, limits: Limits) {
        self.group = group
        var pools: [ObjectIdentifier: Pool] = [:]
        for loop in group.makeIterator() {
            pools[ObjectIdentifier(loop)] = Pool(
                eventLoop: loop, dialer: Dialer(eventLoop: loop, reach: reach, tls: tls, limits: limits),
                limits: limits)
        }
        self.pools = pools
    }

    /// The pool of this event loop, which has to be one of the broker's.
    func pool(on loop: any EventLoop) -> Pool { pools[ObjectIdentifier(loop)]! }

    func closeAll() {
        for pool in pools.values { pool.eventLoop.execute { pool.closeAll() } }
    }
}

/// One event loop's connections; touched on that loop only.
final class Pool: @unchecked Sendable {
    let eventLoop: any EventLoop
    private let dialer: Dialer
    private let limits: Limits
    private var waiting: [Destination: [Upstream]] = [:]
    private var all: [ObjectIdentifier: Upstream] = [:]

    init(eventLoop: any EventLoop, dialer: Dialer, limits: Limits) {
        self.eventLoop = eventLoop
        self.dialer = dialer
        self.limits = limits
    }

    /// A connection for one exchange: one that is kept, or a new one. `fresh` wants a new one.
    func lease(_ destination: Destination, fresh: Bool = false) -> EventLoopFuture<Upstream> {
        if !fresh, let kept = kept(destination) { return eventLoop.makeSucceededFuture(kept) }
        return dial(destination)
    }

    /// A connection that is there already, for one exchange.
    func kept(_ destination: Destination) -> Upstream? {
        eventLoop.preconditionInEventLoop()
        while let kept = waiting[destination]?.popLast() {
            if kept.wakes() { return kept }
        }
        return nil
    }

    func dial(_ destination: Destination) -> EventLoopFuture<Upstream> {
        eventLoop.preconditionInEventLoop()
        return dialer.dial(destination).map { upstream in
            upstream.pool = self
            self.all[ObjectIdentifier(upstream)] = upstream
            return upstream
        }
    }

    /// Keeps a connection for the next exchange, or closes it where enough are kept.
    func takeBack(_ upstream: Upstream) {
        guard waiting.values.reduce(0, { $0 + $1.count }) < limits.idleUpstreams else {
            return upstream.close()
        }
        upstream.sleeps(atMost: limits.idle)
        waiting[upstream.destination, default: []].append(upstream)
    }

    func forget(_ upstream: Upstream) {
        all[ObjectIdentifier(upstream)] = nil
        waiting[upstream.destination]?.removeAll { $0 === upstream }
    }

    /// The vault is being locked: whatever an exchange is at, it is over.
    func closeAll() {
        let all = self.all.values
        waiting = [:]
        for upstream in all { upstream.fail(.locked) }
    }
}
