/// The key of one bundle: secrets are sealed under it on their way to another vault, and it to one member there.
public struct BundleKey: ~Copyable, Sendable {
    private let key: SecretBytes

    private init(_ key: consuming SecretBytes) { self.key = key }

    /// Makes the key of a new bundle.
    public static func generate() -> BundleKey { BundleKey(SecretBytes.random(32)) }

    /// Lends the key, for a `Seal` or `Sealer` with the purpose `bundle`.
    public borrowing func withKey<R: ~Copyable, E>(
        _ body: (borrowing SecretBytes) throws(E) -> R
    ) throws(E) -> R {
        try body(key)
    }

    /// Seals the key to a receiving key of 32 bytes: `enc ‖ ciphertext ‖ tag`.
    ///
    /// `vault` is the vault that the bundle is of, `signKey` its exporter's. Throws `format` and `lowOrderPoint`.
    public borrowing func box(
        to receivePublic: [UInt8], vault: [UInt8], signKey: [UInt8]
    ) throws(GrantError) -> [UInt8] {
        do throws(BoxError) {
            return try SealedBox.seal(
                key, to: receivePublic, info: Self.info(vault, signKey: signKey, to: receivePublic))
        } catch {
            throw GrantError(error)
        }
    }

    /// Opens the key of a bundle with the identity that it is for.
    public static func open(
        _ box: [UInt8], with identity: borrowing Identity, vault: [UInt8], signKey: [UInt8]
    ) throws(GrantError) -> BundleKey {
        guard box.count == SealedBox.overhead + 32 else { throw .format }
        do throws(BoxError) {
            return BundleKey(
                try SealedBox.open(
                    box[...], with: identity.receiving, identity.receivePublic,
                    info: info(vault, signKey: signKey, to: identity.receivePublic)))
        } catch {
            throw GrantError(error)
        }
    }

    private static func info(_ vault: [UInt8], signKey: [UInt8], to receivePublic: [UInt8]) -> [UInt8] {
        PAE.encode(.text("vault/bundle"), .bytes(vault), .bytes(signKey), .bytes(receivePublic))
    }

    /// What a secret in a bundle is bound to: where it comes from, and the settings it is to be used with.
    public static func aad(vault: [UInt8], owner: [UInt8], field: String, settingsDigest: [UInt8]) -> [UInt8]
    {
        PAE.encode(
            .text("vault/bundle"), .bytes(vault), .bytes(owner), .text(field), .bytes(settingsDigest))
    }
}
