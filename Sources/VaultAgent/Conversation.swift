import NIOCore
import VaultCore
import VaultWire

/// One connection from its first word to its last: one question at a time, each with its streams.
struct Conversation {
    private let connection: Clients.Connection
    private let keeper: Keeper
    private let answers: Answers
    private let mark: @Sendable (_ isBusy: Bool) -> Void

    /// `mark` is told when a question begins and ends.
    init(
        _ connection: Clients.Connection, _ keeper: Keeper, _ answers: Answers,
        mark: @escaping @Sendable (_ isBusy: Bool) -> Void
    ) {
        (self.connection, self.keeper, self.answers, self.mark) = (connection, keeper, answers, mark)
    }

    /// Whatever goes wrong with the connection ends it; the other side sees that.
    func run() async {
        try? await connection.executeThenClose { inbound, outbound in
            let hello = Hello(version: ProgramVersion.text, openAs: keeper.open?.member)
            try await outbound.write(try Frame(.hello, hello))
            var frames = inbound.makeAsyncIterator()
            // One of another form reads in our hello why nothing more comes.
            guard let first = try await frames.next(), first.kind == .hello,
                try first.value(Hello.self).form == Hello.current
            else { return }
            var current: Answering?
            defer { current?.end() }
            while let frame = try await frames.next() {
                switch frame.kind {
                case .question:
                    await current?.task.value
                    current = try begin(frame, outbound)
                case .chunk: await current?.exchange.incoming.put(frame.bytes)
                case .end: current?.exchange.incoming.end()
                case .cancel: current?.end()
                case .hello, .answer, .failure, .notice: return
                }
            }
        }
    }

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

    private func begin(
        _ frame: Frame, _ outbound: NIOAsyncChannelOutboundWriter<Frame>
    ) throws(AgentFault) -> Answering {
        let exchange = Exchange(try frame.asking(), keeper, connection.channel, outbound)
        mark(true)
        let task = Task { [answers, connection, mark] in
            let answer = await answers.answer(frame, exchange)
            exchange.incoming.fail()
            mark(false)
            if let answer { try? await connection.channel.writeAndFlush(answer) }
        }
        return Answering(task: task, exchange: exchange)
    }
}
