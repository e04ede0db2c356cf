import CPlatform

/// A block of zeros of its own pages, locked and left out of core dumps where the system allows, wiped at the end.
///
/// Made for what is derived from secrets. Locking is best effort, as the system's limit may be small: the owner of the
/// secrets themselves is the one who says so to the user.
@safe package final class WipedMemory {
    package let bytes: UnsafeMutableRawBufferPointer

    /// Traps when the system has no memory left, as every allocation of the language does.
    package init(count: Int) {
        let start = unsafe platform_map(count)!
        unsafe bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    deinit {
        unsafe platform_unmap(bytes.baseAddress, bytes.count)
    }
}
