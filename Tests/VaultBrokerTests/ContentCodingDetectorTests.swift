import NIOCore
import NIOHTTP1
import Testing

@testable import VaultBroker

@Suite struct ContentCodingDetectorTests {
    /// Passes a body in pieces of the given length. Returns the output, or nil if the body is rejected.
    private func passed(_ body: [UInt8], type: String?, by length: Int) -> [UInt8]? {
        var detector = ContentCodingDetector(type.map { ["content-type": $0] } ?? [:])
        var passed: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: length) {
            switch detector.take(ByteBuffer(bytes: body[start..<min(start + length, body.count)])) {
            case .plain(let bytes): passed += Array(bytes.readableBytesView)
            case .undecided: break
            case .coded: return nil
            }
        }
        if let rest = detector.finish() { passed += Array(rest.readableBytesView) }
        return passed
    }

    @Test(
        "passes text unchanged, however it is split (case 108)",
        arguments: [
            "", "x", "x^2 + y^2", "x = 1", "BZh", "BZh9 is a prefix", "PK", "LZIP", "(a)",
            "8=FIX.4.4\u{1}9=12",
            "{\"a\": \"\\u0000\"}", "a\tb\r\nc\u{c}d", "\u{1b}[1mbold\u{1b}[0m", "\u{1e}{\"a\":1}\n", "Hé",
            "hä",
            "\u{feff}{}", "data: one\n\n", "“quoted”", "Ключ", "鍵",
        ])
    func texts(text: String) {
        // As bytes, `x^` is the header of a zlib stream.
        let bytes = text.hasPrefix("x^") ? [] : ["application/octet-stream"]
        for type in [nil, "text/plain", "application/json; charset=utf-8"] + bytes {
            for length in [1, 2, 3, 7, 4096] {
                #expect(passed(Array(text.utf8), type: type, by: length) == Array(text.utf8), "\(type ?? "")")
            }
        }
    }

    @Test("passes binary data unless it is declared as text (case 108)")
    func binary() {
        for body in [[0, 1, 2, 3], Array("%PDF-1.7\n".utf8) + [0], Array("PK\u{3}\u{4}".utf8) + [20, 0]] {
            #expect(passed(body, type: "application/octet-stream", by: 1) == body)
            #expect(passed(body, type: "application/zip", by: 4096) == body)
            for type in [nil, "text/csv", "application/problem+json"] {
                #expect(passed(body, type: type, by: 1) == nil && passed(body, type: type, by: 4096) == nil)
            }
        }
    }

    @Test("detects a signature however it is split, but not a prefix of one (case 108)")
    func signatures() {
        let bodies: [[UInt8]] = [
            [0x1f, 0x8b, 8, 0], [0x28, 0xb5, 0x2f, 0xfd], [0x78, 0x9c, 1], [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
            Array("BZh91AY&SY".utf8), [0x04, 0x22, 0x4d, 0x18], [0x1f, 0x9d, 0x90],
        ]
        for body in bodies {
            for length in 1...body.count {
                for type in [nil, "application/octet-stream", "image/png", "text/plain"] {
                    #expect(passed(body, type: type, by: length) == nil, "\(body) \(type ?? "") \(length)")
                }
            }
            #expect(passed([body[0]], type: "application/octet-stream", by: 1) == [body[0]])
        }
    }
}
