import Synchronization
import VaultCore

/// Pieces that one task hands to another, one at a time: whoever gives waits until the last one was taken.
final class ChunkStream: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    private let state = Mutex(State())

    private struct State {
        var chunk: [UInt8]?
        var end: End?
        var giver: CheckedContinuation<Void, Never>?
        var taker: CheckedContinuation<[UInt8]?, any Error>?
    }

    private enum End { case whole, cut }

    /// Hands a piece over. One that comes after the end goes nowhere.
    func put(_ bytes: [UInt8]) async {
        await withCheckedContinuation { (giver: CheckedContinuation<Void, Never>) in
            let (now, taker) = state.withLock { state in
                if state.end != nil { return (true, nil as CheckedContinuation<[UInt8]?, any Error>?) }
                if let taker = state.taker {
                    state.taker = nil
                    return (true, taker)
                }
                (state.chunk, state.giver) = (bytes, giver)
                return (false, nil)
            }
            taker?.resume(returning: bytes)
            if now { giver.resume() }
        }
    }

    /// Nothing more comes.
    func end() { finish(.whole) }

    /// Nothing more comes, or is taken: one side has gone.
    func fail() { finish(.cut) }

    private func finish(_ end: End) {
        let (giver, taker) = state.withLock { state in
            guard state.end == nil else {
                return (nil, nil)
                    as (CheckedContinuation<Void, Never>?, CheckedContinuation<[UInt8]?, any Error>?)
            }
            defer { (state.giver, state.taker) = (nil, nil) }
            state.end = end
            if end == .cut { state.chunk = nil }
            return (state.giver, state.taker)
        }
        giver?.resume()
        if end == .whole {
            taker?.resume(returning: nil)
        } else {
            taker?.resume(throwing: VaultError.interrupted)
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let stream: ChunkStream

        func next() async throws -> [UInt8]? { try await stream.take() }
    }

    private func take() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { taker in
                let (result, giver) = state.withLock { state in
                    if let chunk = state.chunk {
                        defer { (state.chunk, state.giver) = (nil, nil) }
                        return (.success(chunk) as Result<[UInt8]?, any Error>?, state.giver)
                    }
                    switch state.end {
                    case .whole: return (.success(nil), nil)
                    case .cut: return (.failure(VaultError.interrupted), nil)
                    case nil:
                        state.taker = taker
                        return (nil, nil)
                    }
                }
                giver?.resume()
                if let result { taker.resume(with: result) }
            }
        } onCancel: {
            fail()
        }
    }
}
