/// The kind of credential that opens a slot. The raw values are stored in the file.
public enum SlotKind: String, Sendable, CaseIterable {
    /// A passphrase, by Argon2id.
    case passphrase
    /// A key file of 32 bytes.
    case keyFile = "key-file"
    /// A recovery code of 32 bytes.
    case recovery

    /// The kind with that name.
    ///
    /// - Throws: `SlotError.unknownKind` (case 15).
    public init(named name: String) throws(SlotError) {
        guard let kind = SlotKind(rawValue: name) else { throw .unknownKind }
        self = kind
    }
}

/// Errors of making and opening slots.
public enum SlotError: Error, Sendable, Equatable {
    /// The credential is wrong or the slot is damaged, which cannot be distinguished (case 20).
    case wrongCredential
    /// The credential is not valid UTF-8, or not 32 bytes long.
    case malformedCredential
    /// The cost is outside the bounds of `PassphraseCost` (cases 13, 14).
    case costRefused
    /// There is not enough memory for Argon2id. The cost is never lowered (case 16).
    case outOfMemory
    /// The kind is unknown to this version.
    case unknownKind
    /// The stored slot has the wrong shape. No key is needed to see this.
    case format
}

/// A way to unlock a member: the identity seed, sealed under a key derived from a credential.
///
/// See docs/format.md, section 4.
public struct Slot: Sendable, Equatable {
    /// The slot's ID, 16 bytes.
    public let id: [UInt8]
    /// The member's ID, 16 bytes.
    public let member: [UInt8]
    /// The kind of credential.
    public let kind: SlotKind
    /// The salt of the key derivation, 16 bytes.
    public let salt: [UInt8]
    /// Argon2id's memory in bytes; nil unless the kind is `passphrase`.
    public let memory: UInt64?
    /// Argon2id's passes; nil unless the kind is `passphrase`.
    public let passes: UInt64?
    /// The identity seed, sealed with `Seal.Purpose.identity`.
    public private(set) var blob: [UInt8]

    /// Creates a stored slot. Nothing is checked until it is opened.
    public init(
        id: [UInt8], member: [UInt8], kind: SlotKind, salt: [UInt8], memory: UInt64?, passes: UInt64?,
        blob: [UInt8]
    ) {
        (self.id, self.member, self.kind, self.salt) = (id, member, kind, salt)
        (self.memory, self.passes, self.blob) = (memory, passes, blob)
    }

    /// Makes a slot with a new ID and salt.
    ///
    /// - Parameters:
    ///   - kind: the kind of credential.
    ///   - identity: the identity to seal.
    ///   - vault: the vault's ID, 32 bytes.
    ///   - member: the member's ID, 16 bytes.
    ///   - credential: a passphrase in UTF-8, or the 32 bytes of a key file or recovery code.
    ///   - cost: the cost of a passphrase; ignored for other kinds.
    /// - Throws: `SlotError.malformedCredential`, or `outOfMemory` for a passphrase.
    public static func make(
        kind: SlotKind, for identity: borrowing Identity, vault: [UInt8], member: [UInt8],
        with credential: borrowing SecretBytes, cost: PassphraseCost = .default
    ) throws(SlotError) -> Slot {
        try make(
            kind: kind, for: identity, vault: vault, member: member, with: credential, cost: cost,
            id: Randomness.bytes(16), salt: Randomness.bytes(16), sealSalt: Randomness.bytes(Seal.saltLength))
    }

    /// Makes a slot with given random values, for reproducible test values.
    static func make(
        kind: SlotKind, for identity: borrowing Identity, vault: [UInt8], member: [UInt8],
        with credential: borrowing SecretBytes, cost: PassphraseCost, id: [UInt8], salt: [UInt8],
        sealSalt: [UInt8]
    ) throws(SlotError) -> Slot {
        let stored = kind == .passphrase ? cost : nil
        var slot = Slot(
            id: id, member: member, kind: kind, salt: salt, memory: stored?.memory, passes: stored?.passes,
            blob: [])
        let key = try slot.key(from: credential)
        let aad = slot.aad(vault: vault)
        let blob = identity.withSeed { seed in
            try? Seal.seal(seed, key: key, purpose: .identity, aad: aad, salt: sealSalt)
        }
        guard let blob else { preconditionFailure("sealing a seed cannot fail") }
        slot.blob = blob
        return slot
    }

    /// Opens the slot.
    ///
    /// - Parameters:
    ///   - credential: a passphrase in UTF-8, or the 32 bytes of a key file or recovery code.
    ///   - vault: the vault's ID, 32 bytes.
    /// - Throws: `SlotError.format`, `costRefused` or `malformedCredential` before any cryptography; then
    ///   `outOfMemory` or `wrongCredential`.
    public func open(with credential: borrowing SecretBytes, vault: [UInt8]) throws(SlotError) -> Identity {
        guard id.count == 16, member.count == 16, salt.count == 16, vault.count == 32, Self.isSealedSeed(blob)
        else { throw .format }
        let seed = try seed(under: try key(from: credential), vault: vault)
        guard seed.count == 32 else { throw .wrongCredential }
        return Identity(seed: seed)
    }

    /// Opens the sealed seed. Consumes the key, which is wiped on return.
    private func seed(under key: consuming SecretBytes, vault: [UInt8]) throws(SlotError) -> SecretBytes {
        do throws(SealError) {
            return try Seal.open(blob, key: key, purpose: .identity, aad: aad(vault: vault))
        } catch {
            throw .wrongCredential
        }
    }

    /// Whether the bytes have the shape of a sealed identity seed. Authenticates nothing.
    public static func isSealedSeed(_ blob: [UInt8]) -> Bool {
        blob.count == Seal.blobLength(message: 32) && Seal.isWellFormed(blob)
    }

    /// The associated data of the sealed seed.
    func aad(vault: [UInt8]) -> [UInt8] {
        var pieces: [PAE.Piece] = [
            .text("vault/slot"), .bytes(vault), .bytes(member), .bytes(id), .text(kind.rawValue),
            .bytes(salt),
        ]
        if let memory { pieces.append(.number(memory)) }
        if let passes { pieces.append(.number(passes)) }
        return PAE.encode(pieces)
    }

    /// The key that the seed is sealed under.
    func key(from credential: borrowing SecretBytes) throws(SlotError) -> SecretBytes {
        switch (kind, memory, passes) {
        case (.passphrase, let memory?, let passes?):
            let cost = try PassphraseCost(memory: memory, passes: passes)
            return try Passphrase.key(from: credential, salt: salt, cost: cost)
        case (.keyFile, nil, nil): return try derive(.slotFile, from: credential)
        case (.recovery, nil, nil): return try derive(.slotCode, from: credential)
        default: throw .format
        }
    }

    private func derive(
        _ derivation: Derivation, from credential: borrowing SecretBytes
    ) throws(SlotError) -> SecretBytes {
        guard credential.count == 32 else { throw .malformedCredential }
        return derivation.secret(from: credential, data: salt)
    }
}
