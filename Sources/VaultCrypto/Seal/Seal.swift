/// Errors of sealing and opening blobs.
public enum SealError: Error, Sendable, Equatable {
    /// The blob has the wrong shape. No key is needed to see this.
    case format
    /// The key or the associated data is wrong, or bytes were altered, which cannot be distinguished.
    case notAuthentic
    /// The message is longer than `Seal.maximumMessage`.
    case tooLarge
}

/// The symmetric seal `0x01 ‖ salt ‖ commitment ‖ ciphertext ‖ tag` (docs/format.md, section 3).
///
/// There is one cipher suite and no negotiation. `SealWorkspace` implements it for `Seal`, `Sealer` and `Resealer`.
public enum Seal {
    /// The purpose of a blob. Each purpose derives a different key.
    public enum Purpose: String, Sendable, CaseIterable {
        /// A secret of a connection or client, under the master key.
        case secret = "vault/secret"
        /// A member's identity seed, under a slot's key.
        case identity = "vault/identity"
        /// The previous master key, under the current one.
        case epoch = "vault/epoch"
        /// A secret exported to another vault, under a bundle's key.
        case bundle = "vault/bundle"

        var derivation: Derivation { Derivation(rawValue) }
    }

    /// The longest message, in bytes.
    public static let maximumMessage = 65_536

    static let version: UInt8 = 0x01
    static let saltLength = 32
    static let headLength = 1 + 32 + 32
    static let tagLength = 16

    /// Seals a message.
    ///
    /// - Parameters:
    ///   - message: at most `maximumMessage` bytes.
    ///   - key: 32 bytes.
    ///   - purpose: the purpose of the blob.
    ///   - aad: associated data that the blob is bound to, and that is needed to open it.
    /// - Throws: `SealError.tooLarge`.
    public static func seal(
        _ message: borrowing SecretBytes, key: borrowing SecretBytes, purpose: Purpose, aad: [UInt8]
    ) throws(SealError) -> [UInt8] {
        try seal(message, key: key, purpose: purpose, aad: aad, salt: Randomness.bytes(saltLength))
    }

    /// Seals with a given salt, for reproducible test values. Never use a salt twice.
    static func seal(
        _ message: borrowing SecretBytes, key: borrowing SecretBytes, purpose: Purpose, aad: [UInt8],
        salt: [UInt8], cipher: AESGCM = .preferred
    ) throws(SealError) -> [UInt8] {
        precondition(key.count == 32 && salt.count == saltLength, "a key and a salt have 32 bytes")
        var workspace = SealWorkspace(purpose, cipher, message: message.count)
        let bytes = unsafe UnsafeRawBufferPointer(start: message.base, count: message.count)
        return try unsafe workspace.seal(bytes, key: key.base, aad: aad, salt: salt)
    }

    /// Opens a blob with the key, purpose and associated data that it was sealed with.
    ///
    /// - Throws: `SealError.format` before any cryptography; then `notAuthentic`.
    public static func open(
        _ blob: [UInt8], key: borrowing SecretBytes, purpose: Purpose, aad: [UInt8]
    ) throws(SealError) -> SecretBytes {
        try open(blob, key: key, purpose: purpose, aad: aad, cipher: .preferred)
    }

    static func open(
        _ blob: [UInt8], key: borrowing SecretBytes, purpose: Purpose, aad: [UInt8], cipher: AESGCM
    ) throws(SealError) -> SecretBytes {
        precondition(key.count == 32, "a key has 32 bytes")
        var workspace = SealWorkspace(purpose, cipher, message: blob.count)
        let length = try unsafe workspace.open(blob, key: key.base, aad: aad)
        return unsafe SecretBytes(copying: workspace.message(length))
    }

    /// Whether the bytes have the shape of a symmetric blob. Authenticates nothing.
    public static func isWellFormed(_ blob: [UInt8]) -> Bool {
        isWellFormed(blob, version: version, overhead: headLength + tagLength)
    }

    /// Whether a blob begins with this version, and has a padded message between `overhead` other bytes.
    static func isWellFormed(_ blob: [UInt8], version: UInt8, overhead: Int) -> Bool {
        let padded = blob.count - overhead
        return blob.first == version && padded.isMultiple(of: Padding.block)
            && (Padding.block...Padding.length(of: maximumMessage)).contains(padded)
    }

    /// The length of the blob of a message, which is the same for a block of 64 message lengths.
    static func blobLength(message: Int) -> Int { headLength + Padding.length(of: message) + tagLength }
}
