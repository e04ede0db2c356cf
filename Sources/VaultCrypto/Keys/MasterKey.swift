// The folder's rule: a master key reaches a member only by a grant that matches what the ledger says of its epoch
// (docs/format.md, "Master keys").

/// Why a grant, or the sealed key of the epoch before, gave no master key.
public enum GrantError: Error, Sendable, Equatable {
    case format
    /// A point of low order stands where a public key should (case 24).
    case lowOrderPoint
    /// Wrong member, vault, epoch or key, or altered bytes.
    case notAuthentic
    /// It opened, but to another key than the one whose commitment the ledger holds.
    case doesNotMatchCommitment
    /// The two keys are not of an epoch and the one right after it.
    case notTheEpochBefore
}

/// The key that secrets of one epoch are sealed under.
public struct MasterKey: ~Copyable, Sendable {
    private let key: SecretBytes

    /// 1, 2, 3 …
    public let epoch: UInt64

    /// Takes a key of 32 bytes over.
    public init(epoch: UInt64, key: consuming SecretBytes) {
        precondition(key.count == 32, "a master key has 32 bytes")
        self.epoch = epoch
        self.key = key
    }

    /// Bytes of a grant: a point, a master key and a tag (docs/format.md, section 5).
    public static let grantLength = 32 + 32 + 16

    /// Makes the key of a new epoch.
    public static func generate(epoch: UInt64) -> MasterKey {
        MasterKey(epoch: epoch, key: SecretBytes.random(32))
    }

    /// `B2b(key, "vault/commit", "", 32)`: what the ledger says of this epoch's key, without telling it.
    public var commitment: [UInt8] { Derivation.commit.publicBytes(from: key) }

    /// The X25519 public key to which deposits of this epoch are sealed.
    public var depositPublic: [UInt8] { X25519.publicKey(of: depositPrivate) }

    var depositPrivate: SecretBytes { Derivation.deposit.secret(from: key) }

    /// Lends the key, for a `Seal`, `Sealer` or `Resealer`.
    public borrowing func withKey<R: ~Copyable, E>(
        _ body: (borrowing SecretBytes) throws(E) -> R
    ) throws(E) -> R {
        try body(key)
    }

    /// A second owner of the same key.
    public borrowing func clone() -> MasterKey { MasterKey(epoch: epoch, key: key.clone()) }

    /// Seals the key to one member, whose receiving key has 32 bytes: `enc ‖ ciphertext ‖ tag`.
    ///
    /// Throws `format` and `lowOrderPoint`.
    public borrowing func grant(
        vault: [UInt8], member: [UInt8], receivePublic: [UInt8]
    ) throws(GrantError) -> [UInt8] {
        let info = Self.grantInfo(vault: vault, member: member, epoch: epoch)
        do throws(BoxError) {
            return try SealedBox.seal(key, to: receivePublic, info: info)
        } catch {
            throw GrantError(error)
        }
    }

    /// Opens a member's grant and holds the key against the ledger's commitment, in constant time.
    public static func open(
        grant: [UInt8], with identity: borrowing Identity, vault: [UInt8], member: [UInt8], epoch: UInt64,
        commitment: [UInt8]
    ) throws(GrantError) -> MasterKey {
        guard grant.count == SealedBox.overhead + 32 else { throw .format }
        let info = grantInfo(vault: vault, member: member, epoch: epoch)
        let key: SecretBytes
        do throws(BoxError) {
            key = try SealedBox.open(
                grant[...], with: identity.receiving, identity.receivePublic, info: info)
        } catch {
            throw GrantError(error)
        }
        return try checked(key, epoch: epoch, commitment: commitment)
    }

    /// Seals the key of the epoch before under this one; never the reverse.
    ///
    /// Throws `notTheEpochBefore`.
    public borrowing func sealPrevious(
        _ old: borrowing MasterKey, vault: [UInt8]
    ) throws(GrantError) -> [UInt8] {
        try sealPrevious(old, vault: vault, salt: Randomness.bytes(Seal.saltLength))
    }

    borrowing func sealPrevious(
        _ old: borrowing MasterKey, vault: [UInt8], salt: [UInt8]
    ) throws(GrantError) -> [UInt8] {
        let (next, overflow) = old.epoch.addingReportingOverflow(1)
        guard !overflow, next == epoch else { throw .notTheEpochBefore }
        let aad = PAE.encode(.bytes(vault), .number(old.epoch))
        guard let blob = try? Seal.seal(old.key, key: key, purpose: .epoch, aad: aad, salt: salt) else {
            preconditionFailure("a key is never too large")
        }
        return blob
    }

    /// Opens the key of the epoch before and holds it against that epoch's commitment.
    public borrowing func openPrevious(
        _ blob: [UInt8], vault: [UInt8], commitment: [UInt8]
    ) throws(GrantError) -> MasterKey {
        guard epoch > 1 else { throw .notTheEpochBefore }
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
    ) throws(GrantError) -> MasterKey {
        guard key.count == 32 else { throw .format }
        let own = Derivation.commit.secret(from: key)
        guard unsafe commitment.withUnsafeBytes({ unsafe own.equals($0) }) else {
            throw .doesNotMatchCommitment
        }
        return MasterKey(epoch: epoch, key: key)
    }
}

extension GrantError {
    init(_ error: BoxError) {
        switch error {
        case .format: self = .format
        case .lowOrderPoint: self = .lowOrderPoint
        case .notAuthentic: self = .notAuthentic
        }
    }
}
