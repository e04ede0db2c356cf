/// Errors of sealing and opening blobs.
public enum SealError: Error, Sendable, Equatable {
    /// The blob has the wrong shape. No key is needed to see this.
    case format(SealFault)
    /// The key or the associated data is wrong, or bytes were altered, which cannot be distinguished.
    case notAuthentic
    /// The message is longer than `Seal.maximumMessage`.
    case tooLarge
}

/// A fault in the shape of a blob.
public enum SealFault: Error, Sendable, Equatable {
    /// There are no bytes.
    case empty
    /// The version byte is a different one.
    case version(UInt8)
    /// No blob has this length, in bytes.
    case length(Int)
}

/// The symmetric seal `0x01 ‖ salt ‖ commitment ‖ ciphertext ‖ tag` (docs/format.md, section 3).
///
/// There is one cipher suite and no negotiation. `SealWorkspace` implements it for `Seal`, `Sealer` and `Resealer`.
public enum Seal {
    /// The purpose of a blob. Each purpose derives a different key.
    public enum Purpose: Sendable, CaseIterable {
        /// `vault/secret`: a secret of a connection or client, under the master key.
        case secret
        /// `vault/identity`: a member's identity seed, under a slot's key.
        case identity
        /// `vault/epoch`: the previous master key, under the current one.
        case epoch
        /// `vault/bundle`: a secret exported to another vault, under a bundle's key.
        case bundle

        var derivation: Derivation {
            switch self {
            case .secret: Self.forSecret
            case .identity: Self.forIdentity
            case .epoch: Self.forEpoch
            case .bundle: Self.forBundle
            }
        }

        private static let forSecret = Derivation("vault/secret")
        private static let forIdentity = Derivation("vault/identity")
        private static let forEpoch = Derivation("vault/epoch")
        private static let forBundle = Derivation("vault/bundle")
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
        guard message.count <= maximumMessage else { throw .tooLarge }
        var workspace = SealWorkspace(cipher: cipher, message: message.count)
        var blob = [UInt8](repeating: 0, count: blobLength(message: message.count))
        unsafe message.withUnsafeBytes { message in
            unsafe aad.withUnsafeBytes { aad in
                unsafe salt.withUnsafeBytes { salt in
                    unsafe blob.withUnsafeMutableBytes { blob in
                        let context = unsafe SealContext(key: key.base, purpose: purpose.derivation, aad: aad)
                        unsafe workspace.seal(message, context, salt: salt.baseAddress!, into: blob)
                    }
                }
            }
        }
        return blob
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
        var workspace = SealWorkspace(cipher: cipher, message: blob.count)
        var length = 0
        var failure: SealError?
        unsafe blob.withUnsafeBytes { blob in
            unsafe aad.withUnsafeBytes { aad in
                let context = unsafe SealContext(key: key.base, purpose: purpose.derivation, aad: aad)
                do throws(SealError) { length = try unsafe workspace.open(blob, context) } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        return unsafe SecretBytes(copying: workspace.message(length))
    }

    /// Whether the bytes have the shape of a symmetric blob. Authenticates nothing.
    public static func isWellFormed(_ blob: [UInt8]) -> Bool {
        unsafe blob.withUnsafeBytes { unsafe fault(in: $0) } == nil
    }

    static func fault(in blob: UnsafeRawBufferPointer) -> SealFault? {
        unsafe fault(in: blob, version: version, overhead: headLength + tagLength)
    }

    /// Checks the shape of a blob. `overhead` is the number of bytes around the padded message.
    static func fault(in blob: UnsafeRawBufferPointer, version: UInt8, overhead: Int) -> SealFault? {
        guard let first = unsafe blob.first else { return .empty }
        guard first == version else { return .version(first) }
        let padded = blob.count - overhead
        guard padded >= Padding.block, padded.isMultiple(of: Padding.block),
            padded <= Padding.length(of: maximumMessage)
        else { return .length(blob.count) }
        return nil
    }

    /// The length of the blob of a message, which is the same for a block of 64 message lengths.
    static func blobLength(message: Int) -> Int { headLength + Padding.length(of: message) + tagLength }
}
