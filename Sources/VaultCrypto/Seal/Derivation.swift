internal import CSodium

/// `B2b(key, purpose, data, n)`: the one way in which a key comes from a key.
///
/// BLAKE2b keyed with 32 bytes, the purpose as its 16-byte personalisation, salt zero (docs/format.md, notation).
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

    /// Writes `out.count` (1 to 64) bytes, from a key of 32 bytes.
    func derive(
        into out: UnsafeMutableRawBufferPointer, key: UnsafeRawPointer, data: UnsafeRawBufferPointer
    ) {
        let code = unsafe withUnsafeBytes(of: personal) { personal in
            unsafe crypto_generichash_blake2b_salt_personal(
                out.baseAddress!, out.count, data.baseAddress, UInt64(data.count), key, 32, nil,
                personal.baseAddress)
        }
        precondition(code == 0, "BLAKE2b refused its sizes")
    }

    /// 32 bytes from a key of 32 bytes and public data.
    func secret(from key: borrowing SecretBytes, data: [UInt8] = []) -> SecretBytes {
        precondition(key.count == 32, "a key has 32 bytes")
        return unsafe SecretBytes(count: 32) { out in
            unsafe data.withUnsafeBytes { unsafe derive(into: out, key: key.base, data: $0) }
        }
    }

    /// 32 bytes that may be seen, from a key of 32 bytes.
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
