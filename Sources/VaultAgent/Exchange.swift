import NIOCore
import VaultCore
import VaultWire

/// What goes on between a question and its answer: streams in both directions, and what a person should hear.
///
/// The task that answers is cancelled when nobody waits any more, and when the vault is locked.
struct Exchange: Sendable {
    let asking: Asking
    let keeper: Keeper
    /// The stream that belongs to the question.
    let incoming = ChunkStream()
    private let channel: any Channel

    init(_ asking: Asking, _ keeper: Keeper, _ channel: any Channel) {
        (self.asking, self.keeper, self.channel) = (asking, keeper, channel)
    }

    /// Sends a piece of the answer's stream; waits while the other side takes none.
    func send(_ bytes: [UInt8]) async throws(VaultError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try await write(Frame(chunk: Array(rest.prefix(Frame.Limit.chunk))))
            rest = rest.dropFirst(Frame.Limit.chunk)
        }
    }

    /// Sends the answer itself, of a question that has no stream.
    func send(answer: Frame) { channel.writeAndFlush(answer, promise: nil) }

    /// Ends the answer's stream; the answer itself comes behind it.
    func endStream() async throws(VaultError) { try await write(Frame(.end)) }

    private func write(_ frame: Frame) async throws(VaultError) {
        do { try await channel.writeAndFlush(frame) } catch {
            throw keeper.open == nil ? .agent(.lockedMeanwhile) : .interrupted
        }
    }

    /// Tells whoever asked. Progress is left out while they do not listen.
    func tell(_ notice: Notice) {
        if case .progress = notice, !channel.isWritable { return }
        guard let frame = try? Frame(.notice, notice) else { return }
        channel.writeAndFlush(frame, promise: nil)
    }

    /// Lends the unlocked vault for a moment, on its own thread.
    func withVault<T: Sendable>(
        _ body: @Sendable (Unlocked) throws(VaultError) -> T
    ) async throws(VaultError) -> T {
        try await keeper.use(for: asking, notice: { tell($0) }, body)
    }
}
