/// The key of one bundle. The bundle's secrets are sealed under it, and it is sealed to a member of another vault.
public struct BundleKey: ~Copyable, Sendable {
    private let key: SecretBytes

    private init(_ key: consuming SecretBytes) { self.key = key }

    /// Generates the key of a new bundle.
    public static func generate() -> BundleKey { BundleKey(SecretBytes.random(32)) }

    /// Calls `body` with the key, for a `Seal` or `Sealer` with the purpose `bundle`.
    ///
    /// - Throws: what `body` throws.
    public borrowing func withKey<R: ~Copyable, E>(
        _ body: (borrowing SecretBytes) throws(E) -> R
    ) throws(E) -> R {
        try body(key)
    }

    /// Seals the key to a member.
    ///
    /// - Parameters:
    ///   - receivePublic: the member's receiving key, 32 bytes.
    ///   - vault: the ID of the exporting vault.
    ///   - signKey: the exporter's signing key.
    /// - Returns: `enc ‖ ciphertext ‖ tag`.
    /// - Throws: `BoxError.format` or `lowOrderPoint` for an unusable receiving key.
    public borrowing func box(
        to receivePublic: [UInt8], vault: [UInt8], signKey: [UInt8]
    ) throws(BoxError) -> [UInt8] {
        let info = Self.info(vault, signKey: signKey, to: receivePublic)
        return try SealedBox.seal(key, to: receivePublic, info: info)
    }

    /// Opens the key of a bundle that is sealed to `identity`.
    ///
    /// - Throws: `BoxError.format`, `lowOrderPoint` or `notAuthentic`.
    public static func open(
        _ box: [UInt8], with identity: borrowing Identity, vault: [UInt8], signKey: [UInt8]
    ) throws(BoxError) -> BundleKey {
        guard box.count == SealedBox.overhead + 32 else { throw .format }
        let info = info(vault, signKey: signKey, to: identity.receivePublic)
        return BundleKey(
            try SealedBox.open(box[...], with: identity.receiving, identity.receivePublic, info: info))
    }

    private static func info(_ vault: [UInt8], signKey: [UInt8], to receivePublic: [UInt8]) -> [UInt8] {
        PAE.encode(.text("vault/bundle"), .bytes(vault), .bytes(signKey), .bytes(receivePublic))
    }

    /// The associated data of a secret in a bundle: its origin and the digest of its owner's settings.
    public static func aad(vault: [UInt8], owner: [UInt8], field: String, settingsDigest: [UInt8]) -> [UInt8]
    {
        PAE.encode(
            .text("vault/bundle"), .bytes(vault), .bytes(owner), .text(field), .bytes(settingsDigest))
    }
}
