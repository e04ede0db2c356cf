import NIOCore
import VaultMasking

/// A masked stream of buffers.
struct BufferMask: ~Copyable {
    private let patterns: PatternSet
    /// Made when there is something to mask or to hold: until then buffers go through as they are.
    private var masker: Masker?

    init(_ patterns: PatternSet) { self.patterns = patterns }

    /// What is certain after these bytes. A buffer with something of a secret in it is wiped when that was taken over.
    mutating func take(_ buffer: ByteBuffer) -> ByteBuffer {
        let isPlain = unsafe buffer.withUnsafeReadableBytes { unsafe patterns.leavesAlone($0) }
        if masker == nil {
            if isPlain { return buffer }
            masker = Masker(patterns, room: 65_536)
        } else if isPlain, masker!.passes() {
            return buffer
        }
        var output = ByteBufferAllocator().buffer(capacity: buffer.readableBytes)
        unsafe buffer.withUnsafeReadableBytes { bytes in
            var place = 0
            while place < bytes.count {
                place += unsafe masker!.take(
                    { room in
                        let count = min(room.count, bytes.count - place)
                        unsafe room.copyMemory(
                            from: UnsafeRawBufferPointer(rebasing: bytes[place..<place + count]))
                        return count
                    }, emit: { unsafe output.writeBytes($0) })
            }
        }
        buffer.wipe()
        return output
    }

    mutating func finish() -> ByteBuffer {
        var output = ByteBuffer()
        if masker != nil { unsafe masker!.finish { unsafe output.writeBytes($0) } }
        return output
    }
}

extension PatternSet {
    /// A text with its secrets masked.
    func masked(_ text: String) -> String {
        var text = text
        let isPlain = text.withUTF8 { unsafe !matches(in: UnsafeRawBufferPointer($0)) }
        if isPlain { return text }
        var mask = BufferMask(self)
        let (start, rest) = (mask.take(ByteBuffer(string: text)), mask.finish())
        return String(buffer: start) + String(buffer: rest)
    }
}
