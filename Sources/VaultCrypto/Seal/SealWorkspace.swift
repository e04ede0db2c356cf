internal import CSodium

/// The inputs of a seal: a key of 32 bytes, its purpose, and associated data.
@unsafe struct SealContext {
    var key: UnsafeRawPointer
    var purpose: Derivation
    var aad: UnsafeRawBufferPointer
}

/// Seals and opens blobs in one allocation of secret memory, which is reused for further messages.
///
/// Layout in bytes: key and commitment (64), the expanded AES key (512), zeros (64, the nonce), the padded message.
/// The nonce is fixed because each derived key encrypts exactly one message.
struct SealWorkspace: ~Copyable {
    private static let schedule = 64
    private static let nonce = schedule + AESGCM.scheduleLength
    private static let message = nonce + 64

    private var memory: SecretBytes
    private let cipher: AESGCM

    /// Allocates memory for a message of `message` bytes; it grows when needed.
    init(cipher: AESGCM = .preferred, message: Int = 2048) {
        memory = SecretBytes(count: Self.message + Padding.length(of: min(message, Seal.maximumMessage)))
        self.cipher = cipher
    }

    /// The first `length` bytes of the message in this workspace.
    func message(_ length: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: memory.base + Self.message, count: length)
    }

    /// Seals a message of at most `Seal.maximumMessage` bytes into a buffer of exactly the blob's length.
    mutating func seal(
        _ message: UnsafeRawBufferPointer, _ context: SealContext, salt: UnsafeRawPointer,
        into blob: UnsafeMutableRawBufferPointer
    ) {
        reserve(Padding.length(of: message.count))
        let padded = unsafe Padding.pad(message, into: memory.base + Self.message)
        unsafe sealPadded(padded, context, salt: salt, into: blob)
    }

    /// Seals the padded message in this workspace.
    mutating func sealPadded(
        _ padded: Int, _ context: SealContext, salt: UnsafeRawPointer,
        into blob: UnsafeMutableRawBufferPointer
    ) {
        let out = blob.baseAddress!
        unsafe out.storeBytes(of: Seal.version, as: UInt8.self)
        unsafe (out + 1).copyMemory(from: salt, byteCount: Seal.saltLength)
        unsafe deriveKey(context, salt: salt)
        unsafe (out + 33).copyMemory(from: memory.base + 32, byteCount: 32)
        unsafe cipher.encrypt(
            UnsafeRawBufferPointer(start: memory.base + Self.message, count: padded), parameters(context),
            ciphertext: out + Seal.headLength, tag: out + Seal.headLength + padded)
    }

    /// Opens a blob into this workspace and returns the length of the message.
    ///
    /// Checks the shape before any cryptography, and the commitment (in constant time) before decryption: GCM alone
    /// does not commit to its key (case 8).
    ///
    /// - Throws: `SealError.format` or `notAuthentic`.
    mutating func open(_ blob: UnsafeRawBufferPointer, _ context: SealContext) throws(SealError) -> Int {
        if let fault = unsafe Seal.fault(in: blob) { throw .format(fault) }
        let padded = blob.count - Seal.headLength - Seal.tagLength
        reserve(padded)
        let start = blob.baseAddress!
        unsafe deriveKey(context, salt: start + 1)
        guard unsafe sodium_memcmp(memory.base + 32, start + 33, 32) == 0 else { throw .notAuthentic }
        let ciphertext = unsafe UnsafeRawBufferPointer(start: start + Seal.headLength, count: padded)
        guard
            unsafe cipher.decrypt(
                ciphertext, tag: start + Seal.headLength + padded, parameters(context),
                message: memory.base + Self.message),
            let length = unsafe Padding.messageLength(in: message(padded))
        else { throw .notAuthentic }
        return length
    }

    private mutating func reserve(_ padded: Int) {
        if memory.count < Self.message + padded { memory = SecretBytes(count: Self.message + padded) }
    }

    private func deriveKey(_ context: SealContext, salt: UnsafeRawPointer) {
        unsafe context.purpose.derive(
            into: UnsafeMutableRawBufferPointer(start: memory.base, count: 64), key: context.key,
            data: UnsafeRawBufferPointer(start: salt, count: Seal.saltLength))
    }

    private func parameters(_ context: SealContext) -> AESGCM.Parameters {
        unsafe AESGCM.Parameters(
            key: UnsafeRawPointer(memory.base), nonce: UnsafeRawPointer(memory.base + Self.nonce),
            aad: context.aad, schedule: memory.base + Self.schedule)
    }
}
