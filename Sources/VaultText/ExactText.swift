// The module's rule: whether two texts are the same is decided by their UTF-8 bytes, as in the file, the ledger and every
// seal. Swift's `==` is not that: for it `é` is the same in one scalar and in two, and a Kelvin sign is a `K`.

extension StringProtocol {
    /// Whether this text has the same UTF-8 bytes as another.
    public func hasSameBytes(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Whether this text comes before another when both are compared as UTF-8 bytes.
    public func precedesInBytes(_ other: some StringProtocol) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}

extension Optional where Wrapped: StringProtocol {
    /// Whether both are absent, or both are texts of the same UTF-8 bytes.
    public func hasSameBytes(as other: Wrapped?) -> Bool {
        switch (self, other) {
        case (let text?, let other?): text.hasSameBytes(as: other)
        case (nil, nil): true
        default: false
        }
    }
}

extension Sequence where Element: StringProtocol {
    /// Whether there are the same texts in the same order, each of the same UTF-8 bytes.
    public func haveSameBytes(as other: some Sequence<Element>) -> Bool {
        elementsEqual(other) { $0.hasSameBytes(as: $1) }
    }
}
