import Synchronization
import Testing
import VaultCore

@testable import VaultAgent

@Suite struct ChunkStreamTests {
    private final class Counter: Sendable {
        let count = Atomic(0)
    }

    private let counter: Counter
    private let stream: ChunkStream

    init() {
        let counter = Counter()
        self.counter = counter
        stream = ChunkStream { _ = counter.count.add(1, ordering: .relaxed) }
    }

    /// How often the stream was ready for another chunk.
    private var ready: Int { counter.count.load(ordering: .relaxed) }

    @Test func `delivers chunks in order, and then the end`() async throws {
        for number in 0..<100 { stream.put([UInt8(number)]) }
        stream.finish()
        // After the end, chunks are discarded.
        stream.put([1])
        for number in 0..<100 { #expect(try await stream.next() == [UInt8(number)]) }
        #expect(try await stream.next() == nil)
        #expect(try await stream.next() == nil)
    }

    @Test func `is ready for another chunk once a chunk is taken`() async throws {
        stream.put([1])
        #expect(ready == 0)
        #expect(try await stream.next() == [1])
        #expect(ready == 1)
    }

    @Test func `a waiting consumer gets the chunk and then the end`() async throws {
        let consumer = Task { [stream] in [try await stream.next(), try await stream.next()] }
        stream.put([1])
        stream.finish()
        #expect(try await consumer.value == [[1], nil])
    }

    @Test func `finishing keeps the chunk put before`() async throws {
        stream.put([1])
        stream.finish()
        #expect(try await stream.next() == [1])
        #expect(try await stream.next() == nil)
    }

    @Test func `discards a chunk after the end, and is ready for another`() async throws {
        stream.finish()
        #expect(try await stream.next() == nil)
        #expect(ready == 0)
        stream.put([1])
        #expect(ready == 1)
    }

    @Test func `canceling the consumer ends the stream with an error`() async throws {
        let consumer = Task { [stream] in try await stream.next() }
        consumer.cancel()
        let result = await consumer.result
        #expect(throws: VaultError.interrupted) { try result.get() }
        stream.put([1])
        #expect(ready == 1)
    }
}
