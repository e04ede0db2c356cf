// VaultCrypto implements the cryptographic constructions of docs/format.md, each in one place. It uses no files, SQL,
// clock or member names. Secrets are `SecretBytes`; a `[UInt8]` is public to anyone who has the vault's file.

internal import CSodium
import Libc
internal import Synchronization
@_exported public import VaultMemory

/// The initialization of libsodium, and the capabilities of this CPU.
public enum CryptoPlatform {
    private static let started: Bool = {
        SecretMemory.start()
        // A forked child inherits buffers of random bytes; the count tells it to discard them.
        guard pthread_atfork(nil, nil, { forkCount.add(1, ordering: .relaxed) }) == 0 else {
            fatalError("the fork handler could not be set")
        }
        return true
    }()

    /// Initializes libsodium. Every entry point of the module does so first.
    ///
    /// Safe from any thread and any number of times. A failure ends the process: nothing may be written without a
    /// random number generator (case 9).
    static func start() { _ = started }

    /// Whether the CPU has the AES instructions that libsodium requires.
    ///
    /// Without them swift-crypto's implementation is used, which produces the same bytes (case 11).
    public static var hasHardwareAES: Bool {
        start()
        return crypto_aead_aes256gcm_is_available() == 1
    }

    /// The number of forks between the process that started libsodium and this one.
    static var forks: Int { forkCount.load(ordering: .relaxed) }
}

private let forkCount = Atomic<Int>(0)
