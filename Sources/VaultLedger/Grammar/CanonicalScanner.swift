/// A cursor over canonical JSON text (docs/format.md, section 7) that builds no values.
///
/// Each scanning method returns `false` or `nil` unless canonical text of its kind starts at the position. After a
/// failure the position is undefined, except where a method says that it stays.
struct CanonicalScanner {
    let bytes: [UInt8]
    private(set) var position = 0
    /// Whether every byte of every string so far was ASCII. If so, the text needs no UTF-8 validation.
    private(set) var isASCII = true

    // Set by the rules of an entry, for `EntryFacts`.
    var versions: [SealedVersion] = []
    var objectKind: Entry.Object.Kind?
    /// The hexadecimal digits of the object's ID.
    var objectID: Range<Int>?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// The byte at the position; 0, which never occurs in canonical text, at the end.
    var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

    /// Returns to an earlier position.
    mutating func rewind(to earlier: Int) { position = earlier }

    /// Consumes exactly this text, or stays.
    mutating func take(_ text: [UInt8]) -> Bool {
        guard position + text.count <= bytes.count else { return false }
        for index in text.indices where bytes[position + index] != text[index] { return false }
        position += text.count
        return true
    }

    /// Consumes exactly this byte, or stays.
    mutating func take(_ character: UInt8) -> Bool {
        guard byte == character else { return false }
        position += 1
        return true
    }

    /// Consumes any `count` bytes.
    mutating func skip(_ count: Int) -> Range<Int>? {
        guard position + count <= bytes.count else { return nil }
        defer { position += count }
        return position..<position + count
    }

    /// Consumes `count` lower-case hexadecimal digits.
    mutating func hex(_ count: Int) -> Range<Int>? {
        guard let range = skip(count) else { return nil }
        for index in range where !Self.isHex(bytes[index]) { return nil }
        return range
    }

    /// Consumes a string of lower-case letters, dots and hyphens; returns the range between the quotes.
    mutating func word() -> Range<Int>? {
        guard take(0x22) else { return nil }
        let start = position
        while byte != 0x22 {
            guard (0x61...0x7a).contains(byte) || byte == 0x2e || byte == 0x2d else { return nil }
            position += 1
        }
        position += 1
        return start..<position - 1
    }

    /// Consumes an integer from 0 to 2^63 - 1 without leading zeros.
    mutating func number() -> UInt64? {
        let start = position
        var number: UInt64 = 0
        // Nineteen digits stay below 2^64, so this can't overflow.
        while (0x30...0x39).contains(byte), position - start < 19 {
            number = number * 10 + UInt64(byte - 0x30)
            position += 1
        }
        let digits = position - start
        guard digits > 0, digits == 1 || bytes[start] != 0x30, !(0x30...0x39).contains(byte) else {
            return nil
        }
        return number <= UInt64(Int64.max) ? number : nil
    }

    /// Consumes a string with canonical escapes; returns the range between the quotes, escapes included.
    mutating func string() -> Range<Int>? {
        guard take(0x22) else { return nil }
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x22 {
                position += 1
                return start..<position - 1
            }
            if byte == 0x5c {
                guard escape() != nil else { return nil }
            } else {
                guard byte >= 0x20, byte != 0x7f else { return nil }
                if byte >= 0x80 { isASCII = false }
                position += 1
            }
        }
        return nil
    }

    /// Consumes `\"`, `\\`, or `\u00` and the two digits of a control character; returns the character.
    private mutating func escape() -> UInt8? {
        position += 1
        if byte == 0x22 || byte == 0x5c {
            defer { position += 1 }
            return byte
        }
        guard take(Self.control), let digits = hex(2) else { return nil }
        let value = bytes[digits].reduce(0) { $0 * 16 + Self.value($1) }
        return value < 0x20 || value == 0x7f ? value : nil
    }

    /// Whether one scanned string sorts before another, both unescaped, in byte order.
    func precedes(_ first: Range<Int>, _ second: Range<Int>) -> Bool {
        let (a, b) = (bytes[first], bytes[second])
        guard a.contains(0x5c) || b.contains(0x5c) else { return a.lexicographicallyPrecedes(b) }
        return unescaped(first).lexicographicallyPrecedes(unescaped(second))
    }

    private func unescaped(_ range: Range<Int>) -> [UInt8] {
        var scanner = self
        scanner.position = range.lowerBound
        var text: [UInt8] = []
        while scanner.position < range.upperBound {
            if scanner.byte == 0x5c {
                guard let character = scanner.escape() else { return text }
                text.append(character)
            } else {
                text.append(scanner.byte)
                scanner.position += 1
            }
        }
        return text
    }

    /// Whether the bytes in a range are exactly this text.
    func isText(_ range: Range<Int>, _ text: [UInt8]) -> Bool {
        range.count == text.count && bytes[range].elementsEqual(text)
    }

    /// Decodes a range that `hex(_:)` returned.
    func decodeHex(_ digits: Range<Int>) -> [UInt8] {
        stride(from: digits.lowerBound, to: digits.upperBound, by: 2).map {
            Self.value(bytes[$0]) << 4 | Self.value(bytes[$0 + 1])
        }
    }

    private static let control = Array("u00".utf8)

    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func value(_ digit: UInt8) -> UInt8 { digit < 0x3a ? digit - 0x30 : digit - 0x57 }
}
