import VaultText

/// Where a secret belongs: its place and the digest of its owner's settings.
///
/// A blob is sealed to its address, so it does not open if either changes (docs/format.md, section 6).
public struct SecretAddress: Sendable, Equatable {
    /// The vault's ID, 32 bytes.
    public var vault: [UInt8]
    /// The ID of the connection or OAuth 2.0 client, 16 bytes.
    public var owner: [UInt8]
    /// The field's name, such as `app-key`.
    public var field: String
    /// The version of the secret, from 1.
    public var version: UInt64
    /// The epoch of the master key, from 1.
    public var epoch: UInt64
    /// The digest of the owner's settings, 32 bytes.
    public var settingsDigest: [UInt8]

    /// Creates an address. Lengths are not checked.
    public init(
        vault: [UInt8], owner: [UInt8], field: String, version: UInt64, epoch: UInt64, settingsDigest: [UInt8]
    ) {
        (self.vault, self.owner, self.field) = (vault, owner, field)
        (self.version, self.epoch, self.settingsDigest) = (version, epoch, settingsDigest)
    }

    /// The associated data of the secret's seal.
    public var aad: [UInt8] {
        PAE.encode(
            .text("vault/secret"), .bytes(vault), .bytes(owner), .text(field), .number(version),
            .number(epoch), .bytes(settingsDigest))
    }
}

/// The digest of an owner's settings, which every secret of the owner is sealed to.
public enum SettingsDigest {
    /// BLAKE2b-256 of `PAE(connector, key, value, key, value, …)`, with `name` as one of the keys, in byte order.
    ///
    /// - Precondition: the keys of `settings` are unique, and none is `name`.
    public static func of(
        connector: String, name: String, settings: [(key: String, value: PAE.Piece)]
    ) -> [UInt8] {
        var all = settings
        all.append((key: "name", value: .text(name)))
        all.sort { $0.key.precedesInBytes($1.key) }
        let areUnique = zip(all, all.dropFirst()).allSatisfy { $0.key.precedesInBytes($1.key) }
        precondition(areUnique, "duplicate key")
        let pieces: [PAE.Piece] = all.flatMap { [.text($0.key), $0.value] }
        return Digest.blake2b256(PAE.encode([.text(connector)] + pieces))
    }
}
