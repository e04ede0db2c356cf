import NIOCore
import VaultCore
import VaultWire

/// Serves one client: exchanges hellos, then performs one request at a time, with its streams.
///
/// An operation goes from the event loop to the vault's thread, and its answer straight back: no third thread has to
/// wake up.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = Frame
    typealias OutboundOut = Frame

    private let sessions: SessionManager
    private let dispatcher: RequestDispatcher
    private let server: AgentServer
    private let codec: FrameCodec
    private var number: UInt64 = 0
    private var hasReceivedHello = false
    private var current: RunningRequest?
    /// Frames that arrived while `codec.isPaused`.
    private var pending = CircularBuffer<Frame>()

    private struct RunningRequest {
        let task: Task<Void, Never>
        let active: ActiveRequest

        func cancel() {
            task.cancel()
            active.incoming.fail()
        }
    }

    /// - Parameter codec: The handler before this one in the same pipeline.
    init(
        _ sessions: SessionManager, _ dispatcher: RequestDispatcher, _ server: AgentServer, codec: FrameCodec
    ) {
        (self.sessions, self.dispatcher, self.server, self.codec) = (sessions, dispatcher, server, codec)
    }

    func channelActive(context: ChannelHandlerContext) {
        number = server.register(context.channel)
        let hello = Hello(version: ProgramVersion.text, unlockedAs: sessions.current?.member)
        guard let frame = try? Frame(.hello, hello) else { return context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        current?.cancel()
        pending.removeAll()
        server.unregister(number)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending.append(unwrapInboundIn(data))
        processPending(context)
    }

    private func processPending(_ context: ChannelHandlerContext) {
        while !codec.isPaused, context.channel.isActive, let frame = pending.popFirst() {
            do throws(AgentFault) {
                guard try process(frame, context) else { return context.close(promise: nil) }
            } catch {
                context.close(promise: nil)
            }
        }
    }

    /// Returns whether to keep the connection.
    private func process(_ frame: Frame, _ context: ChannelHandlerContext) throws(AgentFault) -> Bool {
        guard hasReceivedHello else {
            hasReceivedHello = true
            // A client with another protocol version learns that from this agent's hello.
            guard frame.kind == .hello else { return false }
            return try frame.value(Hello.self).protocolVersion == Hello.currentProtocolVersion
        }
        switch frame.kind {
        case .request:
            guard let previous = current else { return try begin(frame, context) }
            pending.prepend(frame)
            pause(context, until: { await previous.task.value }, then: { $0.current = nil })
        case .chunk:
            guard let incoming = current?.active.incoming else { break }
            pause(context, until: { [bytes = frame.bytes] in await incoming.put(bytes) })
        case .end: current?.active.incoming.finish()
        case .cancel: current?.cancel()
        case .hello, .answer, .failure, .notice: return false
        }
        return true
    }

    /// Reads no more frames until `done` returns.
    private func pause(
        _ context: ChannelHandlerContext, until done: @escaping @Sendable () async -> Void,
        then change: @escaping @Sendable (ClientHandler) -> Void = { _ in }
    ) {
        codec.isPaused = true
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        Task {
            await done()
            bound.eventLoop.execute {
                let (handler, context) = bound.value
                handler.codec.isPaused = false
                change(handler)
                try? context.channel.syncOptions?.setOption(.autoRead, value: true)
                handler.processPending(context)
            }
        }
    }

    private func begin(_ frame: Frame, _ context: ChannelHandlerContext) throws(AgentFault) -> Bool {
        let active = ActiveRequest(try frame.context(), sessions, context.channel)
        let executor = dispatcher.isOperation(active.context.name) ? sessions.executor : nil
        server.setBusy(true, number)
        let task = Task(executorPreference: executor) {
            [dispatcher, server, number, channel = context.channel] in
            let answer = await dispatcher.perform(frame, active)
            active.incoming.fail()
            server.setBusy(false, number)
            if let answer { try? await channel.writeAndFlush(answer) }
        }
        current = RunningRequest(task: task, active: active)
        return true
    }
}
