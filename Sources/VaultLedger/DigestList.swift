public import VaultCrypto

/// The digests of the sealed bytes of up to 256 secrets. A `key.reseal` or `secret.cover` entry signs the SHA-256 of the
/// encoded list (docs/format.md, section 11).
///
/// The encoding is PAE(item, item, …) in byte order, each item PAE(owner, field, version, epoch, SHA-256 of the sealed
/// bytes).
public struct DigestList: Sendable, Equatable {
    /// The largest number of items in a list.
    public static let maximumCount = 256

    /// The items, in the byte order of their encoding.
    public let items: [Item]

    /// A version of a secret and the digest of its sealed bytes.
    public struct Item: Sendable, Equatable {
        /// The ID of the connection or client.
        public let owner: IdentifierKey
        /// The field of the form, such as `app-key`.
        public let field: String
        /// The number of the version, from 1.
        public let version: UInt64
        /// The epoch of the master key that it is sealed under.
        public let epoch: UInt64
        /// The SHA-256 of the sealed bytes.
        public let digest: Hash

        /// Creates an item.
        public init(owner: IdentifierKey, field: String, version: UInt64, epoch: UInt64, digest: Hash) {
            self.owner = owner
            self.field = field
            self.version = version
            self.epoch = epoch
            self.digest = digest
        }

        fileprivate var encoded: [UInt8] {
            PAE.encode(
                .bytes(owner.bytes), .text(field), .number(version), .number(epoch), .bytes(digest.bytes))
        }
    }

    /// Encodes a list.
    ///
    /// - Parameter items: At most `maximumCount` items in any order, each version once.
    public static func encode(_ items: [Item]) -> [UInt8] {
        precondition(items.count <= maximumCount, "too many items for a digest list")
        let sorted = items.map(\.encoded).sorted { $0.lexicographicallyPrecedes($1) }
        return PAE.encode(sorted.map { .bytes($0) })
    }

    /// Decodes a list; `nil` for any bytes that `encode(_:)` would not produce.
    public init?(_ bytes: [UInt8]) {
        var reader = PieceReader(bytes)
        guard let count = reader.number(), count <= UInt64(Self.maximumCount) else { return nil }
        var items: [Item] = []
        items.reserveCapacity(Int(count))
        var last: (item: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
        for _ in 0..<count {
            guard let encoded = reader.piece(), let (item, name) = Item.read(encoded) else { return nil }
            if let last {
                guard last.item.lexicographicallyPrecedes(encoded), !last.name.elementsEqual(name) else {
                    return nil
                }
            }
            last = (encoded, name)
            items.append(item)
        }
        guard reader.isAtEnd else { return nil }
        self.items = items
    }

    /// The item of a version; `nil` if the list doesn't contain it.
    public func item(_ owner: IdentifierKey, _ field: String, _ version: UInt64) -> Item? {
        items.first { $0.owner == owner && $0.version == version && $0.field == field }
    }
}

extension DigestList.Item {
    /// Decodes an item, and returns with it the part of the encoding that names the version.
    fileprivate static func read(_ encoded: ArraySlice<UInt8>) -> (DigestList.Item, ArraySlice<UInt8>)? {
        var reader = PieceReader(encoded)
        guard reader.number() == 5, let owner = reader.piece().flatMap({ IdentifierKey(bytes: $0) }),
            let name = reader.piece(), let field = String(validating: name, as: UTF8.self),
            let version = reader.numberPiece(), version > 0
        else { return nil }
        let end = reader.place
        guard let epoch = reader.numberPiece(), epoch > 0, let digest = reader.piece().flatMap({ Hash($0) }),
            reader.isAtEnd
        else { return nil }
        let item = Self(owner: owner, field: field, version: version, epoch: epoch, digest: digest)
        return (item, encoded[encoded.startIndex..<end])
    }
}

/// Reads the pieces of a PAE in order.
private struct PieceReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var place: Int

    init(_ bytes: ArraySlice<UInt8>) { (self.bytes, place) = (bytes, bytes.startIndex) }
    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    var isAtEnd: Bool { place == bytes.endIndex }

    mutating func number() -> UInt64? {
        guard bytes.endIndex - place >= 8 else { return nil }
        var number: UInt64 = 0
        for offset in 0..<8 { number |= UInt64(bytes[place + offset]) << UInt64(8 * offset) }
        place += 8
        return number
    }

    mutating func piece() -> ArraySlice<UInt8>? {
        guard let length = number(), length <= UInt64(bytes.endIndex - place) else { return nil }
        defer { place += Int(length) }
        return bytes[place..<place + Int(length)]
    }

    mutating func numberPiece() -> UInt64? { number() == 8 ? number() : nil }
}
