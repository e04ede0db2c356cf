import CPlatform

/// A zeroed block of separate pages, excluded from core dumps where the system supports it, and wiped when released.
///
/// For data derived from secrets. Locked on a best-effort basis, without a warning: the owner of the secrets warns the user
/// if memory cannot be locked.
@safe package final class WipedMemory {
    /// The memory.
    package let bytes: UnsafeMutableRawBufferPointer

    /// Allocates `count` bytes. Traps if the system has no memory left.
    package init(count: Int) {
        let start = unsafe platform_map(count)!
        unsafe bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    deinit {
        unsafe platform_unmap(bytes.baseAddress, bytes.count)
    }
}
