internal import CSodium

/// The one start of libsodium, and what the system lets secret memory be.
public enum SecretMemory {
    private static let started: Bool = {
        guard sodium_init() >= 0 else { fatalError("libsodium could not be initialised") }
        return true
    }()

    /// The largest secret and what stands around it.
    private static let probeSize = 65_536 + 4096

    /// Initialises libsodium; every entry into secret memory does it.
    ///
    /// Safe from any thread and any number of times. A failure ends the process: without a random generator
    /// nothing may be written.
    public static func start() { _ = started }

    /// Overwrites memory that is not this room's own, in a way that the compiler keeps.
    public static func wipe(_ start: UnsafeMutableRawPointer, _ count: Int) {
        unsafe sodium_memzero(start, count)
    }

    /// Whether secret memory is really kept out of swap.
    ///
    /// `sodium_malloc` succeeds when `mlock` fails, so this asks for a lock over as much as the largest secret
    /// needs, once more, and looks at the answer.
    public static var isLocked: Bool {
        var probe = SecretBytes(count: probeSize)
        return unsafe probe.withUnsafeMutableBytes { bytes in
            unsafe sodium_mlock(bytes.baseAddress!, bytes.count) == 0
        }
    }
}
