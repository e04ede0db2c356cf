import NIOCore
import VaultCore
import VaultWire

/// One connection from its first word to its last: one question at a time, each with its streams.
///
/// It lives on the event loop, from where a question that the vault answers by itself goes to the vault's own thread, and
/// its answer back: whoever asks waits for no third thread to wake up.
final class Conversation: ChannelInboundHandler {
    typealias InboundIn = Frame
    typealias OutboundOut = Frame

    private let keeper: Keeper
    private let answers: Answers
    private let clients: Clients
    private let codec: FrameCodec
    private var number: UInt64 = 0
    private var isGreeted = false
    private var current: Answering?
    /// What has come and waits for its turn. While something goes before it, nothing more is read.
    private var waiting = CircularBuffer<Frame>()

    /// A question that is being answered.
    private struct Answering {
        let task: Task<Void, Never>
        let exchange: Exchange

        /// Nobody waits for it any more.
        func end() {
            task.cancel()
            exchange.incoming.fail()
        }
    }

    /// `codec` stands before this in the same connection.
    init(_ keeper: Keeper, _ answers: Answers, _ clients: Clients, behind codec: FrameCodec) {
        (self.keeper, self.answers, self.clients, self.codec) = (keeper, answers, clients, codec)
    }

    func channelActive(context: ChannelHandlerContext) {
        number = clients.enter(context.channel)
        guard let hello = try? Frame(.hello, Hello(version: ProgramVersion.text, openAs: keeper.open?.member))
        else { return context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(hello), promise: nil)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        current?.end()
        waiting.removeAll()
        clients.leave(number)
        context.fireChannelInactive()
    }

    /// Whatever goes wrong with the connection ends it; the other side sees that.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        waiting.append(unwrapInboundIn(data))
        goOn(context)
    }

    private func goOn(_ context: ChannelHandlerContext) {
        while !codec.isHeldUp, context.channel.isActive, let frame = waiting.popFirst() {
            do throws(AgentFault) {
                guard try take(frame, context) else { return context.close(promise: nil) }
            } catch {
                context.close(promise: nil)
            }
        }
    }

    /// Whether there may be a next frame.
    private func take(_ frame: Frame, _ context: ChannelHandlerContext) throws(AgentFault) -> Bool {
        guard isGreeted else {
            isGreeted = true
            // One of another form reads in our hello why nothing more comes.
            guard frame.kind == .hello else { return false }
            return try frame.value(Hello.self).form == Hello.current
        }
        switch frame.kind {
        case .question:
            guard let before = current else { return try begin(frame, context) }
            waiting.prepend(frame)
            hold(context, until: { await before.task.value }, then: { $0.current = nil })
        case .chunk:
            guard let incoming = current?.exchange.incoming else { break }
            hold(context, until: { [bytes = frame.bytes] in await incoming.put(bytes) })
        case .end: current?.exchange.incoming.end()
        case .cancel: current?.end()
        case .hello, .answer, .failure, .notice: return false
        }
        return true
    }

    /// Takes nothing more before something was done.
    private func hold(
        _ context: ChannelHandlerContext, until done: @escaping @Sendable () async -> Void,
        then change: @escaping @Sendable (Conversation) -> Void = { _ in }
    ) {
        codec.isHeldUp = true
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        Task {
            await done()
            bound.eventLoop.execute {
                let (conversation, context) = bound.value
                conversation.codec.isHeldUp = false
                change(conversation)
                try? context.channel.syncOptions?.setOption(.autoRead, value: true)
                conversation.goOn(context)
            }
        }
    }

    private func begin(_ frame: Frame, _ context: ChannelHandlerContext) throws(AgentFault) -> Bool {
        let exchange = Exchange(try frame.asking(), keeper, context.channel)
        let thread = answers.isOfTheVault(exchange.asking.name) ? keeper.thread : nil
        clients.mark(number, isBusy: true)
        let task = Task(executorPreference: thread) { [answers, clients, number, channel = context.channel] in
            let answer = await answers.answer(frame, exchange)
            exchange.incoming.fail()
            clients.mark(number, isBusy: false)
            if let answer { try? await channel.writeAndFlush(answer) }
        }
        current = Answering(task: task, exchange: exchange)
        return true
    }
}
