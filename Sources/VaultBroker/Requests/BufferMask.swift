import NIOCore
import VaultMasking

/// A masked stream of buffers.
struct BufferMask: ~Copyable {
    private var masker: Masker

    init(_ patterns: PatternSet) { masker = Masker(patterns, room: 65_536) }

    /// What is certain after these bytes.
    mutating func take(_ buffer: ByteBuffer) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(buffer.readableBytes)
        unsafe buffer.withUnsafeReadableBytes { bytes in
            var place = 0
            while place < bytes.count {
                place += unsafe masker.take(
                    { room in
                        let count = min(room.count, bytes.count - place)
                        unsafe room.copyMemory(
                            from: UnsafeRawBufferPointer(rebasing: bytes[place..<place + count]))
                        return count
                    }, emit: { unsafe output += $0 })
            }
        }
        return output
    }

    mutating func finish() -> [UInt8] {
        var output: [UInt8] = []
        unsafe masker.finish { unsafe output += $0 }
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
        let bytes = mask.take(ByteBuffer(string: text)) + mask.finish()
        return String(decoding: bytes, as: UTF8.self)
    }
}
