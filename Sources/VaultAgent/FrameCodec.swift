import NIOCore
import VaultBroker
import VaultWire

/// Bytes to frames and back, for one connection.
///
/// The event loop's buffers are plain memory: each is wiped as soon as its bytes were taken over or written.
final class FrameCodec: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Frame
    typealias OutboundIn = Frame
    typealias OutboundOut = ByteBuffer

    /// How long one frame may take to come, and one with secrets to be taken.
    private static let patience = TimeAmount.seconds(10)

    private var reader = FrameReader()
    private let budget: Budget
    private var counted = 0
    private var deadline: Scheduled<Void>?
    /// Whether this side reads nothing for now; nobody is late then.
    var isHeldUp = false

    init(_ budget: Budget) { self.budget = budget }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        defer { buffer.wipe() }
        do {
            try unsafe buffer.withUnsafeReadableBytes { bytes in
                var place = 0
                while let frame = unsafe try reader.take(bytes, from: &place) {
                    stopWaiting()
                    context.fireChannelRead(wrapInboundOut(frame))
                }
            }
        } catch {
            context.close(promise: nil)
            return
        }
        guard count(reader.isInside ? reader.held : 0) else {
            context.close(promise: nil)
            return
        }
        if reader.isInside, deadline == nil { beginWaiting(context) }
    }

    private func beginWaiting(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: Self.patience) {
            let (codec, context) = bound.value
            if codec.isHeldUp { codec.beginWaiting(context) } else { context.close(promise: nil) }
        }
    }

    /// Takes what this connection holds of all that unfinished frames may.
    private func count(_ held: Int) -> Bool {
        defer { counted = held }
        return budget.change(by: held - counted)
    }

    private func stopWaiting() {
        deadline?.cancel()
        deadline = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopWaiting()
        _ = count(0)
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
        let late = context.eventLoop.scheduleTask(in: Self.patience) { bound.value.close(promise: nil) }
        written.futureResult.whenComplete { [buffer] _ in
            late.cancel()
            buffer.wipe()
        }
        written.futureResult.cascade(to: promise)
        context.write(wrapOutboundOut(buffer), promise: written)
    }
}
