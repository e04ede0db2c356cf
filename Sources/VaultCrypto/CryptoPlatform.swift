// VaultCrypto implements the cryptographic constructions of docs/format.md, each in one place. It uses no files, SQL,
// clock or member names. Secrets are `SecretBytes`; a `[UInt8]` is public to anyone who has the vault's file.

internal import CSodium
@_exported public import VaultMemory

/// The capabilities of this CPU.
public enum CryptoPlatform {
    /// Whether the CPU has the AES instructions that libsodium requires.
    ///
    /// Without them swift-crypto's implementation is used, which produces the same bytes (case 11).
    public static var hasHardwareAES: Bool {
        SecretMemory.start()
        return crypto_aead_aes256gcm_is_available() == 1
    }
}
