// The folder's rule: a secret is bound to its place and to the settings it is used with (docs/format.md, "A
// secret"); whatever changes them breaks the seal.

/// Where a secret belongs: everything that its blob is bound to.
public struct SecretAddress: Sendable, Equatable {
    /// The vault's id, 32 bytes.
    public var vault: [UInt8]
    /// The id of the connection or OAuth 2.0 client, 16 bytes.
    public var owner: [UInt8]
    /// The field's name, such as `app-key`.
    public var field: String
    /// 1, 2, 3 …
    public var version: UInt64
    /// The epoch of the master key.
    public var epoch: UInt64
    /// The digest of the owner's settings, 32 bytes.
    public var settingsDigest: [UInt8]

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

    /// Replaces the buffer's content with the associated data, in the memory that it has.
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

/// The digest of an owner's settings, which every secret of the owner is sealed with.
public enum SettingsDigest {
    /// A setting's value: one text, or many in their order.
    public enum Value: Sendable, Equatable {
        case text(String)
        case list([String])
    }

    /// BLAKE2b-256 of `PAE(connector, key, value, key, value, …)`, keys in byte order, `name` among them.
    ///
    /// Keys are unique and none of them is `name`, which is given apart; otherwise it is a programming error.
    public static func of(
        connector: String, name: String, settings: [(key: String, value: Value)]
    ) -> [UInt8] {
        var all = settings
        all.append((key: "name", value: .text(name)))
        all.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        // As PAE.encode does it, without an array of pieces: an import makes as many digests as connections.
        var pieces: [UInt8] = []
        pieces.reserveCapacity(512)
        pieces.appendLE64(UInt64(1 + 2 * all.count))
        pieces.appendPiece(connector)
        for (index, setting) in all.enumerated() {
            precondition(
                index == 0 || !all[index - 1].key.utf8.elementsEqual(setting.key.utf8), "a key twice")
            pieces.appendPiece(setting.key)
            switch setting.value {
            case .text(let text): pieces.appendPiece(text)
            case .list(let items): pieces.appendPiece(PAE.encode(items.map { .text($0) }))
            }
        }
        return Digest.blake2b256(pieces)
    }
}
