import Testing
import VaultCore

@testable import VaultAgent

@Suite struct ChunkStreamTests {
    private func all(_ stream: ChunkStream) async throws -> [[UInt8]] {
        var taken: [[UInt8]] = []
        for try await piece in stream { taken.append(piece) }
        return taken
    }

    @Test func `pieces come out in the order that they were put in, and then the end`() async throws {
        let stream = ChunkStream()
        async let taken = all(stream)
        for number in 0..<100 { await stream.put([UInt8(number)]) }
        stream.end()
        #expect(try await taken == (0..<100).map { [UInt8($0)] })
        // Behind the end nothing goes in, and nobody is kept waiting.
        await stream.put([1])
        #expect(try await all(stream) == [])
    }

    @Test func `whoever puts waits until it is taken`() async throws {
        let stream = ChunkStream()
        let giver = Task {
            await stream.put([1])
            stream.end()
        }
        let pieces = stream.makeAsyncIterator()
        #expect(try await pieces.next() == [1])
        await giver.value
        #expect(try await pieces.next() == nil)
    }

    @Test func `an end keeps what was put before it`() async throws {
        let stream = ChunkStream()
        let giver = Task { await stream.put([1]) }
        // The giver waits, or has not come yet: either way its piece is there first.
        let pieces = stream.makeAsyncIterator()
        #expect(try await pieces.next() == [1])
        await giver.value
        stream.end()
        #expect(try await pieces.next() == nil)
    }

    @Test func `one that is cut fails for who takes, and frees who gives`() async throws {
        let stream = ChunkStream()
        let giver = Task { await stream.put([1]) }
        let taker = Task { try await all(stream) }
        stream.fail()
        await giver.value
        let result = await taker.result
        // The piece may have been taken before the cut; the end is never taken for a whole one.
        #expect(throws: VaultError.interrupted) { try result.get() }
        await stream.put([2])
    }

    @Test func `a taker who is cancelled frees who gives`() async throws {
        let stream = ChunkStream()
        let taker = Task { try await all(stream) }
        taker.cancel()
        let result = await taker.result
        #expect(throws: VaultError.interrupted) { try result.get() }
        await stream.put([1])
    }
}
