import VaultMemory
import VaultText

/// Finds the members of one JSON object (RFC 8259) in place, without a copy. Nested values are skipped.
@safe struct JSONObjectScanner {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

    /// The keys, and the ranges of the values; nil if the text is not one object.
    mutating func members() -> [(key: String, value: Range<Int>)]? {
        guard take("{") else { return nil }
        var members: [(key: String, value: Range<Int>)] = []
        while !take("}") {
            _ = take(",")
            guard let key = string(), take(":"), let value = value(depth: 0) else { return nil }
            guard peek == UInt8(ascii: ",") || peek == UInt8(ascii: "}") else { return nil }
            members.append((text(key) ?? "", value))
        }
        return peek == nil ? members : nil
    }

    /// The value as a string; nil if it is not one.
    func text(_ range: Range<Int>) -> String? {
        guard let secret = secret(range) else { return nil }
        return unsafe secret.bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// The value as a number of up to nine digits, which may be quoted, as some providers write `expires_in`.
    func number(_ range: Range<Int>) -> Int? {
        let digits = unsafe bytes[range].filter { $0 != UInt8(ascii: "\"") }
        guard (1...9).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// The value as an unescaped string in locked memory; nil if it is not a string.
    func secret(_ range: Range<Int>) -> SharedSecret? {
        guard range.count >= 2, unsafe bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        let inner = (range.lowerBound + 1)..<(range.upperBound - 1)
        var count = 0
        let unescaped = unsafe SecretBytes(count: inner.count) { memory in
            var index = inner.lowerBound
            while index < inner.upperBound {
                var byte = unsafe bytes[index]
                index += 1
                if byte == UInt8(ascii: "\\"), index < inner.upperBound {
                    byte = unsafe bytes[index]
                    index += 1
                    switch byte {
                    case UInt8(ascii: "b"): byte = 0x08
                    case UInt8(ascii: "f"): byte = 0x0c
                    case UInt8(ascii: "n"): byte = 0x0a
                    case UInt8(ascii: "r"): byte = 0x0d
                    case UInt8(ascii: "t"): byte = 0x09
                    case UInt8(ascii: "u"):
                        // A token is ASCII. Other characters become 0xff, which the caller rejects.
                        byte = ascii(at: index)
                        index += 4
                    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): break
                    // Not a JSON escape.
                    default: byte = 0xff
                    }
                }
                unsafe memory[count] = byte
                count += 1
            }
        }
        return SharedSecret(unescaped.clone(0..<count))
    }

    private func ascii(at index: Int) -> UInt8 {
        guard unsafe index + 4 <= bytes.count else { return 0xff }
        var value = 0
        for place in index..<index + 4 {
            guard let digit = unsafe Hex.value(bytes[place]) else { return 0xff }
            value = value << 4 | Int(digit)
        }
        return value < 0x80 ? UInt8(value) : 0xff
    }

    private mutating func value(depth: Int) -> Range<Int>? {
        guard depth < 32 else { return nil }
        switch peek {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let start = place
            place += 1
            while !take("}"), !take("]") {
                if !take(","), !take(":"), value(depth: depth + 1) == nil { return nil }
            }
            return start..<place
        default:
            let start = place
            while unsafe place < bytes.count && isLiteral(bytes[place]) { place += 1 }
            return place > start ? start..<place : nil
        }
    }

    /// The range of a string, including its quotes.
    private mutating func string() -> Range<Int>? {
        guard take("\"") else { return nil }
        let start = place - 1
        while unsafe place < bytes.count {
            let byte = unsafe bytes[place]
            place += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return start..<place }
        }
        return nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    /// The next byte after white space.
    private var peek: UInt8? {
        mutating get {
            while unsafe place < bytes.count && [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
            return unsafe place < bytes.count ? bytes[place] : nil
        }
    }

    private func isLiteral(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
            || [0x2b, 0x2d, 0x2e].contains(byte)
    }
}
