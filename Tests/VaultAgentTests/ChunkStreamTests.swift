import Testing
import VaultCore

@testable import VaultAgent

@Suite struct ChunkStreamTests {
    private func all(_ stream: ChunkStream) async throws -> [[UInt8]] {
        var taken: [[UInt8]] = []
        for try await chunk in stream { taken.append(chunk) }
        return taken
    }

    @Test func `delivers chunks in order, and then the end`() async throws {
        let stream = ChunkStream()
        async let taken = all(stream)
        for number in 0..<100 { await stream.put([UInt8(number)]) }
        stream.finish()
        #expect(try await taken == (0..<100).map { [UInt8($0)] })
        // After the end, chunks are discarded and `put` returns at once.
        await stream.put([1])
        #expect(try await all(stream) == [])
    }

    @Test func `put waits until the chunk is taken`() async throws {
        let stream = ChunkStream()
        let producer = Task {
            await stream.put([1])
            stream.finish()
        }
        let chunks = stream.makeAsyncIterator()
        #expect(try await chunks.next() == [1])
        await producer.value
        #expect(try await chunks.next() == nil)
    }

    @Test func `finishing keeps the chunk put before`() async throws {
        let stream = ChunkStream()
        let producer = Task { await stream.put([1]) }
        // Whether or not the producer has started, its chunk precedes the end.
        let chunks = stream.makeAsyncIterator()
        #expect(try await chunks.next() == [1])
        await producer.value
        stream.finish()
        #expect(try await chunks.next() == nil)
    }

    @Test func `failing throws to the consumer, and resumes the producer`() async throws {
        let stream = ChunkStream()
        let producer = Task { await stream.put([1]) }
        let consumer = Task { try await all(stream) }
        stream.fail()
        await producer.value
        let result = await consumer.result
        // The chunk may be taken before the failure, but the stream never ends normally.
        #expect(throws: VaultError.interrupted) { try result.get() }
        await stream.put([2])
    }

    @Test func `canceling the consumer resumes the producer`() async throws {
        let stream = ChunkStream()
        let consumer = Task { try await all(stream) }
        consumer.cancel()
        let result = await consumer.result
        #expect(throws: VaultError.interrupted) { try result.get() }
        await stream.put([1])
    }
}
