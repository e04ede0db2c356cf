import TestSupport
import Testing

@testable import VaultLedger

struct JSONTests {
    @Test func `parses its own output as the same value`() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let value = JSON.random(depth: 5, using: &generator)
            let bytes = value.bytes
            let read = try JSON.parse(bytes)
            #expect(read == value)
            #expect(read.bytes == bytes)
        }
    }

    @Test(
        arguments: [
            ("null", JSON.null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            (" \t\r\n[ ] ", []), ("{ }", [:]),
            (#"{"b":[1,{"c":null}],"a":"x"}"#, ["a": "x", "b": [1, ["c": .null]]]),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e9\uD83D\uDE00""#, "Aé😀"),
            ("\"é😀\u{7f}\u{2028}\"", "é😀\u{7f}\u{2028}"),
        ] as [(String, JSON)]) func `parses`(text: String, value: JSON) throws
    {
        #expect(try JSON.parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "True", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"",
        "\"\\u12g4\"", "\"\\u+123\"", "\"\\u\u{ff11}000\"", "\"a\nb\"", "\"\0\"", "'a'", "1 1", "null,",
        "[]]", "01",
        "-01", "-", "+1", "x", "--1", "\u{feff}1", "// 1", "NaN",
    ]) func `rejects text that is not JSON`(text: String) {
        #expect(fault(of: Array(text.utf8)) == .syntax)
    }

    @Test(arguments: ["1.0", "1e3", "-1E3", "0.", "9223372036854775808", "-9223372036854775809"])
    func `rejects numbers that are not 64-bit integers`(text: String) {
        #expect(fault(of: Array(text.utf8)) == .number)
    }

    @Test(arguments: [
        #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #""\udc00\ud800""#, #""\ud800\n""#,
    ]) func `rejects lone surrogates`(text: String) {
        #expect(fault(of: Array(text.utf8)) == .encoding)
    }

    @Test(
        arguments: [
            [0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80], [0xe2, 0x82],
        ] as [[UInt8]])
    func `rejects invalid UTF-8`(bytes: [UInt8]) {
        #expect(fault(of: [0x22] + bytes + [0x22]) == .encoding)
        let escape = Array("\\n".utf8)
        #expect(fault(of: [0x22] + escape + bytes + [0x22]) == .encoding)
        #expect(fault(of: [0x22] + bytes + escape + [0x22]) == .encoding)
    }

    @Test func `rejects a duplicate key, escaped or not`() {
        for text in [#"{"a":1,"a":1}"#, #"{"a":1,"b":2,"\u0061":3}"#, #"[{"x":{"k":1,"k":2}}]"#] {
            #expect(fault(of: Array(text.utf8)) == .duplicateKey)
        }
    }

    @Test func `compares keys by their bytes`() throws {
        let text = "{\"e\u{301}\":1,\"f\":2,\"\u{e9}\":3}"
        let value = try JSON.parse(text)
        #expect(value["e\u{301}"] == 1)
        #expect(value["\u{e9}"] == 3)
        #expect(value.bytes == Array(text.utf8))
        var members: JSON.Members = ["e\u{301}": 1]
        members["\u{e9}"] = 2
        #expect(members.pairs.count == 2)
    }

    @Test func `parses 32 levels and no more`() throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ levels: Int) -> String {
                String(repeating: open, count: levels) + "[]" + String(repeating: close, count: levels)
            }
            _ = try JSON.parse(nested(31))
            #expect(fault(of: Array(nested(32).utf8)) == .depth)
            #expect(fault(of: Array(String(repeating: open, count: 100_000).utf8)) == .depth)
        }
    }

    @Test func `reports the offset of the fault`() {
        #expect(throws: JSONError(offset: 4, reason: .syntax)) { try JSON.parse("[1, x]") }
    }

    @Test func `writes keys in byte order, independent of their order in the text`() throws {
        var generator = SeededGenerator(seed: 2)
        let keys = ["", "A", "Z", "a", "aa", "b", "z", "z\u{301}", "\u{7f}", "é", "\u{fffd}", "😀"]
        for _ in 0..<50 {
            let members = JSON.Members(keys.shuffled(using: &generator).map { ($0, 1) })
            #expect(members.pairs.map(\.key) == keys)
            let text =
                "{" + keys.shuffled(using: &generator).map { "\"\($0)\":1" }.joined(separator: ",") + "}"
            #expect(try JSON.parse(text).bytes == JSON.object(members).bytes)
        }
    }

    @Test func `sets, replaces and removes members`() {
        var members: JSON.Members = ["b": 1, "b": 2, "a": 3]
        #expect(members == ["a": 3, "b": 2])
        members["a"] = nil
        members["c"] = nil
        #expect(members == ["b": 2])
        members["b"] = nil
        #expect(members.isEmpty)
        #expect(JSON.object(["x": ["y": "z"]])["x", "y"]?.string == "z")
        #expect(JSON.object(["x": 1])["x", "y"] == nil)
        #expect(JSON.null.array == nil)
    }

    // case 52: no text can start a line, end its string or send a command to a terminal.
    @Test func `escapes every control character, quote and backslash`() {
        for code in UInt32(0)..<0x20 {
            let digits = String(code, radix: 16)
            let escaped = "\"\\u" + String(repeating: "0", count: 4 - digits.count) + digits + "\""
            #expect(JSON.string(String(Unicode.Scalar(code)!)).text == escaped)
        }
        #expect(JSON.string("\u{7f}\"\\").text == #""\u007f\"\\""#)
        #expect(JSON.string("/é\u{2028}").text == "\"/é\u{2028}\"")
    }

    // case 41
    @Test func `never crashes on mutated texts, and parses its own output as the same value`() {
        var generator = SeededGenerator(seed: 3)
        for round in 0..<4000 {
            let text =
                round.isMultiple(of: 4)
                ? generator.bytes(Int.random(in: 0..<64, using: &generator))
                : JSON.random(depth: 4, using: &generator).bytes.mutated(using: &generator)
            guard let value = try? JSON.parse(text) else { continue }
            #expect((try? JSON.parse(value.bytes)) == value)
        }
    }

    // case 41: inserting the keys one by one would take minutes.
    @Test func `parses an object with very many keys in any order`() throws {
        let keys = (100_000..<160_000).reversed().map { "\"\($0)\":0" }
        let value = try JSON.parse("{" + keys.joined(separator: ",") + "}")
        #expect(value.object?.pairs.count == 60_000)
        #expect(value["100000"] == 0)
        #expect(
            fault(of: Array(("{" + keys.joined(separator: ",") + ",\"100001\":1}").utf8)) == .duplicateKey)
    }

    private func fault(of bytes: [UInt8]) -> JSONError.Reason? {
        do throws(JSONError) {
            _ = try JSON.parse(bytes)
            return nil
        } catch {
            return error.reason
        }
    }
}

extension JSON {
    static func random(depth: Int, using generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2:
            return .integer(
                Int64(bitPattern: generator.next() >> UInt64.random(in: 0..<64, using: &generator)))
        case 3, 4: return .string(randomText(using: &generator))
        case 5:
            let count = Int.random(in: 0..<5, using: &generator)
            return .array((0..<count).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            var members = Members()
            for _ in 0..<Int.random(in: 0..<5, using: &generator) {
                members[randomText(using: &generator)] = random(depth: depth - 1, using: &generator)
            }
            return .object(members)
        }
    }

    /// Text with control characters, quotes, composed and decomposed accents, and scalars of every length.
    static func randomText(using generator: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<12, using: &generator) {
            let range: ClosedRange<UInt32> =
                [0...0x1f, 0x20...0x7f, 0x80...0x7ff, 0x300...0x36f, 0x800...0xffff, 0x10000...0x10ffff]
                .randomElement(
                    using: &generator)!
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) {
                text.append(scalar)
            }
        }
        return String(text)
    }
}
