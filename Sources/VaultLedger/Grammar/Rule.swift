/// A rule of the entry grammar: consumes one value in canonical text, or returns `false` if the value isn't allowed.
///
/// The rules in this folder are the only definition of what an entry can contain (docs/format.md, section 7).
struct Rule: Sendable {
    let accepts: @Sendable (inout CanonicalScanner) -> Bool

    init(_ accepts: @escaping @Sendable (inout CanonicalScanner) -> Bool) { self.accepts = accepts }
}

// Scalar values.
extension Rule {
    /// Any string.
    static let text = Rule { $0.string() != nil }

    /// Any string except the empty one.
    static let nonEmptyText = Rule { scanner in scanner.string().map { !$0.isEmpty } ?? false }

    /// Exactly this string.
    static func exactly(_ text: StaticString) -> Rule {
        let quoted = Array("\"\(text)\"".utf8)
        return Rule { $0.take(quoted) }
    }

    /// One of these strings.
    static func oneOf(_ words: [String]) -> Rule {
        let words = words.map { Array($0.utf8) }
        return Rule { scanner in
            guard let word = scanner.word() else { return false }
            return words.contains { scanner.isText(word, $0) }
        }
    }

    /// The given number of bytes in lower-case hexadecimal.
    static func hex(_ bytes: Int) -> Rule {
        Rule { $0.take(0x22) && $0.hex(2 * bytes) != nil && $0.take(0x22) }
    }

    /// An integer from `least` to 2^63 - 1.
    static func number(from least: UInt64 = 0) -> Rule {
        Rule { scanner in scanner.number().map { $0 >= least } ?? false }
    }

    /// `true`; the key is absent for `false`.
    static let flag: Rule = {
        let text = Array("true".utf8)
        return Rule { $0.take(text) }
    }()

    /// A time with seconds, on a day that exists: `2026-11-23T22:13:33Z`.
    static let time = Rule { scanner in
        guard scanner.take(0x22), let text = scanner.skip(20), scanner.take(0x22) else { return false }
        return Timestamp(utf8: scanner.bytes[text]) != nil
    }

    /// The key of a setting, the field of a secret, or the name of a connector: `[a-z0-9][a-z0-9-]{0,63}`.
    static let key = Rule { scanner in
        guard let text = scanner.string(), (1...64).contains(text.count) else { return false }
        return scanner.bytes[text.lowerBound] != 0x2d && scanner.bytes[text].allSatisfy(isKeyByte)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d
    }

    /// The name of a member (`MemberName`).
    static let memberName = Rule { scanner in
        guard let text = scanner.string() else { return false }
        return MemberName.isValid(scanner.bytes[text])
    }

    /// A rotation period: `never`, or days or hours up to a hundred years (`90d`, `12h`).
    static let period: Rule = {
        let never = Array("\"never\"".utf8)
        return Rule { scanner in
            if scanner.take(never) { return true }
            guard scanner.take(0x22), let number = scanner.number(), number > 0 else { return false }
            let most: UInt64 = scanner.byte == 0x64 ? 36_500 : 876_000
            return number <= most && (scanner.take(0x64) || scanner.take(0x68)) && scanner.take(0x22)
        }
    }()

    /// A value that one of two rules accepts.
    static func either(_ first: Rule, _ second: Rule) -> Rule {
        Rule { scanner in
            let before = scanner
            if first.accepts(&scanner) { return true }
            scanner = before
            return second.accepts(&scanner)
        }
    }
}

// Arrays and objects.
extension Rule {
    /// An array of at least `least` elements.
    static func list(_ element: Rule, atLeast least: Int = 0) -> Rule {
        Rule { scanner in
            guard scanner.take(0x5b) else { return false }
            if scanner.take(0x5d) { return least == 0 }
            var count = 0
            repeat {
                guard element.accepts(&scanner) else { return false }
                count += 1
            } while scanner.take(0x2c)
            return count >= least && scanner.take(0x5d)
        }
    }

    /// A non-empty object with the user's keys, unique and in byte order.
    static func map(_ key: Rule, _ value: Rule) -> Rule {
        Rule { scanner in
            guard scanner.take(0x7b) else { return false }
            var last: Range<Int>?
            repeat {
                let start = scanner.position
                guard key.accepts(&scanner) else { return false }
                let text = start + 1..<scanner.position - 1
                if let last, !scanner.precedes(last, text) { return false }
                last = text
                guard scanner.take(0x3a), value.accepts(&scanner) else { return false }
            } while scanner.take(0x2c)
            return scanner.take(0x7d)
        }
    }

    /// An object with these keys and no others, and at least `least` of them.
    static func object(_ members: [Member], atLeast least: Int = 0) -> Rule {
        let members = members.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return Rule { scanner in
            guard scanner.take(0x7b) else { return false }
            var count = 0
            for member in members {
                let before = scanner.position
                if count > 0, !scanner.take(0x2c) {
                    if member.isRequired { return false }
                    continue
                }
                guard scanner.take(member.key) else {
                    if member.isRequired { return false }
                    scanner.rewind(to: before)
                    continue
                }
                guard member.rule.accepts(&scanner) else { return false }
                count += 1
            }
            return count >= least && scanner.take(0x7d)
        }
    }

    /// A key of an object, and the rule for its value.
    struct Member: Sendable {
        /// The key in quotes, and a colon.
        let key: [UInt8]
        let rule: Rule
        let isRequired: Bool

        private init(_ key: StaticString, _ rule: Rule, isRequired: Bool) {
            self.key = Array("\"\(key)\":".utf8)
            self.rule = rule
            self.isRequired = isRequired
        }

        static func required(_ key: StaticString, _ rule: Rule) -> Member {
            Member(key, rule, isRequired: true)
        }

        static func optional(_ key: StaticString, _ rule: Rule) -> Member {
            Member(key, rule, isRequired: false)
        }
    }
}
