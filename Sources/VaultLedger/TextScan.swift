/// Steps over canonical JSON text (docs/format.md, section 7) without making values of it.
///
/// Every step says whether what stands there is canonical; one that says no leaves the place anywhere.
struct TextScan {
    private let bytes: [UInt8]
    private var place = 0
    /// No byte of a string was beyond ASCII, so the text is UTF-8.
    private(set) var isASCII = true

    private static let deepest = 16

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    private var byte: UInt8 { place < bytes.count ? bytes[place] : 0 }

    mutating func take(_ text: [UInt8]) -> Bool {
        guard place + text.count <= bytes.count else { return false }
        for index in text.indices where bytes[place + index] != text[index] { return false }
        place += text.count
        return true
    }

    private mutating func take(_ character: UInt8) -> Bool {
        guard byte == character else { return false }
        place += 1
        return true
    }

    mutating func skip(_ count: Int) -> Range<Int>? {
        guard place + count <= bytes.count else { return nil }
        defer { place += count }
        return place..<place + count
    }

    /// So many lower-case hexadecimal digits.
    mutating func hex(_ count: Int) -> Range<Int>? {
        guard let range = skip(count) else { return nil }
        for index in range where !Self.isHex(bytes[index]) { return nil }
        return range
    }

    /// A string of lower-case letters, dots, hyphens; without its quotes.
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

    /// A number of at most 18 digits, none too many.
    mutating func count() -> UInt64? {
        let start = place
        var number: UInt64 = 0
        while (0x30...0x39).contains(byte), place - start < 19 {
            number = number * 10 + UInt64(byte - 0x30)
            place += 1
        }
        let digits = place - start
        return digits > 0 && digits < 19 && (digits == 1 || bytes[start] != 0x30) ? number : nil
    }

    /// A string in its one form; the range is what stands between the quotes, escapes and all.
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
                guard escape() else { return nil }
            } else {
                guard byte >= 0x20, byte != 0x7f else { return nil }
                if byte >= 0x80 { isASCII = false }
                place += 1
            }
        }
        return nil
    }

    /// `\"`, `\\`, or `\u00` and two digits of a control character.
    private mutating func escape() -> Bool {
        place += 1
        if byte == 0x22 || byte == 0x5c {
            place += 1
            return true
        }
        guard take(Self.control), let digits = hex(2) else { return false }
        let value = bytes[digits].reduce(0) { $0 * 16 + Int($1 < 0x3a ? $1 - 0x30 : $1 - 0x57) }
        return value < 0x20 || value == 0x7f
    }

    private static let control = Array("u00".utf8)
    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}

extension TextScan {
    /// Any value in canonical text that could not mislead the search of a file for entries.
    mutating func value(depth: Int) -> Bool {
        guard depth < Self.deepest else { return false }
        switch byte {
        case 0x22: return string() != nil
        case 0x7b: return object(depth: depth) { scan, _ in scan.value(depth: depth + 1) }
        case 0x5b: return array { $0.value(depth: depth + 1) }
        case 0x74: return take(Self.isTrue)
        case 0x66: return take(Self.isFalse)
        case 0x6e: return take(Self.isNull)
        case 0x2d:
            place += 1
            return byte != 0x30 && count() != nil
        default: return count() != nil
        }
    }

    /// An object whose keys stand in byte order, none twice; `member` reads the value of each.
    ///
    /// Keys with escapes, and those that a search could take for the entry's own, are not decided here.
    private mutating func object(
        depth: Int, _ member: (inout TextScan, Range<Int>) -> Bool
    ) -> Bool {
        guard take(0x7b) else { return false }
        if take(0x7d) { return true }
        var last: Range<Int>?
        repeat {
            guard let key = string(), take(0x3a) else { return false }
            if let last, !bytes[last].lexicographicallyPrecedes(bytes[key]) { return false }
            guard !bytes[key].contains(0x5c), !isText(key, Self.object),
                depth == 0 || !isText(key, Self.state)
            else { return false }
            guard member(&self, key) else { return false }
            last = key
        } while take(0x2c)
        return take(0x7d)
    }

    private mutating func array(_ element: (inout TextScan) -> Bool) -> Bool {
        guard take(0x5b) else { return false }
        if take(0x5d) { return true }
        repeat {
            guard element(&self) else { return false }
        } while take(0x2c)
        return take(0x5d)
    }

    private func isText(_ range: Range<Int>, _ text: [UInt8]) -> Bool {
        range.count == text.count && bytes[range].elementsEqual(text)
    }

    /// Where the parts of a `change` stand that somebody asks for.
    struct ChangeText {
        let state: Range<Int>?
    }

    /// The `change` of an entry: its settings with nothing but old and new values, and its state whole.
    mutating func change() -> ChangeText? {
        var state: Range<Int>?
        let isWhole = object(depth: 0) { scan, key in
            if scan.isText(key, Self.settings) { return scan.settings() }
            guard scan.isText(key, Self.state) else { return scan.value(depth: 1) }
            let start = scan.place
            guard scan.state() else { return false }
            state = start..<scan.place
            return true
        }
        return isWhole ? ChangeText(state: state) : nil
    }

    private mutating func settings() -> Bool {
        // An entry without changed settings has no `settings`.
        guard place + 1 < bytes.count, bytes[place + 1] != 0x7d else { return false }
        return object(depth: 1) { scan, _ in
            scan.object(depth: 2) { scan, key in
                (scan.isText(key, Self.new) || scan.isText(key, Self.old)) && scan.value(depth: 3)
            }
        }
    }

    private mutating func state() -> Bool {
        guard take(Self.secrets), array({ $0.secret() }), take(Self.digest), hex(64) != nil, take(0x22) else {
            return false
        }
        if take(Self.annotations) {
            guard hex(64) != nil, take(0x22) else { return false }
        }
        return take(0x7d)
    }

    private mutating func secret() -> Bool {
        guard take(0x7b) else { return false }
        if take(Self.deposit) {
            guard hex(64) != nil, take(Self.next) else { return false }
        }
        guard take(Self.field), string() != nil, takeTime(Self.keepUntil), take(Self.label),
            let label = word(), Self.labels.contains(where: { isText(label, $0) }), takeTime(Self.rotateBy),
            takeTime(Self.testedAt), take(Self.version), let version = count()
        else { return false }
        return version > 0 && take(0x7d)
    }

    /// A time behind this key, or nothing at all.
    private mutating func takeTime(_ key: [UInt8]) -> Bool {
        guard take(key) else { return true }
        guard let text = skip(20) else { return false }
        return Timestamp(text: String(decoding: bytes[text], as: UTF8.self)) != nil && take(0x22)
    }

    private static let isTrue = Array("true".utf8)
    private static let isFalse = Array("false".utf8)
    private static let isNull = Array("null".utf8)
    private static let object = Array("object".utf8)
    private static let state = Array("state".utf8)
    private static let settings = Array("settings".utf8)
    private static let new = Array("new".utf8)
    private static let old = Array("old".utf8)
    private static let secrets = Array(#"{"secrets":"#.utf8)
    private static let digest = Array(#","settings_digest":""#.utf8)
    private static let annotations = Array(#","tags_digest":""#.utf8)
    private static let deposit = Array(#""deposit":""#.utf8)
    private static let next = Array(#"","#.utf8)
    private static let field = Array(#""field":"#.utf8)
    private static let keepUntil = Array(#","keep_until":""#.utf8)
    private static let rotateBy = Array(#","rotate_by":""#.utf8)
    private static let testedAt = Array(#","tested_at":""#.utf8)
    private static let label = Array(#","label":"#.utf8)
    private static let version = Array(#","version":"#.utf8)
    private static let labels = SecretLabel.allCases.map { Array($0.rawValue.utf8) }
}
