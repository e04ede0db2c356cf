/// Why a box was not made or not opened.
enum BoxError: Error, Equatable {
    case format
    /// A point of low order stands where a public key should (case 24).
    case lowOrderPoint
    case notAuthentic
}

/// HPKE (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
///
/// The bytes are `enc (32) ‖ ciphertext ‖ tag (16)`.
enum SealedBox {
    static let pointLength = 32
    static let overhead = pointLength + 16

    /// Seals to a public key of 32 bytes.
    static func seal(
        _ message: borrowing SecretBytes, to publicKey: [UInt8], info: [UInt8]
    ) throws(BoxError) -> [UInt8] {
        try seal(message, to: publicKey, info: info, ephemeral: SecretBytes.random(32))
    }

    /// Seals with a given ephemeral key: for values that must come out the same. One must never be used twice.
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

    /// Opens with a private key of 32 bytes, and its public half where that is known and need not be computed; `aad` is
    /// empty in everything this project makes.
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
