internal import CSodium

/// What one message of HPKE is sealed and opened with (RFC 9180, section 5), derived from a shared point.
///
/// Base mode and the one suite of this project, so nothing is negotiated and every length is 32; one message, so its
/// number is 0 and the nonce is the base nonce (section 5.2). All that is secret is in one piece of memory:
/// the state of HMAC (256), the expanded AES key (512), three results of HMAC (32 each).
struct HPKEContext: ~Copyable {
    private static let schedule = 256
    private static let first = schedule + AESGCM.scheduleLength
    private static let second = first + 32
    private static let third = second + 32
    private static let length = third + 64

    private var memory = SecretBytes(count: length)

    /// - Parameters:
    ///   - privateKey: the sender's ephemeral key, or the recipient's own.
    ///   - publicKey: the other side's.
    /// - Throws: `lowOrderPoint` when the shared point is zero (section 7.1.4).
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

    /// The shared secret of the shared point (section 4.1, `ExtractAndExpand`): from the first place into the third.
    private mutating func decapsulate(context: [UInt8]) {
        let suite = Self.kem
        unsafe extract(
            salt: nil, suite, "eae_prk", memory.base + Self.first, 32, into: memory.base + Self.second)
        unsafe expand(
            memory.base + Self.second, suite, "shared_secret", context, 32, into: memory.base + Self.third)
    }

    /// The key into the first place and the nonce into the second (section 5.1, `KeySchedule`).
    private mutating func scheduleKeys(info: [UInt8]) {
        let suite = Self.suite
        // Base mode, no pre-shared key: both hashes are of public bytes.
        let context = [0] + publicExtract(suite, "psk_id_hash", []) + publicExtract(suite, "info_hash", info)
        let secret = unsafe memory.base + Self.first
        unsafe extract(salt: memory.base + Self.third, suite, "secret", secret, 0, into: secret)
        unsafe expand(secret, suite, "base_nonce", context, 12, into: memory.base + Self.second)
        unsafe expand(secret, suite, "key", context, 32, into: memory.base + Self.first)
    }
}

// One message.
extension HPKEContext {
    mutating func seal(_ message: borrowing SecretBytes, _ aad: [UInt8], _ cipher: AESGCM) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: message.count + 16)
        let length = message.count
        unsafe message.withUnsafeBytes { message in
            unsafe sealed.withUnsafeMutableBytes { out in
                unsafe aad.withUnsafeBytes { aad in
                    unsafe cipher.encrypt(
                        message, setting(aad), ciphertext: out.baseAddress!, tag: out.baseAddress! + length)
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
                        setting(aad), message: message.baseAddress!)
                }
            }
            guard isAuthentic else { throw .notAuthentic }
        }
    }

    private func setting(_ aad: UnsafeRawBufferPointer) -> AESGCM.Setting {
        unsafe AESGCM.Setting(
            key: UnsafeRawPointer(memory.base + Self.first),
            nonce: UnsafeRawPointer(memory.base + Self.second),
            aad: aad, schedule: memory.base + Self.schedule)
    }
}

// The labelled forms of HKDF-SHA256 (RFC 5869) that HPKE uses (section 4).
extension HPKEContext {
    /// `"KEM" ‖ 0x0020`: DHKEM(X25519, HKDF-SHA256).
    private static let kem: [UInt8] = Array("KEM".utf8) + [0x00, 0x20]
    /// `"HPKE" ‖ 0x0020 ‖ 0x0001 ‖ 0x0002`: with HKDF-SHA256 and AES-256-GCM.
    private static let suite: [UInt8] = Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x02]
    private static let version = Array("HPKE-v1".utf8)

    /// `LabeledExtract`: HMAC under the salt, of 32 bytes or none, over version, suite, label and `count` bytes.
    private func extract(
        salt: UnsafeRawPointer?, _ suite: [UInt8], _ label: String, _ bytes: UnsafeRawPointer, _ count: Int,
        into out: UnsafeMutableRawPointer
    ) {
        unsafe begin(salt)
        update(Self.version + suite + Array(label.utf8))
        unsafe crypto_auth_hmacsha256_update(state, bytes.assumingMemoryBound(to: UInt8.self), UInt64(count))
        unsafe finish(into: out)
    }

    /// `LabeledExtract` without a salt of bytes that may be seen.
    private func publicExtract(_ suite: [UInt8], _ label: String, _ bytes: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 32)
        unsafe begin(nil)
        update(Self.version + suite + Array(label.utf8) + bytes)
        unsafe hash.withUnsafeMutableBytes { unsafe finish(into: $0.baseAddress!) }
        return hash
    }

    /// `LabeledExpand` to at most 32 bytes, which is one round of HKDF: 32 are written, and the first `count` count.
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
        // Without a key HMAC's is empty, and libsodium looks at no byte of it.
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
