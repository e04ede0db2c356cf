import NIOCore
import VaultCore
import VaultWire

/// A request while it is being performed: its streams, its notices and its access to the vault.
///
/// The performing task is canceled when the client no longer waits, and when the vault is locked.
struct ActiveRequest: Sendable {
    let context: RequestContext
    let sessions: SessionManager
    /// The request's stream.
    let incoming = ChunkStream()
    private let channel: any Channel

    init(_ context: RequestContext, _ sessions: SessionManager, _ channel: any Channel) {
        (self.context, self.sessions, self.channel) = (context, sessions, channel)
    }

    /// Sends bytes of the answer's stream. Waits while the client does not read.
    func send(_ bytes: [UInt8]) async throws(VaultError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try await write(Frame(chunk: Array(rest.prefix(Frame.Limit.chunk))))
            rest = rest.dropFirst(Frame.Limit.chunk)
        }
    }

    /// Sends the answer itself, of a request without streams.
    func send(answer: Frame) { channel.writeAndFlush(answer, promise: nil) }

    /// Ends the answer's stream; the answer itself follows.
    func endStream() async throws(VaultError) { try await write(Frame(.end)) }

    private func write(_ frame: Frame) async throws(VaultError) {
        do { try await channel.writeAndFlush(frame) } catch {
            throw sessions.current == nil ? .agent(.lockedDuringRequest) : .interrupted
        }
    }

    /// Sends a notice to the client. Progress is dropped while the client does not read.
    func notify(_ notice: Notice) {
        if case .progress = notice, !channel.isWritable { return }
        guard let frame = try? Frame(.notice, notice) else { return }
        channel.writeAndFlush(frame, promise: nil)
    }

    /// Calls `body` with the unlocked vault, on the vault's thread.
    func withVault<T: Sendable>(
        _ body: @Sendable (Unlocked) throws(VaultError) -> T
    ) async throws(VaultError) -> T {
        try await sessions.withVault(for: context, notice: { notify($0) }, body)
    }
}
