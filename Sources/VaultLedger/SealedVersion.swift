public import VaultCrypto

/// The sealed bytes of one version of a secret, as the ledger records them (docs/format.md, section 9).
///
/// Entries of older programs record neither epoch nor digest of a seal, and only the digest of a deposit. Such a version
/// is *not covered* until a `secret.cover` entry records both.
public struct SealedVersion: Sendable, Equatable {
    /// The field of the form, such as `app-key`.
    public let field: String
    /// The number of the version, from 1.
    public let version: UInt64
    /// Whether the bytes are a deposit rather than a seal.
    public let isDeposit: Bool
    /// The epoch of the master key that it is sealed under; `nil` if no entry records it.
    public let epoch: UInt64?
    /// The SHA-256 of the sealed bytes; `nil` if no entry records it.
    public let digest: Hash?
    /// The number of the entry with the digest list that records both; `nil` if the owner's state does.
    public let list: UInt64?

    /// Creates a version.
    init(
        field: String, version: UInt64, isDeposit: Bool, epoch: UInt64?, digest: Hash?, list: UInt64? = nil
    ) {
        self.field = field
        self.version = version
        self.isDeposit = isDeposit
        self.epoch = epoch
        self.digest = digest
        self.list = list
    }

    /// Takes a version from the state of an owner.
    init(_ secret: OwnerState.Secret) {
        self.init(
            field: secret.field, version: secret.version, isDeposit: secret.deposit != nil,
            epoch: secret.epoch, digest: (secret.deposit ?? secret.sealed).flatMap { Hash($0) })
    }

    /// Whether the ledger records epoch and digest of the sealed bytes.
    public var isCovered: Bool { epoch != nil && digest != nil }

    /// Whether both record the same sealed bytes.
    func hasSameBytes(as other: SealedVersion) -> Bool {
        isDeposit == other.isDeposit && epoch == other.epoch && digest == other.digest
    }

    /// This version with epoch and digest from an item of a digest list.
    ///
    /// - Parameters:
    ///   - item: The item for this version.
    ///   - seq: The number of the entry that signs the digest list.
    ///   - isDeposit: Whether the listed bytes are a deposit.
    public func listed(_ item: DigestList.Item, at seq: UInt64, isDeposit: Bool) -> SealedVersion {
        SealedVersion(
            field: field, version: version, isDeposit: isDeposit, epoch: item.epoch, digest: item.digest,
            list: seq)
    }
}

/// A connection or client with its secrets, as replayed from the ledger.
public struct SealedOwner: Sendable, Equatable {
    /// Connection or client.
    public let kind: Entry.Object.Kind
    /// Whether it was removed. Its ID is never used again.
    public let isRemoved: Bool
    /// The versions of its secrets.
    public var versions: [SealedVersion]

    /// Creates an owner.
    public init(kind: Entry.Object.Kind, isRemoved: Bool = false, versions: [SealedVersion]) {
        self.kind = kind
        self.isRemoved = isRemoved
        self.versions = versions
    }

    /// The index of a version in `versions`.
    public func place(_ field: String, _ version: UInt64) -> Int? {
        versions.firstIndex { $0.version == version && $0.field == field }
    }
}

extension OwnerState {
    /// Replaces epoch and digest of each version with those in force, which a digest list newer than this state may record.
    public mutating func take(_ versions: [SealedVersion]) {
        for place in secrets.indices {
            let secret = secrets[place]
            guard
                let known = versions.first(where: {
                    $0.version == secret.version && $0.field == secret.field
                })
            else { continue }
            secrets[place].epoch = known.epoch
            secrets[place].sealed = known.isDeposit ? nil : known.digest?.bytes
            secrets[place].deposit = known.isDeposit ? known.digest?.bytes : nil
        }
    }
}
