import VaultMasking
import VaultMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What comes from a descriptor, kept in wiped memory up to a limit; what is beyond it is read and dropped, so that
/// whoever writes is not kept waiting.
final class CollectedBytes {
    let source: OpenDescriptor
    private let memory: WipedMemory
    private let limit: Int
    private var count = 0
    /// More came than there is room for.
    private(set) var isOverfull = false

    init(from source: OpenDescriptor, limit: Int) {
        self.source = source
        self.limit = limit
        // The room behind the limit is where the rest is read to.
        memory = WipedMemory(count: limit + 4096)
    }

    /// Takes what is there, and closes at its end.
    func take() {
        guard source.isOpen else { return }
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...])
        let taken = unsafe read(source.number, room.baseAddress, room.count)
        if taken > 0 {
            isOverfull = isOverfull || count + taken > limit
            count = min(limit, count + taken)
        } else if taken == 0 || (errno != EAGAIN && errno != EINTR) {
            source.close()
        }
    }

    /// A copy, with its own owner.
    var secret: SharedSecret { SharedSecret(unsafe SecretBytes(copying: bytes)) }

    /// Writes it to one of our streams with these secrets masked; a beginning of one at an end that was cut is left out.
    func write(to descriptor: Int32, masking secrets: [any LentBytes]) {
        let writer = OutputWriter(to: descriptor, interrupted: {})
        var masker = Masker(PatternSet(masking: secrets), room: limit)
        _ = unsafe masker.take(
            { room in
                unsafe room.copyMemory(from: bytes)
                return count
            }, emit: { bytes in unsafe writer.append(bytes) })
        if !isOverfull { unsafe masker.finish { bytes in unsafe writer.append(bytes) } }
        writer.flush()
    }

    private var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: memory.bytes[..<count])
    }
}
