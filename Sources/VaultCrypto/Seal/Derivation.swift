internal import CSodium

/// The key derivation `B2b(key, purpose, data, n)`.
///
/// BLAKE2b with a key of 32 bytes, the purpose as the personalization and a zero salt (docs/format.md, section 1).
struct Derivation: Sendable {
    /// The purpose in ASCII, padded with zero bytes to 16.
    private let personal: [UInt8]

    init(_ purpose: String) {
        let padding = 16 - purpose.utf8.count
        precondition(padding >= 0, "a purpose has at most 16 bytes")
        personal = Array(purpose.utf8) + [UInt8](repeating: 0, count: padding)
    }

    /// Derives `out.count` bytes (1 to 64) from a key of 32 bytes.
    func derive(
        into out: UnsafeMutableRawBufferPointer, key: UnsafeRawPointer, data: UnsafeRawBufferPointer
    ) {
        let code = unsafe crypto_generichash_blake2b_salt_personal(
            out.baseAddress!, out.count, data.baseAddress, UInt64(data.count), key, 32, nil, personal)
        precondition(code == 0, "BLAKE2b failed")
    }

    /// Derives 32 bytes from a key of 32 bytes and public data.
    func secret(from key: borrowing SecretBytes, data: [UInt8] = []) -> SecretBytes {
        precondition(key.count == 32, "a key has 32 bytes")
        return unsafe SecretBytes(count: 32) { out in
            unsafe data.withUnsafeBytes { unsafe derive(into: out, key: key.base, data: $0) }
        }
    }

    static let sign = Derivation("vault/sign")
    static let receive = Derivation("vault/receive")
    static let slotFile = Derivation("vault/slot-file")
    static let slotCode = Derivation("vault/slot-code")
    static let deposit = Derivation("vault/deposit")
    static let commit = Derivation("vault/commit")
    static let codeCheck = Derivation("vault/code-check")
}
