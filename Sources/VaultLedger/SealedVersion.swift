public import VaultCrypto

/// What the ledger says of the sealed bytes of one version of a secret (docs/format.md, section 9).
///
/// Entries of older programs say neither epoch nor digest of a seal, and of a deposit only the digest. Such a version is
/// *not covered* until a `secret.cover` says both.
public struct SealedVersion: Sendable, Equatable {
    public let field: String
    public let version: UInt64
    /// Whether the bytes are a deposit, and not a seal.
    public let isDeposit: Bool
    /// The epoch of the master key that it is sealed under; nil where no entry says so.
    public let epoch: UInt64?
    /// SHA-256 of the sealed bytes; nil where no entry says so.
    public let digest: Hash?
    /// The entry whose digest list says both; nil where the owner's state does.
    public let list: UInt64?

    public init(
        field: String, version: UInt64, isDeposit: Bool, epoch: UInt64?, digest: Hash?, list: UInt64? = nil
    ) {
        self.field = field
        self.version = version
        self.isDeposit = isDeposit
        self.epoch = epoch
        self.digest = digest
        self.list = list
    }

    public init(_ secret: OwnerState.Secret) {
        self.init(
            field: secret.field, version: secret.version, isDeposit: secret.deposit != nil,
            epoch: secret.epoch, digest: (secret.deposit ?? secret.sealed).flatMap { Hash($0) })
    }

    /// Whether the ledger says what its sealed bytes are.
    public var isCovered: Bool { epoch != nil && digest != nil }

    /// Whether both speak of the same sealed bytes.
    func hasSameBytes(as other: SealedVersion) -> Bool {
        isDeposit == other.isDeposit && epoch == other.epoch && digest == other.digest
    }

    /// The same version with the bytes that an item of a digest list says.
    public func listed(_ item: DigestList.Item, at seq: UInt64, isDeposit: Bool) -> SealedVersion {
        SealedVersion(
            field: field, version: version, isDeposit: isDeposit, epoch: item.epoch, digest: item.digest,
            list: seq)
    }
}

extension Hash {
    /// The bytes that 64 lower-case digits stand for; the caller has seen that they are such.
    init?(hex digits: ArraySlice<UInt8>) {
        func half(_ digit: UInt8) -> UInt8 { digit < 0x3a ? digit - 0x30 : digit - 0x57 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        var place = digits.startIndex
        while place + 1 < digits.endIndex {
            bytes.append(half(digits[place]) << 4 | half(digits[place + 1]))
            place += 2
        }
        self.init(bytes)
    }
}

/// A connection or client as the replay of a ledger knows it.
public struct SealedOwner: Sendable, Equatable {
    public let kind: Entry.Object.Kind
    /// It was there, and its id never comes back.
    public let isRemoved: Bool
    public var versions: [SealedVersion]

    public init(kind: Entry.Object.Kind, isRemoved: Bool = false, versions: [SealedVersion]) {
        self.kind = kind
        self.isRemoved = isRemoved
        self.versions = versions
    }

    /// The place of a version among the owner's.
    public func place(_ field: String, _ version: UInt64) -> Int? {
        versions.firstIndex { $0.version == version && $0.field == field }
    }
}

extension OwnerState {
    /// Says of each version what the ledger says of its bytes now, which may stand in a digest list newer than this state.
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
