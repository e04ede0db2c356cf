package import NIOCore
import VaultMemory

/// Inserts the authorization's header lines into an encoded request head, as the last handler before TLS.
///
/// So a secret is never in a `String` or in a library's header type: it is copied from locked memory into one buffer,
/// which is wiped once it is written to TLS.
final class AuthorizationHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Whole lines for the next request, each with its CR LF.
    var lines: SharedSecret?
    private var buffer = ByteBuffer()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let lines = self.lines else { return context.write(data, promise: promise) }
        self.lines = nil
        let head = unwrapOutboundIn(data)
        buffer.clear(minimumCapacity: head.readableBytes + lines.bytes.count)
        // The encoder writes a head as one buffer, which ends with the CR LF of the empty line.
        buffer.writeImmutableBuffer(head.getSlice(at: head.readerIndex, length: head.readableBytes - 2)!)
        _ = unsafe lines.bytes.withUnsafeBytes { unsafe buffer.writeBytes($0) }
        buffer.writeStaticString("\r\n")
        let written = promise ?? context.eventLoop.makePromise()
        context.write(wrapOutboundOut(buffer), promise: written)
        let this = NIOLoopBound(self, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in this.value.wipe() }
    }

    private func wipe() {
        buffer.wipe()
        buffer.clear()
    }
}

extension ByteBuffer {
    /// Overwrites the readable bytes in place. No other buffer that shares the storage may still be in use.
    ///
    /// `setBytes` would copy shared storage on write, and leave the original bytes.
    package func wipe() {
        unsafe withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe SecretMemory.wipe(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }
}
