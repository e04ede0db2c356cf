import NIOCore
import NIOEmbedded
import Testing
import VaultWire

@testable import VaultAgent

/// An embedded event loop lets the tests control the time.
@Suite struct FrameCodecTests {
    private let codec = FrameCodec(FrameMemoryLimiter())
    private let channel = EmbeddedChannel()

    init() throws {
        try channel.pipeline.syncOperations.addHandler(codec)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/nowhere")).wait()
    }

    /// The bytes of a frame without the last three.
    private func cut(_ frame: Frame) -> ByteBuffer {
        var buffer = ByteBuffer()
        unsafe frame.write { unsafe _ = buffer.writeBytes($0) }
        return buffer.getSlice(at: 0, length: buffer.readableBytes - 3)!
    }

    @Test func `closes a connection with an incomplete frame after ten seconds`() throws {
        try channel.writeInbound(cut(Frame(chunk: [1, 2, 3, 4, 5])))
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }

    @Test func `does not count the time while reading is paused`() throws {
        try channel.writeInbound(cut(Frame(chunk: [1, 2, 3, 4, 5])))
        codec.isPaused = true
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(channel.isActive)
        codec.isPaused = false
        channel.embeddedEventLoop.advanceTime(by: .seconds(11))
        #expect(!channel.isActive)
    }
}
