/// A cursor over canonical JSON text (docs/format.md, section 7) that makes no values of it.
///
/// Every step returns whether what stands there is canonical. After a step that fails, the position is undefined.
struct TextScan {
    let bytes: [UInt8]
    private(set) var place = 0
    /// No byte of a string was beyond ASCII, so the text is UTF-8.
    private(set) var isASCII = true
    /// What the rules of an entry leave behind for its reader.
    var state: Range<Int>?
    var kind: Entry.Object.Kind?
    /// The digits of the object's id.
    var id: Range<Int>?
    var versions: [SealedVersion] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    /// The byte at the position; 0, which no canonical text has, at the end.
    var byte: UInt8 { place < bytes.count ? bytes[place] : 0 }

    /// Goes back to a position that it was at.
    mutating func back(to earlier: Int) { place = earlier }

    /// Steps over this text, or stays where it is.
    mutating func take(_ text: [UInt8]) -> Bool {
        guard place + text.count <= bytes.count else { return false }
        for index in text.indices where bytes[place + index] != text[index] { return false }
        place += text.count
        return true
    }

    mutating func take(_ character: UInt8) -> Bool {
        guard byte == character else { return false }
        place += 1
        return true
    }

    mutating func skip(_ count: Int) -> Range<Int>? {
        guard place + count <= bytes.count else { return nil }
        defer { place += count }
        return place..<place + count
    }

    /// Steps over this many lower-case hexadecimal digits.
    mutating func hex(_ count: Int) -> Range<Int>? {
        guard let range = skip(count) else { return nil }
        for index in range where !Self.isHex(bytes[index]) { return nil }
        return range
    }

    /// Steps over a string of lower-case letters, dots and hyphens; the range is what stands between the quotes.
    mutating func word() -> Range<Int>? {
        guard take(0x22) else { return nil }
        let start = place
        while byte != 0x22 {
            guard (0x61...0x7a).contains(byte) || byte == 0x2e || byte == 0x2d else { return nil }
            place += 1
        }
        place += 1
        return start..<place - 1
    }

    /// Steps over a number from 0 to 2^63 - 1 without leading zeros.
    mutating func count() -> UInt64? {
        let start = place
        var number: UInt64 = 0
        // Nineteen digits are below 2^64, so nothing overflows.
        while (0x30...0x39).contains(byte), place - start < 19 {
            number = number * 10 + UInt64(byte - 0x30)
            place += 1
        }
        let digits = place - start
        guard digits > 0, digits == 1 || bytes[start] != 0x30, !(0x30...0x39).contains(byte) else {
            return nil
        }
        return number <= UInt64(Int64.max) ? number : nil
    }

    /// Steps over a string in its one form; the range is what stands between the quotes, escapes included.
    mutating func string() -> Range<Int>? {
        guard take(0x22) else { return nil }
        let start = place
        while place < bytes.count {
            let byte = bytes[place]
            if byte == 0x22 {
                place += 1
                return start..<place - 1
            }
            if byte == 0x5c {
                guard escape() != nil else { return nil }
            } else {
                guard byte >= 0x20, byte != 0x7f else { return nil }
                if byte >= 0x80 { isASCII = false }
                place += 1
            }
        }
        return nil
    }

    /// Steps over `\"`, `\\`, or `\u00` and two digits of a control character; returns the character.
    private mutating func escape() -> UInt8? {
        place += 1
        if byte == 0x22 || byte == 0x5c {
            defer { place += 1 }
            return byte
        }
        guard take(Self.control), let digits = hex(2) else { return nil }
        let value = bytes[digits].reduce(0) { $0 * 16 + ($1 < 0x3a ? $1 - 0x30 : $1 - 0x57) }
        return value < 0x20 || value == 0x7f ? value : nil
    }

    /// Whether the text between the quotes of one string comes before that of another, both without their escapes.
    func precedes(_ first: Range<Int>, _ second: Range<Int>) -> Bool {
        let (a, b) = (bytes[first], bytes[second])
        guard a.contains(0x5c) || b.contains(0x5c) else { return a.lexicographicallyPrecedes(b) }
        return unescaped(first).lexicographicallyPrecedes(unescaped(second))
    }

    private func unescaped(_ range: Range<Int>) -> [UInt8] {
        var scan = self
        scan.place = range.lowerBound
        var text: [UInt8] = []
        while scan.place < range.upperBound {
            if scan.byte == 0x5c {
                guard let character = scan.escape() else { return text }
                text.append(character)
            } else {
                text.append(scan.byte)
                scan.place += 1
            }
        }
        return text
    }

    func isText(_ range: Range<Int>, _ text: [UInt8]) -> Bool {
        range.count == text.count && bytes[range].elementsEqual(text)
    }

    private static let control = Array("u00".utf8)
    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
