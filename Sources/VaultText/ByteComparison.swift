// VaultText compares text by its UTF-8 bytes, as the vault's file, the ledger and every seal do. Swift's `==` compares
// by canonical equivalence: a composed and a decomposed `é` are equal, and a Kelvin sign equals a `K`.

extension StringProtocol {
    /// Whether this text has the same UTF-8 bytes as another.
    public func hasSameBytes(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Whether this text sorts before another by UTF-8 bytes.
    public func precedesInBytes(_ other: some StringProtocol) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}

extension Optional where Wrapped: StringProtocol {
    /// Whether both are nil, or both have the same UTF-8 bytes.
    public func hasSameBytes(as other: Wrapped?) -> Bool {
        map { Array($0.utf8) } == other.map { Array($0.utf8) }
    }
}

extension Sequence where Element: StringProtocol {
    /// Whether both sequences have the same texts, by UTF-8 bytes, in the same order.
    public func haveSameBytes(as other: some Sequence<Element>) -> Bool {
        elementsEqual(other) { $0.hasSameBytes(as: $1) }
    }
}
