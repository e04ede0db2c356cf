// The room VaultLedger: the audit log as mathematics. Entries, the tree over them, the signed heads, the proofs,
// and who may do what. It reads no file and knows no table; what it needs is handed to it as bytes.

import VaultCrypto
import VaultText

/// A JSON value (RFC 8259), as the ledger writes and reads it.
///
/// Written without white space and with the keys of every object in byte order, so that one value has one text.
/// Numbers are integers of 64 bits: the ledger has no use for others, and two programs may read them differently.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([JSON])
    case object(Members)

    /// The members of an object, in byte order of their keys, each key once.
    public struct Members: Sendable, Equatable, ExpressibleByDictionaryLiteral {
        public private(set) var pairs: [Pair]

        public struct Pair: Sendable, Equatable {
            public let key: String
            public let value: JSON

            public static func == (a: Pair, b: Pair) -> Bool {
                a.key.hasSameBytes(as: b.key) && a.value == b.value
            }
        }

        public init() { pairs = [] }

        /// Sorts the pairs; of two with the same key the later one stays.
        public init(_ pairs: [(String, JSON)]) {
            self.pairs = []
            self.pairs.reserveCapacity(pairs.count)
            for (key, value) in pairs { self[key] = value }
        }

        public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }

        public subscript(key: String) -> JSON? {
            get {
                let place = place(of: key)
                return holds(key, at: place) ? pairs[place].value : nil
            }
            set {
                let place = place(of: key)
                switch (newValue, holds(key, at: place)) {
                case (let value?, true): pairs[place] = Pair(key: key, value: value)
                case (let value?, false): pairs.insert(Pair(key: key, value: value), at: place)
                case (nil, true): pairs.remove(at: place)
                case (nil, false): break
                }
            }
        }

        public var isEmpty: Bool { pairs.isEmpty }

        /// Takes pairs in any order, in time that a hostile text cannot stretch; nil when a key comes twice.
        init?(unsorted pairs: [Pair]) {
            func isSorted(_ pairs: [Pair]) -> Bool {
                zip(pairs, pairs.dropFirst()).allSatisfy { $0.key.precedesInBytes($1.key) }
            }
            self.pairs = pairs
            if isSorted(pairs) { return }
            self.pairs.sort { $0.key.precedesInBytes($1.key) }
            guard isSorted(self.pairs) else { return nil }
        }

        /// Where this key stands, or would stand. Keys are told apart by their bytes: for Swift, `é` in one scalar
        /// and in two are the same text, for every other reader they are not.
        private func place(of key: String) -> Int {
            var range = pairs.startIndex..<pairs.endIndex
            while !range.isEmpty {
                let middle = range.lowerBound + range.count / 2
                range =
                    pairs[middle].key.precedesInBytes(key)
                    ? middle + 1..<range.upperBound : range.lowerBound..<middle
            }
            return range.lowerBound
        }

        private func holds(_ key: String, at place: Int) -> Bool {
            place < pairs.endIndex && !key.precedesInBytes(pairs[place].key)
        }
    }
}

extension JSON {
    /// Whether both are one value, with the same bytes in every string.
    public static func == (a: JSON, b: JSON) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    public var object: Members? { if case .object(let value) = self { value } else { nil } }

    /// The value behind one key after another; nil where the path ends early.
    public subscript(path: String...) -> JSON? {
        var value = self
        for key in path {
            guard let next = value.object?[key] else { return nil }
            value = next
        }
        return value
    }

    /// The text of this value as UTF-8.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Members(elements)) }
}

extension JSON {
    /// The bytes that a string of hexadecimal digits stands for; nil unless there are `count` of them.
    func bytes(_ count: Int) -> [UInt8]? {
        guard let text = string, let bytes = Hex.decode(text), bytes.count == count else { return nil }
        return bytes
    }

    /// The elements of an array, read; nil when one of them cannot be.
    func all<T>(_ read: (JSON) -> T?) -> [T]? {
        guard let array else { return nil }
        let found = array.compactMap(read)
        return found.count == array.count ? found : nil
    }

    var identifier: Identifier? { bytes(Identifier.size).flatMap(Identifier.init(bytes:)) }
    var hash: Hash? { bytes(32).flatMap { Hash($0) } }
    var timestamp: Timestamp? { string.flatMap(Timestamp.init(text:)) }
    var role: Role? { string.flatMap(Role.init(rawValue:)) }
}
