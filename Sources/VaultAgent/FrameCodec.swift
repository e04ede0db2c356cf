import NIOCore
import VaultBroker
import VaultWire

/// Decodes and encodes the frames of one connection.
///
/// The event loop's buffers are plain memory, so each is wiped once its bytes are decoded or written.
final class FrameCodec: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Frame
    typealias OutboundIn = Frame
    typealias OutboundOut = ByteBuffer

    /// How long a frame may take to arrive, and a frame with secrets to be written.
    private static let frameTimeout = TimeAmount.seconds(10)

    private var reader = FrameReader()
    private let memoryLimiter: FrameMemoryLimiter
    private var reportedBytes = 0
    private var timeout: Scheduled<Void>?
    /// Whether this side has stopped reading, so that the client cannot complete a frame. Suspends the timeout.
    var isPaused = false

    init(_ memoryLimiter: FrameMemoryLimiter) { self.memoryLimiter = memoryLimiter }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        defer { buffer.wipe() }
        do {
            try unsafe buffer.withUnsafeReadableBytes { bytes in
                var place = 0
                while let frame = unsafe try reader.take(bytes, from: &place) {
                    cancelTimeout()
                    context.fireChannelRead(wrapInboundOut(frame))
                }
            }
        } catch {
            return context.close(promise: nil)
        }
        let buffered = reader.bufferedBytes
        guard reportMemory(buffered) else { return context.close(promise: nil) }
        if buffered > 0, timeout == nil { startTimeout(context) }
    }

    private func startTimeout(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timeout = context.eventLoop.scheduleTask(in: Self.frameTimeout) {
            let (codec, context) = bound.value
            if codec.isPaused { codec.startTimeout(context) } else { context.close(promise: nil) }
        }
    }

    /// Returns whether the connection may occupy this many bytes.
    private func reportMemory(_ bytes: Int) -> Bool {
        defer { reportedBytes = bytes }
        return memoryLimiter.change(by: bytes - reportedBytes)
    }

    private func cancelTimeout() {
        timeout?.cancel()
        timeout = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelTimeout()
        _ = reportMemory(0)
        context.fireChannelInactive()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let frame = unwrapOutboundIn(data)
        var buffer = context.channel.allocator.buffer(capacity: frame.size)
        unsafe frame.write { unsafe _ = buffer.writeBytes($0) }
        guard !frame.secrets.isEmpty else {
            return context.write(wrapOutboundOut(buffer), promise: promise)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let timeout = context.eventLoop.scheduleTask(in: Self.frameTimeout) {
            bound.value.close(promise: nil)
        }
        written.futureResult.whenComplete { [buffer] _ in
            timeout.cancel()
            buffer.wipe()
        }
        written.futureResult.cascade(to: promise)
        context.write(wrapOutboundOut(buffer), promise: written)
    }
}
