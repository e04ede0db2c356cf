import NIOCore
import VaultBroker
import VaultCore
import VaultWire

/// A running request: its streams, its notices and its access to the vault.
///
/// The performing task is canceled when the client no longer waits, and when the vault is locked.
struct ActiveRequest: Sendable {
    let context: RequestContext
    let sessions: SessionManager
    let channel: any Channel
    /// The request's stream.
    let incoming: ChunkStream

    var network: NetworkService { sessions.network }

    func send(_ frame: Frame) { channel.writeAndFlush(frame, promise: nil) }

    /// Sends a frame. Waits while the client does not read.
    func write(_ frame: Frame) async throws(VaultError) {
        do { try await channel.writeAndFlush(frame) } catch {
            throw sessions.current == nil ? .agent(.lockedDuringRequest) : .interrupted
        }
    }

    /// Sends a notice to the client. Progress is dropped while the client does not read.
    func notify(_ notice: Notice) {
        if case .progress = notice, !channel.isWritable { return }
        if let frame = try? Frame(.notice, notice) { send(frame) }
    }

    /// Calls `body` with the unlocked vault, on the vault's thread.
    func withVault<T: Sendable>(
        _ body: @Sendable (Unlocked) throws(VaultError) -> T
    ) async throws(VaultError) -> T {
        try await sessions.withVault(for: context, notice: { notify($0) }, body)
    }
}

extension ActiveRequest: VaultPerformer {
    func perform<O: Operation>(_ operation: O) async throws(VaultError) -> O.Answer {
        try await withVault { (unlocked) throws(VaultError) in try unlocked.perform(operation) }
    }
}

/// The request's stream is the body of an HTTP request, and the answer's stream is the response.
extension ActiveRequest: RequestDelegate {
    func nextBodyChunk() async throws(VaultError) -> [UInt8]? { try await incoming.next() }

    func didReceive(_ head: ResponseHead) async throws(VaultError) {
        let bytes = try ResponseHeadChunk(
            status: head.status, reason: head.reason, headers: head.headers.map { [$0.name, $0.value] }
        ).encoded()
        // The client expects the head in one chunk.
        guard bytes.count <= Frame.Limit.chunk else { throw .outside(.malformed(host: head.host)) }
        try await didReceive(bytes)
    }

    func didReceive(_ bytes: [UInt8]) async throws(VaultError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try await write(Frame(chunk: Array(rest.prefix(Frame.Limit.chunk))))
            rest = rest.dropFirst(Frame.Limit.chunk)
        }
    }
}
