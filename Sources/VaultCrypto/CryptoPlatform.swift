// The room's rule: bytes in, bytes out. No files, no SQL, no clock, no names of people. Everything here is the
// construction of docs/format.md, each part written once. What is secret lives in `SecretBytes`; a `[UInt8]` in
// a signature means that the value may be seen by anybody who has the vault's file.

internal import CSodium
internal import Synchronization
@_exported public import VaultMemory

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What the machine under the process offers, and the one start of libsodium.
public enum CryptoPlatform {
    private static let started: Bool = {
        SecretMemory.start()
        // A child of fork inherits every buffer of random bytes drawn ahead; the count tells it to draw anew.
        guard pthread_atfork(nil, nil, { forkCount.add(1, ordering: .relaxed) }) == 0 else {
            fatalError("the fork handler could not be set")
        }
        return true
    }()

    /// Initialises libsodium; every entry into the room does it, so that calling it is only a matter of timing.
    ///
    /// Safe from any thread and any number of times. A failure ends the process: without a random generator
    /// nothing may be written (case 9).
    public static func start() { _ = started }

    /// Whether the CPU has the instructions that libsodium's AES-256-GCM needs.
    ///
    /// Where it has not, swift-crypto's implementation makes the same bytes (case 11).
    public static var hasHardwareAES: Bool {
        start()
        return crypto_aead_aes256gcm_is_available() == 1
    }

    /// How often this process is the child of a fork since libsodium was started.
    static var forks: Int { forkCount.load(ordering: .relaxed) }
}

private let forkCount = Atomic<Int>(0)
