internal import CSodium

/// An HPKE context for one message (RFC 9180, section 5).
///
/// Only base mode and one cipher suite, so every length is 32. The sequence number of the only message is 0, so its
/// nonce is the base nonce (section 5.2). All secrets are in one allocation: the state of HMAC (256 bytes), the expanded
/// AES key (512), and three outputs of HMAC (32 each).
struct HPKEContext: ~Copyable {
    private static let schedule = 256
    private static let first = schedule + AESGCM.scheduleLength
    private static let second = first + 32
    private static let third = second + 32
    private static let length = third + 64

    private var memory = SecretBytes(count: length)

    /// Derives the key and the nonce.
    ///
    /// - Parameters:
    ///   - privateKey: the sender's ephemeral key, or the recipient's key.
    ///   - publicKey: the other side's key.
    ///   - encapsulated: the ephemeral public key.
    ///   - recipient: the recipient's public key.
    /// - Throws: `lowOrderPoint` if the shared point is zero (section 7.1.4).
    init(
        from privateKey: borrowing SecretBytes, with publicKey: [UInt8], encapsulated: [UInt8],
        recipient: [UInt8], info: [UInt8]
    ) throws(BoxError) {
        let point = unsafe memory.base + Self.first
        let code = unsafe crypto_scalarmult_curve25519(
            point.assumingMemoryBound(to: UInt8.self), privateKey.base.assumingMemoryBound(to: UInt8.self),
            publicKey)
        guard code == 0 else { throw .lowOrderPoint }
        decapsulate(context: encapsulated + recipient)
        scheduleKeys(info: info)
    }

    /// Derives the shared secret (section 4.1, `ExtractAndExpand`), from `first` into `third`.
    private mutating func decapsulate(context: [UInt8]) {
        let suite = Self.kem
        unsafe extract(
            salt: nil, suite, "eae_prk", memory.base + Self.first, 32, into: memory.base + Self.second)
        unsafe expand(
            memory.base + Self.second, suite, "shared_secret", context, 32, into: memory.base + Self.third)
    }

    /// Derives the key into `first` and the nonce into `second` (section 5.1, `KeySchedule`).
    private mutating func scheduleKeys(info: [UInt8]) {
        let suite = Self.suite
        // Base mode, without a pre-shared key: both hash inputs are public.
        let context = [0] + publicExtract(suite, "psk_id_hash", []) + publicExtract(suite, "info_hash", info)
        let secret = unsafe memory.base + Self.first
        unsafe extract(salt: memory.base + Self.third, suite, "secret", secret, 0, into: secret)
        unsafe expand(secret, suite, "base_nonce", context, 12, into: memory.base + Self.second)
        unsafe expand(secret, suite, "key", context, 32, into: memory.base + Self.first)
    }
}

extension HPKEContext {
    mutating func seal(_ message: borrowing SecretBytes, _ aad: [UInt8], _ cipher: AESGCM) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: message.count + 16)
        let length = message.count
        unsafe message.withUnsafeBytes { message in
            unsafe sealed.withUnsafeMutableBytes { out in
                unsafe aad.withUnsafeBytes { aad in
                    unsafe cipher.encrypt(
                        message, parameters(aad), ciphertext: out.baseAddress!, tag: out.baseAddress! + length
                    )
                }
            }
        }
        return sealed
    }

    mutating func open(_ sealed: [UInt8], _ aad: [UInt8], _ cipher: AESGCM) throws(BoxError) -> SecretBytes {
        let length = sealed.count - 16
        return try unsafe SecretBytes(count: length) { (message) throws(BoxError) in
            let isAuthentic = unsafe sealed.withUnsafeBytes { sealed in
                unsafe aad.withUnsafeBytes { aad in
                    unsafe cipher.decrypt(
                        UnsafeRawBufferPointer(rebasing: sealed.prefix(length)),
                        tag: sealed.baseAddress! + length,
                        parameters(aad), message: message.baseAddress!)
                }
            }
            guard isAuthentic else { throw .notAuthentic }
        }
    }

    private func parameters(_ aad: UnsafeRawBufferPointer) -> AESGCM.Parameters {
        unsafe AESGCM.Parameters(
            key: UnsafeRawPointer(memory.base + Self.first),
            nonce: UnsafeRawPointer(memory.base + Self.second),
            aad: aad, schedule: memory.base + Self.schedule)
    }
}

// The labeled forms of HKDF-SHA256 (RFC 5869) that HPKE uses (section 4).
extension HPKEContext {
    /// `"KEM" ‖ 0x0020`: DHKEM(X25519, HKDF-SHA256).
    private static let kem: [UInt8] = Array("KEM".utf8) + [0x00, 0x20]
    /// `"HPKE" ‖ 0x0020 ‖ 0x0001 ‖ 0x0002`: with HKDF-SHA256 and AES-256-GCM.
    private static let suite: [UInt8] = Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x02]
    private static let version = Array("HPKE-v1".utf8)

    /// `LabeledExtract`: HMAC of version, suite, label and `count` bytes; `salt` has 32 bytes or is nil.
    private func extract(
        salt: UnsafeRawPointer?, _ suite: [UInt8], _ label: String, _ bytes: UnsafeRawPointer, _ count: Int,
        into out: UnsafeMutableRawPointer
    ) {
        unsafe begin(salt)
        update(Self.version + suite + Array(label.utf8))
        unsafe crypto_auth_hmacsha256_update(state, bytes.assumingMemoryBound(to: UInt8.self), UInt64(count))
        unsafe finish(into: out)
    }

    /// `LabeledExtract` of public bytes, without a salt.
    private func publicExtract(_ suite: [UInt8], _ label: String, _ bytes: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 32)
        unsafe begin(nil)
        update(Self.version + suite + Array(label.utf8) + bytes)
        unsafe hash.withUnsafeMutableBytes { unsafe finish(into: $0.baseAddress!) }
        return hash
    }

    /// `LabeledExpand` to `count` bytes, at most 32: one round of HKDF. Writes 32 bytes, of which `count` are valid.
    private func expand(
        _ key: UnsafeRawPointer, _ suite: [UInt8], _ label: String, _ info: [UInt8], _ count: UInt8,
        into out: UnsafeMutableRawPointer
    ) {
        unsafe begin(key)
        update([0, count] + Self.version + suite + Array(label.utf8) + info + [1])
        unsafe finish(into: out)
    }

    private var state: UnsafeMutablePointer<crypto_auth_hmacsha256_state> {
        unsafe memory.base.assumingMemoryBound(to: crypto_auth_hmacsha256_state.self)
    }

    private func begin(_ key: UnsafeRawPointer?) {
        // Without a salt the HMAC key is empty, and libsodium reads none of its bytes.
        let start = unsafe (key ?? UnsafeRawPointer(memory.base)).assumingMemoryBound(to: UInt8.self)
        unsafe crypto_auth_hmacsha256_init(state, start, key == nil ? 0 : 32)
    }

    private func update(_ bytes: [UInt8]) {
        unsafe crypto_auth_hmacsha256_update(state, bytes, UInt64(bytes.count))
    }

    private func finish(into out: UnsafeMutableRawPointer) {
        unsafe crypto_auth_hmacsha256_final(state, out.assumingMemoryBound(to: UInt8.self))
    }
}
