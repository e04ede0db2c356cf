import NIOConcurrencyHelpers
import NIOCore

/// Bounds the connections of all proxies of one broker, so that no crowd of clients takes the process's descriptors.
///
/// Every user of the machine can connect to a proxy's port. A connection is unauthenticated until a request with the
/// proxy's token arrives on it. Only a few of those are kept: where there are more, one that had time to send its
/// request is displaced. Otherwise, and when the total is reached, the listening sockets are not read for now, and new
/// clients wait in the kernel's queue.
final class ClientLimiter: Sendable {
    private let total: Int
    private let unauthenticated: Int
    private let patience: TimeAmount
    private let state = NIOLockedValueBox(State())

    private struct State {
        /// Connections that were accepted and have not been closed yet.
        var open = 0
        /// The oldest first; those that were displaced are gone from here before they are closed.
        var unauthenticated: [(channel: any Channel, since: NIODeadline)] = []
        var waiting: [@Sendable () -> Void] = []
    }

    /// Whether another connection may be accepted.
    enum Admission {
        case now
        /// When a connection closes or authenticates, and at the latest at a time.
        case later(NIODeadline)
    }

    /// - Parameters:
    ///   - authenticated: how many connections may be authenticated at a time.
    ///   - unauthenticated: how many may be unauthenticated at a time.
    ///   - patience: how long a connection is unauthenticated before it can be displaced.
    init(authenticated: Int, unauthenticated: Int, patience: TimeAmount) {
        total = authenticated + unauthenticated
        self.unauthenticated = unauthenticated
        self.patience = patience
    }

    /// Connections that were accepted and have not been closed yet.
    var openConnections: Int { state.withLockedValue { $0.open } }

    /// Decides about the next connection; displaces one that was silent for too long where that makes a place.
    ///
    /// - Parameter resume: called once, at the first change after the answer `later`.
    func admit(resume: @escaping @Sendable () -> Void) -> Admission {
        let now = NIODeadline.now()
        let (displaced, admission) = state.withLockedValue { state -> ([any Channel], Admission) in
            var displaced: [any Channel] = []
            while state.unauthenticated.count >= unauthenticated, let oldest = state.unauthenticated.first,
                oldest.since + patience <= now
            {
                displaced.append(state.unauthenticated.removeFirst().channel)
            }
            if state.open < total, state.unauthenticated.count < unauthenticated { return (displaced, .now) }
            state.waiting.append(resume)
            return (displaced, .later((state.unauthenticated.first?.since ?? now) + patience))
        }
        for channel in displaced { channel.close(promise: nil) }
        return admission
    }

    /// Counts a connection until it closes.
    func enter(_ channel: any Channel) {
        state.withLockedValue { state in
            state.open += 1
            state.unauthenticated.append((channel, .now()))
        }
        channel.closeFuture.whenComplete { [self] _ in
            change { $0.open -= 1 }
            authenticate(channel)
        }
    }

    /// The connection sent the token, or is closed: it is not displaced.
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

/// Reads a listening socket only while the limiter admits another connection, and enters what is accepted there.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = any Channel

    private let limiter: ClientLimiter
    private var isWaiting = false

    init(_ limiter: ClientLimiter) { self.limiter = limiter }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        limiter.enter(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        let resume: @Sendable () -> Void = { loop.execute { bound.value.0.resume(bound.value.1) } }
        switch limiter.admit(resume: resume) {
        case .now: context.read()
        case .later(let deadline):
            isWaiting = true
            loop.scheduleTask(deadline: deadline, resume)
        }
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard isWaiting else { return }
        isWaiting = false
        if context.channel.isActive { context.channel.read() }
    }
}
