internal import CSodium

/// The initialization of libsodium, and the state of secret memory on this system.
public enum SecretMemory {
    private static let started: Bool = {
        guard sodium_init() >= 0 else { fatalError("libsodium could not be initialized") }
        return true
    }()

    /// Initializes libsodium. Every allocation of secret memory does so first.
    ///
    /// Safe from any thread and any number of times. A failure ends the process: nothing may be written without a
    /// random number generator.
    public static func start() { _ = started }

    /// Overwrites memory that this module does not own. The compiler does not remove the writes.
    ///
    /// - Parameters:
    ///   - start: the first byte.
    ///   - count: the number of bytes.
    public static func wipe(_ start: UnsafeMutableRawPointer, _ count: Int) {
        unsafe sodium_memzero(start, count)
    }

    /// Whether secret memory is in fact kept out of swap.
    ///
    /// `sodium_malloc` succeeds even if `mlock` fails, so this allocates as much as the longest secret needs and
    /// locks it again.
    public static var isLocked: Bool {
        var probe = SecretBytes(count: 65_536 + 4096)
        return unsafe probe.withUnsafeMutableBytes { bytes in
            unsafe sodium_mlock(bytes.baseAddress!, bytes.count) == 0
        }
    }
}
