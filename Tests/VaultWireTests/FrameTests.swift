import TestSupport
import Testing
import VaultMemory

@testable import VaultWire

@Suite struct FrameTests {
    private static let frames = [
        Frame(.hello, header: Array(#"{"form":1}"#.utf8)),
        Frame(
            .request, header: Array("{}".utf8),
            secrets: [secret("one"), secret(""), secret(String(repeating: "x", count: 70_000))]),
        Frame(chunk: [UInt8](0...255)), Frame(chunk: []), Frame(.end), Frame(.cancel),
    ]

    private static func bytes(_ frame: Frame) -> [UInt8] {
        var bytes: [UInt8] = []
        unsafe frame.write { unsafe bytes += Array($0) }
        return bytes
    }

    private static func read(_ bytes: [UInt8], inPiecesOf count: Int) throws(FrameError) -> [Frame] {
        var reader = FrameReader()
        var frames: [Frame] = []
        for start in stride(from: 0, to: bytes.count, by: count) {
            let piece = Array(bytes[start..<min(start + count, bytes.count)])
            let result = unsafe piece.withUnsafeBytes { piece in
                Result { () throws(FrameError) in
                    var place = 0
                    while let frame = unsafe try reader.take(piece, from: &place) { frames.append(frame) }
                }
            }
            try result.get()
        }
        return frames
    }

    @Test(arguments: [1, 2, 7, 4096, 1 << 20])
    func `decodes frames however their bytes are split`(_ count: Int) throws {
        let read = try Self.read(Self.frames.flatMap(Self.bytes), inPiecesOf: count)
        #expect(read.count == Self.frames.count)
        for (a, b) in zip(read, Self.frames) {
            #expect(a.kind == b.kind && a.header == b.header && a.bytes == b.bytes)
            #expect(a.secrets.count == b.secrets.count)
            #expect(zip(a.secrets, b.secrets).allSatisfy { SecretBytes.equal($0.bytes, $1.bytes) })
        }
    }

    // case 75
    @Test(arguments: [
        (Array<UInt8>([9, 0, 0, 0] + [UInt8](repeating: 0, count: 8)), FrameError.unknownKind),
        ([1, 1, 0, 0] + [UInt8](repeating: 0, count: 8), .unknownKind),
        ([2, 0, 0, 0] + [0xff, 0xff, 0xff, 0xff] + [0, 0, 0, 0], .tooLarge),
        ([2, 0, 1, 0] + [0, 0, 0, 0] + [0xff, 0xff, 0xff, 0x7f], .tooLarge),
        ([2, 0, 0xff, 0xff] + [0, 0, 0, 0] + [0, 0, 0, 0], .tooLarge),
        ([2, 0, 0, 0] + [0, 0, 0, 0] + [1, 0, 0, 0], .lengths),
        // A chunk with a header or with secrets.
        ([6, 0, 0, 0] + [1, 0, 0, 0] + [0, 0, 0, 0], .lengths),
        ([6, 0, 1, 0] + [0, 0, 0, 0] + [1, 0, 0, 0], .lengths),
        ([2, 0, 1, 0] + [0, 0, 0, 0] + [1, 0, 0, 0] + [2, 0, 0, 0], .lengths),
    ])
    func `rejects an invalid frame by its first bytes`(_ bytes: [UInt8], _ fault: FrameError) {
        #expect(throws: fault) { try Self.read(bytes, inPiecesOf: 1) }
    }

    // case 41
    @Test func `never crashes on invalid bytes`() {
        var generator = SystemRandomNumberGenerator()
        let whole = Self.frames.flatMap(Self.bytes)
        for _ in 0..<2_000 {
            var bytes = Array(whole.prefix(Int.random(in: 12...400, using: &generator)))
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255)
            }
            _ = try? Self.read(bytes, inPiecesOf: Int.random(in: 1...64, using: &generator))
        }
    }
}
