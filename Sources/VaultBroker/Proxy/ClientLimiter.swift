import NIOConcurrencyHelpers
import NIOCore

/// Limits the client connections of all proxies of a broker, so that they do not exhaust the process's descriptors.
///
/// Every user of the machine can connect to a proxy's port. A connection is unauthenticated until it sends a request
/// with the proxy's token. Only a few unauthenticated connections are kept: a new one displaces the oldest that has had
/// time to send its request. If there is none, or if the total is reached, new connections are not accepted and wait in
/// the kernel's queue.
final class ClientLimiter: Sendable {
    private let total: Int
    private let unauthenticated: Int
    private let displacementDelay: TimeAmount
    private let state = NIOLockedValueBox(State())

    private struct State {
        /// The number of open connections.
        var open = 0
        /// The oldest first. Displaced connections are removed before they are closed.
        var unauthenticated: [(channel: any Channel, since: NIODeadline)] = []
        var waiting: [@Sendable () -> Void] = []
    }

    /// - Parameters:
    ///   - authenticated: The maximum number of authenticated connections.
    ///   - unauthenticated: The maximum number of unauthenticated connections.
    ///   - displacementDelay: How long a connection has to authenticate before it can be displaced.
    init(authenticated: Int, unauthenticated: Int, displacementDelay: TimeAmount) {
        total = authenticated + unauthenticated
        self.unauthenticated = unauthenticated
        self.displacementDelay = displacementDelay
    }

    /// The number of open connections.
    var openConnections: Int { state.withLockedValue { $0.open } }

    /// Decides whether to accept the next connection, and displaces another one for it if possible.
    ///
    /// - Parameter resume: Called once if the result is not nil, when a connection closes or authenticates.
    /// - Returns: nil if the connection may be accepted, else the deadline at which to ask again.
    func admit(resume: @escaping @Sendable () -> Void) -> NIODeadline? {
        let now = NIODeadline.now()
        let (displaced, deadline) = state.withLockedValue { state -> ([any Channel], NIODeadline?) in
            var displaced: [any Channel] = []
            while state.unauthenticated.count >= unauthenticated, let oldest = state.unauthenticated.first,
                oldest.since + displacementDelay <= now
            {
                displaced.append(state.unauthenticated.removeFirst().channel)
            }
            if state.open < total, state.unauthenticated.count < unauthenticated { return (displaced, nil) }
            state.waiting.append(resume)
            return (displaced, (state.unauthenticated.first?.since ?? now) + displacementDelay)
        }
        for channel in displaced { channel.close(promise: nil) }
        return deadline
    }

    /// Counts a connection until it closes.
    func register(_ channel: any Channel) {
        state.withLockedValue { state in
            state.open += 1
            state.unauthenticated.append((channel, .now()))
        }
        channel.closeFuture.whenComplete { [self] _ in
            change { $0.open -= 1 }
            authenticate(channel)
        }
    }

    /// Exempts a connection from being displaced, since it sent the token or is closed.
    func authenticate(_ channel: any Channel) {
        change { $0.unauthenticated.removeAll { $0.channel === channel } }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiting = state.withLockedValue { state in
            body(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for resume in waiting { resume() }
    }
}

/// Accepts connections only as the limiter admits them, and registers them with it.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = any Channel

    private let limiter: ClientLimiter
    private var isWaiting = false

    init(_ limiter: ClientLimiter) { self.limiter = limiter }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        limiter.register(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        let resume: @Sendable () -> Void = { loop.execute { bound.value.0.resume(bound.value.1) } }
        guard let deadline = limiter.admit(resume: resume) else { return context.read() }
        isWaiting = true
        loop.scheduleTask(deadline: deadline, resume)
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard isWaiting else { return }
        isWaiting = false
        if context.channel.isActive { context.channel.read() }
    }
}
