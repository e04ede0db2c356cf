/// The key that the secrets of one epoch are sealed under (docs/format.md, section 5).
public struct MasterKey: ~Copyable, Sendable {
    private let key: SecretBytes

    /// The epoch, from 1.
    public let epoch: UInt64

    /// Takes ownership of a key.
    ///
    /// - Precondition: `key` has 32 bytes.
    public init(epoch: UInt64, key: consuming SecretBytes) {
        precondition(key.count == 32, "a master key has 32 bytes")
        self.epoch = epoch
        self.key = key
    }

    /// The length of a grant in bytes: a point, a master key and a tag.
    public static let grantLength = SealedBox.overhead + 32

    /// Generates the key of a new epoch.
    public static func generate(epoch: UInt64) -> MasterKey {
        MasterKey(epoch: epoch, key: SecretBytes.random(32))
    }

    /// The commitment to this key in the ledger, which does not reveal it: `B2b(key, "vault/commit", "", 32)`.
    public var commitment: [UInt8] {
        unsafe Derivation.commit.secret(from: key).withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// The X25519 public key that deposits of this epoch are sealed to.
    public var depositPublic: [UInt8] { X25519.publicKey(of: depositPrivate) }

    var depositPrivate: SecretBytes { Derivation.deposit.secret(from: key) }

    /// Calls `body` with the key, for a `Seal`, `Sealer` or `Resealer`.
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
    ///   - vault: the vault's ID.
    ///   - member: the member's ID.
    ///   - receivePublic: the member's receiving key, 32 bytes.
    /// - Returns: `enc ‖ ciphertext ‖ tag`.
    /// - Throws: `BoxError.format` or `lowOrderPoint` for an unusable receiving key.
    public borrowing func grant(
        vault: [UInt8], member: [UInt8], receivePublic: [UInt8]
    ) throws(BoxError) -> [UInt8] {
        let info = Self.grantInfo(vault: vault, member: member, epoch: epoch)
        return try SealedBox.seal(key, to: receivePublic, info: info)
    }

    /// Opens a member's grant and compares the key with the ledger's commitment in constant time.
    ///
    /// - Throws: `BoxError.format`, `lowOrderPoint`, `notAuthentic` or `doesNotMatchCommitment`.
    public static func open(
        grant: [UInt8], with identity: borrowing Identity, vault: [UInt8], member: [UInt8], epoch: UInt64,
        commitment: [UInt8]
    ) throws(BoxError) -> MasterKey {
        guard grant.count == grantLength else { throw .format }
        let info = grantInfo(vault: vault, member: member, epoch: epoch)
        let key = try SealedBox.open(
            grant[...], with: identity.receiving, identity.receivePublic, info: info)
        return try checked(key, epoch: epoch, commitment: commitment)
    }

    /// Seals the key of the previous epoch under this key, never the reverse.
    ///
    /// - Throws: `BoxError.notPreviousEpoch`.
    public borrowing func sealPrevious(
        _ old: borrowing MasterKey, vault: [UInt8]
    ) throws(BoxError) -> [UInt8] {
        try sealPrevious(old, vault: vault, salt: Randomness.bytes(Seal.saltLength))
    }

    borrowing func sealPrevious(
        _ old: borrowing MasterKey, vault: [UInt8], salt: [UInt8]
    ) throws(BoxError) -> [UInt8] {
        let (next, overflow) = old.epoch.addingReportingOverflow(1)
        guard !overflow, next == epoch else { throw .notPreviousEpoch }
        let aad = PAE.encode(.bytes(vault), .number(old.epoch))
        guard let blob = try? Seal.seal(old.key, key: key, purpose: .epoch, aad: aad, salt: salt) else {
            preconditionFailure("sealing a key cannot fail")
        }
        return blob
    }

    /// Opens the key of the previous epoch and compares it with that epoch's commitment in constant time.
    ///
    /// - Throws: `BoxError.notPreviousEpoch` in epoch 1, `format`, `notAuthentic` or `doesNotMatchCommitment`.
    public borrowing func openPrevious(
        _ blob: [UInt8], vault: [UInt8], commitment: [UInt8]
    ) throws(BoxError) -> MasterKey {
        guard epoch > 1 else { throw .notPreviousEpoch }
        let aad = PAE.encode(.bytes(vault), .number(epoch - 1))
        let old: SecretBytes
        do throws(SealError) {
            old = try Seal.open(blob, key: key, purpose: .epoch, aad: aad)
        } catch {
            throw error == .notAuthentic ? .notAuthentic : .format
        }
        return try Self.checked(old, epoch: epoch - 1, commitment: commitment)
    }

    static func grantInfo(vault: [UInt8], member: [UInt8], epoch: UInt64) -> [UInt8] {
        PAE.encode(.text("vault/grant"), .bytes(vault), .bytes(member), .number(epoch))
    }

    private static func checked(
        _ key: consuming SecretBytes, epoch: UInt64, commitment: [UInt8]
    ) throws(BoxError) -> MasterKey {
        guard key.count == 32 else { throw .format }
        let own = Derivation.commit.secret(from: key)
        guard unsafe commitment.withUnsafeBytes({ unsafe own.equals($0) }) else {
            throw .doesNotMatchCommitment
        }
        return MasterKey(epoch: epoch, key: key)
    }
}
