/// Errors of sealing and opening boxes.
enum BoxError: Error, Equatable {
    /// The box is too short, or the key is not 32 bytes long.
    case format
    /// The public key is a point of low order (case 24).
    case lowOrderPoint
    /// The key, `info` or `aad` is wrong, or bytes were altered.
    case notAuthentic
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
        var context = try HPKEContext(
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
        var context = try HPKEContext(
            from: privateKey, with: point, encapsulated: point,
            recipient: publicKey ?? X25519.publicKey(of: privateKey), info: info)
        return try context.open([UInt8](box.dropFirst(pointLength)), aad, cipher)
    }
}
