/// What may stand at one place of an entry: steps over a value in canonical text, and returns whether it may be there.
///
/// The rules of this folder are the one definition of what an entry can contain (docs/format.md, section 7). They know
/// every key of every action, so the form of a text is decided by its bytes alone.
struct Rule: Sendable {
    let accepts: @Sendable (inout TextScan) -> Bool

    init(_ accepts: @escaping @Sendable (inout TextScan) -> Bool) { self.accepts = accepts }
}

// Single values.
extension Rule {
    /// Any string.
    static let text = Rule { $0.string() != nil }

    /// Any string but the empty one.
    static let someText = Rule { scan in scan.string().map { !$0.isEmpty } ?? false }

    /// Exactly this string.
    static func exactly(_ text: StaticString) -> Rule {
        let quoted = Array("\"\(text)\"".utf8)
        return Rule { $0.take(quoted) }
    }

    /// One of these strings.
    static func word(_ words: [String]) -> Rule {
        let words = words.map { Array($0.utf8) }
        return Rule { scan in
            guard let word = scan.word() else { return false }
            return words.contains { scan.isText(word, $0) }
        }
    }

    /// So many bytes in lower-case hexadecimal.
    static func hex(_ bytes: Int) -> Rule {
        Rule { $0.take(0x22) && $0.hex(2 * bytes) != nil && $0.take(0x22) }
    }

    /// A whole number from `least` to 2^63 - 1.
    static func number(from least: UInt64 = 0) -> Rule {
        Rule { scan in scan.count().map { $0 >= least } ?? false }
    }

    /// `true`; its absence means `false`.
    static let flag: Rule = {
        let text = Array("true".utf8)
        return Rule { $0.take(text) }
    }()

    /// A time in seconds: `2026-11-23T22:13:33Z`, of a day that exists.
    static let time = Rule { scan in
        guard scan.take(0x22), let text = scan.skip(20), scan.take(0x22) else { return false }
        return Timestamp(text: String(decoding: scan.bytes[text], as: UTF8.self)) != nil
    }

    /// The key of a setting, the field of a secret, or the name of a connector: `[a-z0-9-]{1,64}`, no hyphen first.
    static let key = Rule { scan in
        guard let text = scan.string(), (1...64).contains(text.count) else { return false }
        return scan.bytes[text.lowerBound] != 0x2d && scan.bytes[text].allSatisfy(isKeyByte)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d
    }

    /// The name of a member (`MemberName`).
    static let memberName = Rule { scan in
        guard let text = scan.string() else { return false }
        return MemberName.isValid(scan.bytes[text])
    }

    /// How often a secret is to be rotated: a number of days or hours, up to a hundred years, or `never`.
    static let period: Rule = {
        let never = Array("\"never\"".utf8)
        return Rule { scan in
            if scan.take(never) { return true }
            guard scan.take(0x22), let number = scan.count(), number > 0 else { return false }
            let most: UInt64 = scan.byte == 0x64 ? 36_500 : 876_000
            return number <= most && (scan.take(0x64) || scan.take(0x68)) && scan.take(0x22)
        }
    }()

    /// What one of two rules accepts.
    static func either(_ first: Rule, _ second: Rule) -> Rule {
        Rule { scan in
            let before = scan
            if first.accepts(&scan) { return true }
            scan = before
            return second.accepts(&scan)
        }
    }
}

// Values that hold others.
extension Rule {
    /// An array.
    static func list(_ element: Rule, atLeast least: Int = 0) -> Rule {
        Rule { scan in
            guard scan.take(0x5b) else { return false }
            if scan.take(0x5d) { return least == 0 }
            var count = 0
            repeat {
                guard element.accepts(&scan) else { return false }
                count += 1
            } while scan.take(0x2c)
            return count >= least && scan.take(0x5d)
        }
    }

    /// A non-empty object whose keys are the user's: in byte order, none twice.
    static func map(_ key: Rule, _ value: Rule) -> Rule {
        Rule { scan in
            guard scan.take(0x7b) else { return false }
            var last: Range<Int>?
            repeat {
                let start = scan.place
                guard key.accepts(&scan) else { return false }
                let text = start + 1..<scan.place - 1
                if let last, !scan.precedes(last, text) { return false }
                last = text
                guard scan.take(0x3a), value.accepts(&scan) else { return false }
            } while scan.take(0x2c)
            return scan.take(0x7d)
        }
    }

    /// An object with these keys and no others.
    static func object(_ members: [Member], atLeast least: Int = 0) -> Rule {
        let members = members.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return Rule { scan in
            guard scan.take(0x7b) else { return false }
            var count = 0
            for member in members {
                let before = scan.place
                if count > 0, !scan.take(0x2c) {
                    if member.isNeeded { return false }
                    continue
                }
                guard scan.take(member.key) else {
                    if member.isNeeded { return false }
                    scan.back(to: before)
                    continue
                }
                guard member.rule.accepts(&scan) else { return false }
                count += 1
            }
            return count >= least && scan.take(0x7d)
        }
    }

    /// A key of an object with what may stand behind it.
    struct Member: Sendable {
        /// The key in quotes, and a colon.
        let key: [UInt8]
        let rule: Rule
        let isNeeded: Bool

        private init(_ key: StaticString, _ rule: Rule, isNeeded: Bool) {
            self.key = Array("\"\(key)\":".utf8)
            self.rule = rule
            self.isNeeded = isNeeded
        }

        static func needed(_ key: StaticString, _ rule: Rule) -> Member {
            Member(key, rule, isNeeded: true)
        }

        /// One that is absent where there is nothing to say.
        static func optional(_ key: StaticString, _ rule: Rule) -> Member {
            Member(key, rule, isNeeded: false)
        }
    }
}
