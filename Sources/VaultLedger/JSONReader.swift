/// Why a text can't be parsed.
public struct JSONError: Error, Equatable {
    /// The offset of the fault in bytes.
    let offset: Int
    /// The kind of fault.
    let reason: Reason

    /// A kind of fault.
    enum Reason: Sendable {
        /// Not JSON.
        case syntax
        /// A number that is not a 64-bit integer.
        case number
        /// A key that occurs twice in an object.
        case duplicateKey
        /// More than 32 levels.
        case depth
        /// Invalid UTF-8, or a lone surrogate.
        case encoding
    }
}

extension JSON {
    /// Parses a JSON text, canonical or not.
    ///
    /// The parser is strict (no duplicate keys, only 64-bit integers, at most 32 levels, valid UTF-8), because a text that two
    /// parsers read differently could mean one thing to the verifier and another to SQLite.
    ///
    /// - Throws: `JSONError` with the first fault.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.isAtEnd else { throw reader.fault(.syntax) }
        return value
    }

    /// Parses a JSON text, canonical or not.
    ///
    /// - Throws: `JSONError` with the first fault.
    public static func parse(_ text: String) throws(JSONError) -> JSON { try parse(Array(text.utf8)) }
}

private struct JSONReader {
    let bytes: [UInt8]
    var place = 0
    static let maximumDepth = 32

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    func fault(_ reason: JSONError.Reason) -> JSONError { JSONError(offset: place, reason: reason) }

    mutating func skipSpace() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0a, 0x0d: place += 1
            default: return
            }
        }
    }

    mutating func value(depth: Int) throws(JSONError) -> JSON {
        guard depth < Self.maximumDepth else { throw fault(.depth) }
        skipSpace()
        guard place < bytes.count else { throw fault(.syntax) }
        switch bytes[place] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func literal(_ text: String, _ value: JSON) throws(JSONError) -> JSON {
        guard bytes[place...].starts(with: text.utf8) else { throw fault(.syntax) }
        place += text.utf8.count
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        place += 1
        var pairs: [JSON.Members.Pair] = []
        if take("}") { return .object([:]) }
        repeat {
            skipSpace()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw fault(.syntax) }
            let key = try string()
            guard take(":") else { throw fault(.syntax) }
            pairs.append(JSON.Members.Pair(key: key, value: try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw fault(.syntax) }
        guard let members = JSON.Members(unsorted: pairs) else { throw fault(.duplicateKey) }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        place += 1
        var values: [JSON] = []
        if take("]") { return .array(values) }
        repeat { values.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw fault(.syntax) }
        return .array(values)
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = place
        if bytes[place] == UInt8(ascii: "-") { place += 1 }
        let digits = place
        while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
        let count = place - digits
        guard count > 0, count == 1 || bytes[digits] != UInt8(ascii: "0") else { throw fault(.syntax) }
        if place < bytes.count,
            [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[place])
        {
            throw fault(.number)
        }
        guard let value = Int64(String(decoding: bytes[start..<place], as: UTF8.self)) else {
            throw fault(.number)
        }
        return .integer(value)
    }

    /// Reads a string. One without escapes, which is the usual case, is read without a copy.
    private mutating func string() throws(JSONError) -> String {
        place += 1
        var text: [UInt8] = []
        var start = place
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                let rest = bytes[start..<place]
                place += 1
                return try valid(text.isEmpty ? rest : text + rest)
            } else if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: bytes[start..<place])
                text.append(contentsOf: String(try escape()).utf8)
                start = place
            } else if byte < 0x20 {
                throw fault(.syntax)
            } else {
                place += 1
            }
        }
        throw fault(.syntax)
    }

    /// ASCII is not validated: Swift's validation looks up types, which takes longer than reading a short string.
    private func valid(_ text: ArraySlice<UInt8>) throws(JSONError) -> String {
        if text.reduce(0, |) < 0x80 { return String(decoding: text, as: UTF8.self) }
        guard let string = String(validating: text, as: UTF8.self) else { throw fault(.encoding) }
        return string
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        place += 1
        guard place < bytes.count else { throw fault(.syntax) }
        let kind = bytes[place]
        place += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try escapedScalar()
        default: throw fault(.syntax)
        }
    }

    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xd800..<0xdc00).contains(first), bytes[place...].starts(with: "\\u".utf8) else {
            throw fault(.encoding)
        }
        place += 2
        let second = try fourHexDigits()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw fault(.encoding) }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        guard place + 4 <= bytes.count else { throw fault(.syntax) }
        let digits = bytes[place..<place + 4]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault(.syntax) }
        place += 4
        return value
    }
}
