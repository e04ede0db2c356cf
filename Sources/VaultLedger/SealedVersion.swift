public import VaultCrypto

/// The id of an owner (a connection or an OAuth 2.0 client) as two words: a key without an allocation, since replay
/// keeps one for every owner that a ledger ever had.
public struct OwnerKey: Sendable, Hashable, Comparable {
    let high: UInt64
    let low: UInt64

    /// Nil unless there are 16 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Identifier.size else { return nil }
        func word(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        (high, low) = (word(bytes.prefix(8)), word(bytes.dropFirst(8)))
    }

    /// Nil unless there are 32 lower-case hexadecimal digits.
    init?(hex: some Collection<UInt8>) {
        guard hex.count == 2 * Identifier.size else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for digit in hex {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x57
            default: return nil
            }
            words = (words.0 << 4 | words.1 >> 60, words.1 << 4 | UInt64(value))
        }
        (high, low) = words
    }

    /// In the order of the bytes.
    public static func < (a: OwnerKey, b: OwnerKey) -> Bool { (a.high, a.low) < (b.high, b.low) }

    public init?(hex: String) { self.init(hex: Array(hex.utf8)) }

    /// The 16 bytes.
    public var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
    }

    /// 32 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }
}

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
