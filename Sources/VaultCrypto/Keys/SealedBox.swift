/// Errors of sealing and opening grants, keys of previous epochs, bundle keys and deposits.
public enum BoxError: Error, Sendable, Equatable {
    /// The bytes have the wrong shape, or the public key is not 32 bytes long. No key is needed to see this.
    case format
    /// The public key is a point of low order (case 24).
    case lowOrderPoint
    /// The key, or what the bytes are bound to, is wrong, or bytes were altered.
    case notAuthentic
    /// The opened key does not match the commitment in the ledger.
    case doesNotMatchCommitment
    /// The two keys are not of consecutive epochs.
    case notPreviousEpoch
    /// The message is longer than `Seal.maximumMessage`.
    case tooLarge
}

/// HPKE (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
///
/// The bytes are `enc (32) ‖ ciphertext ‖ tag (16)`.
enum SealedBox {
    static let pointLength = 32
    static let overhead = pointLength + 16

    /// Seals to a public key of 32 bytes.
    ///
    /// - Throws: `format` or `lowOrderPoint`.
    static func seal(
        _ message: borrowing SecretBytes, to publicKey: [UInt8], info: [UInt8]
    ) throws(BoxError) -> [UInt8] {
        try seal(message, to: publicKey, info: info, ephemeral: SecretBytes.random(32))
    }

    /// Seals with a given ephemeral key, for reproducible test values. Never use one twice.
    ///
    /// - Throws: `format` or `lowOrderPoint`.
    static func seal(
        _ message: borrowing SecretBytes, to publicKey: [UInt8], info: [UInt8], aad: [UInt8] = [],
        ephemeral: borrowing SecretBytes, cipher: AESGCM = .preferred
    ) throws(BoxError) -> [UInt8] {
        guard publicKey.count == pointLength else { throw .format }
        let point = X25519.publicKey(of: ephemeral)
        let context = try HPKEContext(
            from: ephemeral, with: publicKey, encapsulated: point, recipient: publicKey, info: info)
        return point + context.seal(message, aad, cipher)
    }

    /// Opens a box.
    ///
    /// - Parameters:
    ///   - privateKey: the recipient's private key, 32 bytes.
    ///   - publicKey: the recipient's public key; nil to compute it.
    ///   - aad: empty except in test vectors.
    /// - Throws: `format`, `lowOrderPoint` or `notAuthentic`.
    static func open(
        _ box: ArraySlice<UInt8>, with privateKey: borrowing SecretBytes, _ publicKey: [UInt8]? = nil,
        info: [UInt8], aad: [UInt8] = [], cipher: AESGCM = .preferred
    ) throws(BoxError) -> SecretBytes {
        guard box.count >= overhead else { throw .format }
        let point = [UInt8](box.prefix(pointLength))
        let context = try HPKEContext(
            from: privateKey, with: point, encapsulated: point,
            recipient: publicKey ?? X25519.publicKey(of: privateKey), info: info)
        return try context.open(box.dropFirst(pointLength), aad, cipher)
    }
}
