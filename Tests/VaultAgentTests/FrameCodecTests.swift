import NIOCore
import NIOEmbedded
import Testing
import VaultWire

@testable import VaultAgent

/// Time is the test's: an embedded event loop has a clock of its own.
@Suite struct FrameCodecTests {
    private let codec = FrameCodec(Budget())
    private let channel = EmbeddedChannel()

    init() throws {
        try channel.pipeline.syncOperations.addHandler(codec)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/nowhere")).wait()
    }

    /// The bytes of a frame, but for the last few.
    private func cut(_ frame: Frame) -> ByteBuffer {
        var buffer = ByteBuffer()
        unsafe frame.write { unsafe _ = buffer.writeBytes($0) }
        return buffer.getSlice(at: 0, length: buffer.readableBytes - 3)!
    }

    @Test func `whoever begins a frame has ten seconds to end it`() throws {
        try channel.writeInbound(cut(Frame(chunk: [1, 2, 3, 4, 5])))
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }

    @Test func `nobody is late while this side does not listen, and then has the time again`() throws {
        try channel.writeInbound(cut(Frame(chunk: [1, 2, 3, 4, 5])))
        codec.isHeldUp = true
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(channel.isActive)
        codec.isHeldUp = false
        channel.embeddedEventLoop.advanceTime(by: .seconds(11))
        #expect(!channel.isActive)
    }
}
