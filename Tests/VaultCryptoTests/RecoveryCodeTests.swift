import TestSupport
import Testing

@testable import VaultCrypto

@Suite struct RecoveryCodeTests {
    private static func parse(_ text: String) -> Result<[UInt8], RecoveryCodeError> {
        do throws(RecoveryCodeError) {
            return .success(bytes(try RecoveryCode.parse(secretBytes(text))))
        } catch {
            return .failure(error)
        }
    }

    private static func text(_ code: [UInt8]) -> String {
        String(decoding: bytes(RecoveryCode.text(of: secretBytes(code))), as: UTF8.self)
    }

    @Test func `a code has fourteen groups of four symbols and round-trips`() {
        for code in [Sample.key, [UInt8](repeating: 0, count: 32), [UInt8](repeating: 255, count: 32)] {
            let text = Self.text(code)
            #expect(text.split(separator: "-").map(\.count) == Array(repeating: 4, count: 14))
            #expect(Self.parse(text) == .success(code))
        }
        let code = RecoveryCode.generate()
        #expect(Self.parse(Self.text(bytes(code))) == .success(bytes(code)))
        #expect(bytes(code) != bytes(RecoveryCode.generate()))
    }

    @Test func `the text starts with the code in base 32`() {
        #expect(Self.text(Sample.key).hasPrefix("000G-40R4-0M30-E209-185G-R38E-1W"))
    }

    @Test func `case, look-alike symbols and spacing are ignored`() {
        let text = Self.text(Sample.key)
        #expect(Self.parse(text.lowercased()) == .success(Sample.key))
        #expect(Self.parse(text.filter { $0 != "-" }) == .success(Sample.key))
        #expect(
            Self.parse(" \t" + text.split(separator: "-").joined(separator: " \r\n")) == .success(Sample.key))
        #expect(text.contains("0") && text.contains("1"))
        for (from, to) in [("0", "O"), ("0", "o"), ("1", "I"), ("1", "l"), ("1", "L"), ("1", "i")] {
            #expect(
                Self.parse(
                    text.split(separator: from, omittingEmptySubsequences: false).joined(separator: to))
                    == .success(Sample.key))
        }
    }

    @Test func `one wrong symbol is detected at any position`() {
        let text = Array(Self.text(Sample.key).utf8)
        for index in text.indices where text[index] != UInt8(ascii: "-") {
            var wrong = text
            wrong[index] = text[index] == UInt8(ascii: "7") ? UInt8(ascii: "8") : UInt8(ascii: "7")
            #expect(Self.parse(String(decoding: wrong, as: UTF8.self)) == .failure(.checksum))
        }
    }

    @Test func `an invalid code is rejected with its reason`() {
        let text = Self.text(Sample.key)
        #expect(Self.parse("") == .failure(.length))
        #expect(Self.parse(String(text.dropLast())) == .failure(.length))
        #expect(Self.parse(text + "0") == .failure(.length))
        #expect(Self.parse("U" + text) == .failure(.symbol(1)))
        #expect(Self.parse("000G-4\u{e9}") == .failure(.symbol(6)))
    }
}
