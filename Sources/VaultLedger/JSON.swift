import VaultCrypto
import VaultText

/// A JSON value (RFC 8259) with one canonical text (docs/format.md, section 7).
///
/// The canonical text has no white space, and the keys of every object are in byte order. Numbers are 64-bit integers:
/// the ledger needs no others, and parsers disagree about them.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([JSON])
    case object(Members)

    /// The members of an object: unique keys in byte order.
    public struct Members: Sendable, Equatable, ExpressibleByDictionaryLiteral {
        /// The members in byte order of their keys.
        public private(set) var pairs: [Pair]

        /// A key with its value.
        public struct Pair: Sendable, Equatable {
            /// The key.
            public let key: String
            /// The value.
            public let value: JSON

            /// Compares the keys byte by byte.
            public static func == (a: Pair, b: Pair) -> Bool {
                a.key.hasSameBytes(as: b.key) && a.value == b.value
            }
        }

        /// Creates an empty object.
        public init() { pairs = [] }

        /// Creates an object from pairs in any order. The last pair with a key wins.
        public init(_ pairs: [(String, JSON)]) {
            self.pairs = []
            self.pairs.reserveCapacity(pairs.count)
            for (key, value) in pairs { self[key] = value }
        }

        /// Creates an object from a literal. The last pair with a key wins.
        public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }

        /// The value of a key. Setting `nil` removes the key.
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

        /// Whether there are no members.
        public var isEmpty: Bool { pairs.isEmpty }

        /// Creates an object from pairs in any order in O(n log n), even for hostile input; `nil` for a duplicate key.
        init?(unsorted pairs: [Pair]) {
            func isSorted(_ pairs: [Pair]) -> Bool {
                zip(pairs, pairs.dropFirst()).allSatisfy { $0.key.precedesInBytes($1.key) }
            }
            self.pairs = pairs
            if isSorted(pairs) { return }
            self.pairs.sort { $0.key.precedesInBytes($1.key) }
            guard isSorted(self.pairs) else { return nil }
        }

        /// The index of a key, or the one to insert it at. Keys are compared by bytes, because Swift's `==` treats
        /// canonically equivalent strings as equal and other JSON parsers don't.
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
    /// Compares strings byte by byte.
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

    /// The string, if this is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The integer, if this is one.
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The elements, if this is an array.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// The members, if this is an object.
    public var object: Members? { if case .object(let value) = self { value } else { nil } }

    /// The value at a path of keys; `nil` if there is none.
    public subscript(path: String...) -> JSON? {
        var value = self
        for key in path {
            guard let next = value.object?[key] else { return nil }
            value = next
        }
        return value
    }

    /// The canonical text as UTF-8.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// The canonical text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Creates a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates an integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Creates a Boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Creates an array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// Creates an object. The last pair with a key wins.
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(Members(elements)) }
}

extension JSON {
    /// The bytes of a string of lower-case hexadecimal digits; `nil` unless there are `count` bytes.
    func bytes(_ count: Int) -> [UInt8]? {
        guard let text = string, let bytes = Hex.decode(text), bytes.count == count else { return nil }
        return bytes
    }

    /// The decoded elements of an array; `nil` if one can't be decoded.
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
