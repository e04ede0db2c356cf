import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import VaultCore

/// The connection pools of all event loops. A connection carries one exchange at a time, and stays on its event loop.
final class UpstreamPools: Sendable {
    private let pools: [ObjectIdentifier: ConnectionPool]
    private let group: any EventLoopGroup

    init(group: any EventLoopGroup, network: NetworkConfiguration, tls: NIOSSLContext, limits: Limits) {
        self.group = group
        var pools: [ObjectIdentifier: ConnectionPool] = [:]
        for loop in group.makeIterator() {
            pools[ObjectIdentifier(loop)] = ConnectionPool(
                eventLoop: loop, dialer: Dialer(eventLoop: loop, network: network, tls: tls, limits: limits),
                limits: limits)
        }
        self.pools = pools
    }

    /// The pool of an event loop, which must be one of the broker's.
    func pool(on loop: any EventLoop) -> ConnectionPool { pools[ObjectIdentifier(loop)]! }

    func closeAll() {
        for pool in pools.values { pool.eventLoop.execute { pool.closeAll() } }
    }
}

/// The connections of one event loop. Used on that loop only.
final class ConnectionPool: @unchecked Sendable {
    let eventLoop: any EventLoop
    private let dialer: Dialer
    private let limits: Limits
    private var idle: [Destination: [UpstreamConnection]] = [:]
    private var all: [ObjectIdentifier: UpstreamConnection] = [:]

    init(eventLoop: any EventLoop, dialer: Dialer, limits: Limits) {
        self.eventLoop = eventLoop
        self.dialer = dialer
        self.limits = limits
    }

    /// Returns a connection for one exchange, idle or new; always a new one if `fresh` is set.
    func lease(_ destination: Destination, fresh: Bool = false) -> EventLoopFuture<UpstreamConnection> {
        if !fresh, let idle = takeIdle(destination) { return eventLoop.makeSucceededFuture(idle) }
        return dial(destination)
    }

    /// Returns an idle connection, if there is one.
    func takeIdle(_ destination: Destination) -> UpstreamConnection? {
        eventLoop.preconditionInEventLoop()
        while let connection = idle[destination]?.popLast() {
            if connection.leaveIdle() { return connection }
        }
        return nil
    }

    func dial(_ destination: Destination) -> EventLoopFuture<UpstreamConnection> {
        eventLoop.preconditionInEventLoop()
        return dialer.dial(destination).map { upstream in
            upstream.pool = self
            self.all[ObjectIdentifier(upstream)] = upstream
            return upstream
        }
    }

    /// Keeps a connection for the next exchange, or closes it if enough are kept.
    func release(_ upstream: UpstreamConnection) {
        guard idle.values.reduce(0, { $0 + $1.count }) < limits.idleUpstreams else {
            return upstream.close()
        }
        upstream.becomeIdle(closingAfter: limits.idleTimeout)
        idle[upstream.destination, default: []].append(upstream)
    }

    func remove(_ upstream: UpstreamConnection) {
        all[ObjectIdentifier(upstream)] = nil
        idle[upstream.destination]?.removeAll { $0 === upstream }
    }

    /// Fails all exchanges, since the vault is being locked.
    func closeAll() {
        let all = self.all.values
        idle = [:]
        for upstream in all { upstream.fail(.locked) }
    }
}
