/// How a slot is opened; the names are those that stand in the file.
public enum SlotKind: String, Sendable, CaseIterable {
    case passphrase
    case keyFile = "key-file"
    case recovery

    /// The kind of that name; any other is refused, never guessed at (case 15).
    public init(named name: String) throws(SlotError) {
        guard let kind = SlotKind(rawValue: name) else { throw .unknownKind }
        self = kind
    }
}

/// Why a slot was not made or not opened.
public enum SlotError: Error, Sendable, Equatable {
    /// The wrong passphrase, key file or code, or a damaged slot; which of them, nobody can tell (case 20).
    case wrongCredential
    /// Not even in shape a credential of this kind: no valid UTF-8, or not 32 bytes.
    case malformedCredential
    /// The file asks for less than the floor or more than the ceiling (cases 13, 14).
    case costRefused
    /// Not enough memory for Argon2id; it is never tried with less (case 16).
    case outOfMemory
    case unknownKind
    /// The stored slot is not in shape; anybody can see that.
    case format
}

/// One way to unlock one member: the identity seed, sealed under a key that comes from a credential.
public struct Slot: Sendable, Equatable {
    /// The slot's id, 16 bytes.
    public let id: [UInt8]
    /// The member's id, 16 bytes.
    public let member: [UInt8]
    public let kind: SlotKind
    /// 16 random bytes for the derivation of the key.
    public let salt: [UInt8]
    /// For a passphrase: Argon2id's memory in bytes; otherwise none.
    public let memory: UInt64?
    /// For a passphrase: Argon2id's passes; otherwise none.
    public let passes: UInt64?
    /// The identity seed under `Seal.Purpose.identity`.
    public let blob: [UInt8]

    /// A slot as it was stored; nothing is checked before it is opened.
    public init(
        id: [UInt8], member: [UInt8], kind: SlotKind, salt: [UInt8], memory: UInt64?, passes: UInt64?,
        blob: [UInt8]
    ) {
        (self.id, self.member, self.kind, self.salt) = (id, member, kind, salt)
        (self.memory, self.passes, self.blob) = (memory, passes, blob)
    }

    /// Makes a slot with a new id and salt.
    ///
    /// `vault` has 32 bytes, `member` 16. The credential is the passphrase's UTF-8, or 32 bytes of a key file or
    /// recovery code. Throws `malformedCredential`, `costRefused`, `outOfMemory`.
    public static func make(
        kind: SlotKind, for identity: borrowing Identity, vault: [UInt8], member: [UInt8],
        with credential: borrowing SecretBytes, cost: PassphraseCost = .default
    ) throws(SlotError) -> Slot {
        try make(
            kind: kind, for: identity, vault: vault, member: member, with: credential, cost: cost,
            id: Randomness.bytes(16), salt: Randomness.bytes(16), sealSalt: Randomness.bytes(Seal.saltLength))
    }

    /// Makes a slot of given random values: for values that must come out the same.
    static func make(
        kind: SlotKind, for identity: borrowing Identity, vault: [UInt8], member: [UInt8],
        with credential: borrowing SecretBytes, cost: PassphraseCost, id: [UInt8], salt: [UInt8],
        sealSalt: [UInt8]
    ) throws(SlotError) -> Slot {
        let stored = kind == .passphrase ? cost : nil
        let frame = Slot(
            id: id, member: member, kind: kind, salt: salt, memory: stored?.memory, passes: stored?.passes,
            blob: [])
        let key = try frame.key(from: credential)
        let blob = identity.withSeed { seed in
            try? Seal.seal(seed, key: key, purpose: .identity, aad: frame.aad(vault: vault), salt: sealSalt)
        }
        guard let blob else { preconditionFailure("a seed is never too large") }
        return Slot(
            id: id, member: member, kind: kind, salt: salt, memory: frame.memory, passes: frame.passes,
            blob: blob)
    }

    /// Opens the slot.
    ///
    /// What anybody can see without the key is checked first: `format`, `costRefused`, `malformedCredential`;
    /// everything else is `wrongCredential`, or `outOfMemory`.
    public func open(with credential: borrowing SecretBytes, vault: [UInt8]) throws(SlotError) -> Identity {
        guard id.count == 16, member.count == 16, salt.count == 16, vault.count == 32, Self.isSealedSeed(blob)
        else { throw .format }
        let seed = try seed(under: try key(from: credential), vault: vault)
        guard seed.count == 32 else { throw .wrongCredential }
        return Identity(seed: seed)
    }

    /// What is sealed here; the key is wiped before anything is made of it.
    private func seed(under key: consuming SecretBytes, vault: [UInt8]) throws(SlotError) -> SecretBytes {
        do throws(SealError) {
            return try Seal.open(blob, key: key, purpose: .identity, aad: aad(vault: vault))
        } catch {
            throw .wrongCredential
        }
    }

    /// Whether the bytes have the shape of a sealed identity seed; says nothing about who made them.
    public static func isSealedSeed(_ blob: [UInt8]) -> Bool {
        blob.count == Seal.blobLength(message: 32) && Seal.isWellFormed(blob)
    }

    /// What the sealed seed is bound to.
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
