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

    private let server: AgentServer
    private let codec: FrameCodec
    private var hasReceivedHello = false
    private var current: (task: Task<Void, Never>, incoming: ChunkStream)?
    /// Frames that arrived while `codec.isPaused`.
    private var pending = CircularBuffer<Frame>()

    /// - Parameter codec: The handler before this one in the same pipeline.
    init(_ server: AgentServer, codec: FrameCodec) { (self.server, self.codec) = (server, codec) }

    func channelActive(context: ChannelHandlerContext) {
        server.register(context.channel)
        let hello = Hello(version: ProgramVersion.text, unlockedAs: server.sessions.current?.member)
        guard let frame = try? Frame(.hello, hello) else { return context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        current?.task.cancel()
        pending.removeAll()
        server.unregister(context.channel)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending.append(unwrapInboundIn(data))
        processPending(context)
    }

    private func processPending(_ context: ChannelHandlerContext) {
        while !codec.isPaused, context.channel.isActive, let frame = pending.popFirst() {
            do throws(VaultError) { try process(frame, context) } catch { context.close(promise: nil) }
        }
    }

    /// - Throws: `malformed` to close the connection.
    private func process(_ frame: Frame, _ context: ChannelHandlerContext) throws(VaultError) {
        guard hasReceivedHello else {
            hasReceivedHello = true
            // A client with another protocol version learns that from this agent's hello.
            guard frame.kind == .hello else { throw .agent(.malformed) }
            return try frame.value(Hello.self).checkVersion()
        }
        switch frame.kind {
        case .request where current == nil: try begin(frame, context)
        case .request:
            pending.prepend(frame)
            pause(context)
        case .chunk:
            guard let current else { break }
            pause(context)
            current.incoming.put(frame.bytes)
        case .end: current?.incoming.finish()
        case .cancel: current?.task.cancel()
        case .hello, .answer, .failure, .notice: throw .agent(.malformed)
        }
    }

    /// Reads no more frames until the chunk is taken or the request ends.
    private func pause(_ context: ChannelHandlerContext) {
        codec.isPaused = true
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    }

    private func resume(_ context: ChannelHandlerContext) {
        codec.isPaused = false
        try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        processPending(context)
    }

    private func begin(_ frame: Frame, _ context: ChannelHandlerContext) throws(VaultError) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let incoming = ChunkStream {
            bound.eventLoop.execute {
                let (handler, context) = bound.value
                handler.resume(context)
            }
        }
        let active = ActiveRequest(
            context: try frame.context(), sessions: server.sessions, channel: context.channel,
            incoming: incoming)
        let executor =
            server.dispatcher.isOperation(active.context.name) ? server.sessions.executor : nil
        server.setBusy(true, active.channel)
        let task = Task(executorPreference: executor) { [server] in
            let answer = await server.dispatcher.perform(frame, active)
            server.setBusy(false, active.channel)
            if let answer { try? await active.channel.writeAndFlush(answer) }
            bound.eventLoop.execute {
                let (handler, context) = bound.value
                handler.current = nil
                handler.resume(context)
            }
        }
        current = (task, incoming)
    }
}
