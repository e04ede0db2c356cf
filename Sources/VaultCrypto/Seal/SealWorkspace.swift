internal import CSodium

/// Seals and opens blobs of one purpose in one allocation of secret memory, which is reused for further messages.
///
/// Layout in bytes: key and commitment (64), the expanded AES key (512), zeros (64, the nonce), the padded message.
/// The nonce is fixed because each derived key encrypts exactly one message.
struct SealWorkspace: ~Copyable, Sendable {
    private static let schedule = 64
    private static let nonce = schedule + AESGCM.scheduleLength
    private static let message = nonce + 64

    private var memory: SecretBytes
    private let derivation: Derivation
    private let cipher: AESGCM

    /// Allocates memory for a message of `message` bytes; it grows when needed.
    init(_ purpose: Seal.Purpose, _ cipher: AESGCM = .preferred, message: Int = 2048) {
        memory = SecretBytes(count: Self.message + Padding.length(of: min(message, Seal.maximumMessage)))
        derivation = purpose.derivation
        self.cipher = cipher
    }

    /// The first `length` bytes of the message in this workspace.
    func message(_ length: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: memory.base + Self.message, count: length)
    }

    /// Seals a message under a key of 32 bytes.
    ///
    /// - Throws: `SealError.tooLarge`.
    mutating func seal(
        _ message: UnsafeRawBufferPointer, key: UnsafeRawPointer, aad: [UInt8],
        salt: [UInt8] = Randomness.bytes(Seal.saltLength)
    ) throws(SealError) -> [UInt8] {
        guard message.count <= Seal.maximumMessage else { throw .tooLarge }
        reserve(Padding.length(of: message.count))
        let padded = unsafe Padding.pad(message, into: memory.base + Self.message)
        return unsafe sealPadded(padded, key: key, aad: aad, salt: salt)
    }

    /// Seals the padded message in this workspace.
    func sealPadded(
        _ padded: Int, key: UnsafeRawPointer, aad: [UInt8],
        salt: [UInt8] = Randomness.bytes(Seal.saltLength)
    ) -> [UInt8] {
        var blob = [UInt8](repeating: 0, count: Seal.headLength + padded + Seal.tagLength)
        unsafe deriveKey(key, salt: salt)
        unsafe blob.withUnsafeMutableBytes { blob in
            let out = blob.baseAddress!
            unsafe out.storeBytes(of: Seal.version, as: UInt8.self)
            unsafe (out + 1).copyMemory(from: salt, byteCount: Seal.saltLength)
            unsafe (out + 33).copyMemory(from: memory.base + 32, byteCount: 32)
            unsafe cipher.encrypt(message(padded), parameters(aad), into: out + Seal.headLength)
        }
        return blob
    }

    /// Opens a blob into this workspace and returns the length of the message.
    ///
    /// Checks the shape before any cryptography, and the commitment (in constant time) before decryption: GCM alone
    /// does not commit to its key (case 8).
    ///
    /// - Throws: `SealError.format` or `notAuthentic`.
    mutating func open(_ blob: [UInt8], key: UnsafeRawPointer, aad: [UInt8]) throws(SealError) -> Int {
        guard Seal.isWellFormed(blob) else { throw .format }
        let padded = blob.count - Seal.headLength - Seal.tagLength
        reserve(padded)
        unsafe deriveKey(key, salt: Array(blob[1..<33]))
        guard unsafe sodium_memcmp(memory.base + 32, Array(blob[33..<65]), 32) == 0 else {
            throw .notAuthentic
        }
        let start = unsafe memory.base + Self.message
        let isAuthentic = unsafe blob[Seal.headLength...].withUnsafeBytes { sealed in
            unsafe cipher.decrypt(sealed, parameters(aad), message: start)
        }
        guard isAuthentic, let length = unsafe Padding.messageLength(in: message(padded)) else {
            throw .notAuthentic
        }
        return length
    }

    private mutating func reserve(_ padded: Int) {
        if memory.count < Self.message + padded { memory = SecretBytes(count: Self.message + padded) }
    }

    private func deriveKey(_ key: UnsafeRawPointer, salt: [UInt8]) {
        unsafe salt.withUnsafeBytes { salt in
            unsafe derivation.derive(
                into: UnsafeMutableRawBufferPointer(start: memory.base, count: 64), key: key, data: salt)
        }
    }

    private func parameters(_ aad: [UInt8]) -> AESGCM.Parameters {
        unsafe AESGCM.Parameters(
            key: UnsafeRawPointer(memory.base), nonce: UnsafeRawPointer(memory.base + Self.nonce),
            aad: aad, schedule: memory.base + Self.schedule)
    }
}
