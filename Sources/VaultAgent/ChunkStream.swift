import VaultCore

/// The chunks of a request's stream, from the event loop to the task that performs the request.
struct ChunkStream: Sendable {
    private let chunks = AsyncStream<[UInt8]>.makeStream()
    /// Called when a chunk is taken or discarded, so that the next one may be put.
    let onReady: @Sendable () -> Void

    /// Hands over a chunk. After the end, chunks are discarded.
    func put(_ bytes: [UInt8]) {
        if case .terminated = chunks.continuation.yield(bytes) { onReady() }
    }

    /// Ends the stream after the chunks put so far.
    func finish() { chunks.continuation.finish() }

    /// Waits for the next chunk; nil at the end.
    ///
    /// - Throws: `interrupted` if the task is canceled, which also ends the stream.
    func next() async throws(VaultError) -> [UInt8]? {
        var iterator = chunks.stream.makeAsyncIterator()
        let chunk = await iterator.next()
        if chunk != nil { onReady() } else if Task.isCancelled { throw .interrupted }
        return chunk
    }
}
