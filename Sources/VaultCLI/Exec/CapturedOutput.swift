import Libc
import VaultMasking
import VaultMemory

/// Captures the bytes of a descriptor in wiped memory, up to a limit.
///
/// Bytes beyond the limit are read and dropped, so that the writer does not block.
final class CapturedOutput {
    let source: OpenDescriptor
    private let memory: WipedMemory
    private let limit: Int
    private var count = 0
    /// Whether bytes beyond the limit were dropped.
    private(set) var isTruncated = false

    init(from source: OpenDescriptor, limit: Int) {
        self.source = source
        self.limit = limit
        // The space after the limit receives the bytes that are dropped.
        memory = WipedMemory(count: limit + 4096)
    }

    /// Reads the available bytes, and closes the descriptor at its end.
    func take() {
        guard source.isOpen else { return }
        let space = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...])
        let taken = unsafe read(source.number, space.baseAddress, space.count)
        if taken > 0 {
            isTruncated = isTruncated || count + taken > limit
            count = min(limit, count + taken)
        } else if taken == 0 || (errno != EAGAIN && errno != EINTR) {
            source.close()
        }
    }

    /// A copy of the bytes.
    var secret: SharedSecret { SharedSecret(unsafe SecretBytes(copying: bytes)) }

    /// Writes the bytes to a descriptor with secrets masked. A partial secret at a truncated end is omitted.
    func write(to descriptor: Int32, masking secrets: [SharedSecret]) {
        let writer = OutputWriter(to: descriptor, interrupted: {})
        var masker = Masker(PatternSet(masking: secrets), chunkSize: limit)
        _ = unsafe masker.take(
            { buffer in
                unsafe buffer.copyMemory(from: bytes)
                return count
            }, emit: { bytes in unsafe writer.append(bytes) })
        if !isTruncated { unsafe masker.finish { bytes in unsafe writer.append(bytes) } }
        writer.flush()
    }

    private var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: memory.bytes[..<count])
    }
}
