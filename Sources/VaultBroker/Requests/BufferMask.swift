import NIOCore
import VaultMasking

/// Masks secrets in a stream of buffers.
final class BufferMask {
    private let patterns: PatternSet
    /// Created at the first possible match. Until then, buffers pass through without a copy.
    private var masker: Masker?

    init(_ patterns: PatternSet) { self.patterns = patterns }

    /// Returns the output that is final after these bytes. Wipes the buffer if it contains part of a secret.
    func take(_ buffer: ByteBuffer) -> ByteBuffer {
        let isPlain = unsafe buffer.withUnsafeReadableBytes { unsafe patterns.hasNoMatch(in: $0) }
        if masker == nil {
            if isPlain { return buffer }
            masker = Masker(patterns, chunkSize: 65_536)
        } else if isPlain, masker!.passThrough() {
            return buffer
        }
        var output = ByteBufferAllocator().buffer(capacity: buffer.readableBytes)
        unsafe buffer.withUnsafeReadableBytes { bytes in
            var place = 0
            while place < bytes.count {
                place += unsafe masker!.take(
                    { space in
                        let count = min(space.count, bytes.count - place)
                        unsafe space.copyMemory(
                            from: UnsafeRawBufferPointer(rebasing: bytes[place..<place + count]))
                        return count
                    }, emit: { unsafe output.writeBytes($0) })
            }
        }
        buffer.wipe()
        return output
    }

    /// Returns the output that was held back.
    func finish() -> ByteBuffer {
        var output = ByteBuffer()
        if masker != nil { unsafe masker!.finish { unsafe output.writeBytes($0) } }
        return output
    }
}

extension PatternSet {
    /// Masks secrets in a text.
    func masked(_ text: String) -> String {
        var text = text
        let isPlain = text.withUTF8 { unsafe !matches(in: UnsafeRawBufferPointer($0)) }
        if isPlain { return text }
        let mask = BufferMask(self)
        let (start, rest) = (mask.take(ByteBuffer(string: text)), mask.finish())
        return String(buffer: start) + String(buffer: rest)
    }
}
