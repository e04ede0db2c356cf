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
        var out: [UInt8] = []
        write(into: &out)
        return out
    }

    /// Replaces the buffer's contents by the associated data, and keeps its capacity.
    public func write(into buffer: inout [UInt8]) {
        buffer.removeAll(keepingCapacity: true)
        buffer.appendLE64(7)
        buffer.appendPiece("vault/secret")
        buffer.appendPiece(vault)
        buffer.appendPiece(owner)
        buffer.appendPiece(field)
        buffer.appendPiece(version)
        buffer.appendPiece(epoch)
        buffer.appendPiece(settingsDigest)
    }
}

/// The digest of an owner's settings, which every secret of the owner is sealed to.
public enum SettingsDigest {
    /// The value of a setting.
    public enum Value: Sendable, Equatable {
        /// One text.
        case text(String)
        /// Texts, in order.
        case list([String])
    }

    /// BLAKE2b-256 of `PAE(connector, key, value, key, value, …)`, with `name` as one of the keys, in byte order.
    ///
    /// - Precondition: the keys of `settings` are unique, and none is `name`.
    public static func of(
        connector: String, name: String, settings: [(key: String, value: Value)]
    ) -> [UInt8] {
        var all = settings
        all.append((key: "name", value: .text(name)))
        all.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        // Same as PAE.encode, without an array of pieces: an import computes a digest for each connection.
        var pieces: [UInt8] = []
        pieces.reserveCapacity(512)
        pieces.appendLE64(UInt64(1 + 2 * all.count))
        pieces.appendPiece(connector)
        for (index, setting) in all.enumerated() {
            precondition(
                index == 0 || !all[index - 1].key.utf8.elementsEqual(setting.key.utf8), "duplicate key")
            pieces.appendPiece(setting.key)
            switch setting.value {
            case .text(let text): pieces.appendPiece(text)
            case .list(let items): pieces.appendPiece(PAE.encode(items.map { .text($0) }))
            }
        }
        return Digest.blake2b256(pieces)
    }
}
