package import NIOCore
import VaultMemory

/// Puts the header lines that hold a secret into a request, behind everything else that knows of it.
///
/// So a secret is in no `String` and no header of a library: it is copied from locked memory into one buffer, which
/// goes to TLS and is wiped when it was written.
final class SecretLines: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// For the next request: whole lines, each with its CR LF.
    var lines: SharedSecret?
    private var buffer = ByteBuffer()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let lines = self.lines else { return context.write(data, promise: promise) }
        self.lines = nil
        let head = unwrapOutboundIn(data)
        buffer.clear(minimumCapacity: head.readableBytes + lines.bytes.count)
        // The encoder writes a head in one piece; its last two bytes are the empty line.
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
    /// Overwrites what can be read, in place: whoever else refers to that memory must be done with it.
    ///
    /// Not by the buffer's own writing, which would copy what another one refers to, and leave it as it was.
    package func wipe() {
        unsafe withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe SecretMemory.wipe(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }
}
