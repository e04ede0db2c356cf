internal import CSodium

/// The key derivation `B2b(key, purpose, data, n)`.
///
/// BLAKE2b with a key of 32 bytes, the purpose as the personalization and a zero salt (docs/format.md, section 1).
struct Derivation: Sendable {
    /// The purpose in ASCII, padded with zero bytes to 16.
    private let personal: (UInt64, UInt64)

    init(_ purpose: StaticString) {
        precondition(purpose.utf8CodeUnitCount <= 16, "a purpose has at most 16 bytes")
        var bytes: (UInt64, UInt64) = (0, 0)
        unsafe withUnsafeMutableBytes(of: &bytes) { buffer in
            unsafe buffer.copyMemory(
                from: UnsafeRawBufferPointer(start: purpose.utf8Start, count: purpose.utf8CodeUnitCount))
        }
        personal = bytes
    }

    /// Derives `out.count` bytes (1 to 64) from a key of 32 bytes.
    func derive(
        into out: UnsafeMutableRawBufferPointer, key: UnsafeRawPointer, data: UnsafeRawBufferPointer
    ) {
        let code = unsafe withUnsafeBytes(of: personal) { personal in
            unsafe crypto_generichash_blake2b_salt_personal(
                out.baseAddress!, out.count, data.baseAddress, UInt64(data.count), key, 32, nil,
                personal.baseAddress)
        }
        precondition(code == 0, "BLAKE2b failed")
    }

    /// Derives 32 bytes from a key of 32 bytes and public data.
    func secret(from key: borrowing SecretBytes, data: [UInt8] = []) -> SecretBytes {
        precondition(key.count == 32, "a key has 32 bytes")
        return unsafe SecretBytes(count: 32) { out in
            unsafe data.withUnsafeBytes { unsafe derive(into: out, key: key.base, data: $0) }
        }
    }

    /// Derives 32 public bytes from a key of 32 bytes.
    func publicBytes(from key: borrowing SecretBytes) -> [UInt8] {
        unsafe secret(from: key).withUnsafeBytes { unsafe [UInt8]($0) }
    }

    static let sign = Derivation("vault/sign")
    static let receive = Derivation("vault/receive")
    static let slotFile = Derivation("vault/slot-file")
    static let slotCode = Derivation("vault/slot-code")
    static let deposit = Derivation("vault/deposit")
    static let commit = Derivation("vault/commit")
    static let codeCheck = Derivation("vault/code-check")
}
