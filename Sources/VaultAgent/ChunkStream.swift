import Synchronization
import VaultCore

/// A stream of chunks from one task to another with a buffer of one: `put` returns once its chunk is taken.
final class ChunkStream: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    private let state = Mutex(State())

    private struct State {
        var chunk: [UInt8]?
        var end: End?
        var producer: CheckedContinuation<Void, Never>?
        var consumer: CheckedContinuation<[UInt8]?, any Error>?
    }

    private enum End { case finished, failed }

    /// Hands over a chunk. After the end, chunks are discarded.
    func put(_ bytes: [UInt8]) async {
        await withCheckedContinuation { (producer: CheckedContinuation<Void, Never>) in
            let (isDone, consumer) = state.withLock { state in
                if state.end != nil { return (true, nil as CheckedContinuation<[UInt8]?, any Error>?) }
                if let consumer = state.consumer {
                    state.consumer = nil
                    return (true, consumer)
                }
                (state.chunk, state.producer) = (bytes, producer)
                return (false, nil)
            }
            consumer?.resume(returning: bytes)
            if isDone { producer.resume() }
        }
    }

    /// Ends the stream after the chunks put so far.
    func finish() { end(.finished) }

    /// Ends the stream at once, since one side is gone: the consumer gets `interrupted`, and the producer continues.
    func fail() { end(.failed) }

    private func end(_ end: End) {
        let (producer, consumer) = state.withLock { state in
            guard state.end == nil else {
                return (nil, nil)
                    as (CheckedContinuation<Void, Never>?, CheckedContinuation<[UInt8]?, any Error>?)
            }
            defer { (state.producer, state.consumer) = (nil, nil) }
            state.end = end
            if end == .failed { state.chunk = nil }
            return (state.producer, state.consumer)
        }
        producer?.resume()
        if end == .finished {
            consumer?.resume(returning: nil)
        } else {
            consumer?.resume(throwing: VaultError.interrupted)
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let stream: ChunkStream

        func next() async throws -> [UInt8]? { try await stream.take() }
    }

    private func take() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { consumer in
                let (result, producer) = state.withLock { state in
                    if let chunk = state.chunk {
                        defer { (state.chunk, state.producer) = (nil, nil) }
                        return (.success(chunk) as Result<[UInt8]?, any Error>?, state.producer)
                    }
                    switch state.end {
                    case .finished: return (.success(nil), nil)
                    case .failed: return (.failure(VaultError.interrupted), nil)
                    case nil:
                        state.consumer = consumer
                        return (nil, nil)
                    }
                }
                producer?.resume()
                if let result { consumer.resume(with: result) }
            }
        } onCancel: {
            fail()
        }
    }
}
