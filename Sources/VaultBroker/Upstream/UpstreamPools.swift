import NIOCore
import NIOSSL
import VaultCore

/// The connection pools of all event loops. A connection carries one exchange at a time, and stays on its event loop.
final class UpstreamPools: Sendable {
    private let pools: [ObjectIdentifier: ConnectionPool]

    init(group: any EventLoopGroup, network: NetworkConfiguration, tls: NIOSSLContext, limits: Limits) {
        var pools: [ObjectIdentifier: ConnectionPool] = [:]
        for loop in group.makeIterator() {
            pools[ObjectIdentifier(loop)] = ConnectionPool(
                Dialer(eventLoop: loop, network: network, tls: tls, limits: limits))
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
    private let dialer: Dialer
    private var idle: [Destination: [UpstreamConnection]] = [:]
    private var all: [ObjectIdentifier: UpstreamConnection] = [:]

    init(_ dialer: Dialer) { self.dialer = dialer }

    var eventLoop: any EventLoop { dialer.eventLoop }

    /// Returns a connection for one exchange, idle or new; always a new one if `fresh` is set.
    func lease(_ destination: Destination, fresh: Bool) -> EventLoopFuture<UpstreamConnection> {
        eventLoop.preconditionInEventLoop()
        while !fresh, let connection = idle[destination]?.popLast() {
            if connection.isOpen { return eventLoop.makeSucceededFuture(connection) }
        }
        return dialer.dial(destination).map { upstream in
            upstream.pool = self
            self.all[ObjectIdentifier(upstream)] = upstream
            return upstream
        }
    }

    /// Keeps a connection for the next exchange, or closes it if enough are kept.
    func release(_ upstream: UpstreamConnection) {
        guard idle.values.reduce(0, { $0 + $1.count }) < dialer.limits.idleUpstreams else {
            return upstream.close()
        }
        upstream.becomeIdle(closingAfter: dialer.limits.idleTimeout)
        idle[upstream.destination, default: []].append(upstream)
    }

    func remove(_ upstream: UpstreamConnection) {
        all[ObjectIdentifier(upstream)] = nil
        idle[upstream.destination]?.removeAll { $0 === upstream }
    }

    /// Fails all exchanges, since the vault is being locked.
    func closeAll() {
        idle = [:]
        for upstream in all.values { upstream.fail(.locked) }
    }
}
