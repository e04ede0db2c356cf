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

    private let memory = SecretBytes(count: length)

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
    private func decapsulate(context: [UInt8]) {
        let (point, key) = unsafe (memory.base + Self.first, memory.base + Self.second)
        unsafe extract(Self.kem, "eae_prk", secret: point, into: key)
        unsafe expand(key, Self.kem, "shared_secret", context, 32, into: memory.base + Self.third)
    }

    /// Derives the key into `first` and the nonce into `second` (section 5.1, `KeySchedule`).
    ///
    /// In base mode there is no pre-shared key: both hash inputs are public.
    private func scheduleKeys(info: [UInt8]) {
        var hashes = [UInt8](repeating: 0, count: 64)
        unsafe hashes.withUnsafeMutableBytes { hashes in
            let start = hashes.baseAddress!
            unsafe extract(Self.suite, "psk_id_hash", into: start)
            unsafe extract(Self.suite, "info_hash", info, into: start + 32)
        }
        let secret = unsafe memory.base + Self.first
        unsafe extract(salt: memory.base + Self.third, Self.suite, "secret", into: secret)
        unsafe expand(secret, Self.suite, "base_nonce", [0] + hashes, 12, into: memory.base + Self.second)
        unsafe expand(secret, Self.suite, "key", [0] + hashes, 32, into: secret)
    }
}

extension HPKEContext {
    func seal(_ message: borrowing SecretBytes, _ aad: [UInt8], _ cipher: AESGCM) -> [UInt8] {
        let bytes = unsafe UnsafeRawBufferPointer(start: message.base, count: message.count)
        var sealed = [UInt8](repeating: 0, count: bytes.count + 16)
        unsafe sealed.withUnsafeMutableBytes { sealed in
            unsafe cipher.encrypt(bytes, parameters(aad), into: sealed.baseAddress!)
        }
        return sealed
    }

    func open(
        _ sealed: ArraySlice<UInt8>, _ aad: [UInt8], _ cipher: AESGCM
    ) throws(BoxError) -> SecretBytes {
        try unsafe SecretBytes(count: sealed.count - 16) { message throws(BoxError) in
            let isAuthentic = unsafe sealed.withUnsafeBytes { sealed in
                unsafe cipher.decrypt(sealed, parameters(aad), message: message.baseAddress!)
            }
            guard isAuthentic else { throw .notAuthentic }
        }
    }

    private func parameters(_ aad: [UInt8]) -> AESGCM.Parameters {
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

    /// `LabeledExtract` of public bytes or of a secret of 32 bytes; `salt` has 32 bytes or is nil.
    private func extract(
        salt: UnsafeRawPointer? = nil, _ suite: [UInt8], _ label: String, _ bytes: [UInt8] = [],
        secret: UnsafeRawPointer? = nil, into out: UnsafeMutableRawPointer
    ) {
        let input: [UInt8] = Self.version + suite + Array(label.utf8) + bytes
        unsafe authenticate(input, secret, key: salt, into: out)
    }

    /// `LabeledExpand` to `count` bytes, at most 32: one round of HKDF. Writes 32 bytes, of which `count` are valid.
    private func expand(
        _ key: UnsafeRawPointer, _ suite: [UInt8], _ label: String, _ info: [UInt8], _ count: UInt8,
        into out: UnsafeMutableRawPointer
    ) {
        let input: [UInt8] = [0, count] + Self.version + suite + Array(label.utf8) + info + [1]
        unsafe authenticate(input, nil, key: key, into: out)
    }

    /// HMAC-SHA256 (RFC 2104) of public bytes and then, unless nil, a secret of 32 bytes; `key` has 32 bytes or is nil.
    private func authenticate(
        _ bytes: [UInt8], _ secret: UnsafeRawPointer?, key: UnsafeRawPointer?,
        into out: UnsafeMutableRawPointer
    ) {
        let state = unsafe memory.base.assumingMemoryBound(to: crypto_auth_hmacsha256_state.self)
        // An empty key has no bytes that libsodium could read, but it needs an address.
        let start = unsafe key ?? UnsafeRawPointer(memory.base)
        unsafe crypto_auth_hmacsha256_init(
            state, start.assumingMemoryBound(to: UInt8.self), key == nil ? 0 : 32)
        unsafe crypto_auth_hmacsha256_update(state, bytes, UInt64(bytes.count))
        let end = unsafe secret?.assumingMemoryBound(to: UInt8.self)
        unsafe crypto_auth_hmacsha256_update(state, end, secret == nil ? 0 : 32)
        unsafe crypto_auth_hmacsha256_final(state, out.assumingMemoryBound(to: UInt8.self))
    }
}
