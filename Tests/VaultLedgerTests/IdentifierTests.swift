import TestSupport
import Testing

@testable import VaultLedger

struct IdentifierTests {
    @Test func `generates sorted and unique IDs`() {
        var source = IdentifierSource(at: Timestamp(text: "2026-11-23")!)
        let made = (0..<100_000).map { _ in source.next() }
        #expect(zip(made, made.dropFirst()).allSatisfy { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        #expect(Set(made).count == made.count)
    }

    @Test func `generates different IDs from two sources of the same second`() {
        var sources = (0..<64).map { _ in IdentifierSource(at: Timestamp(seconds: 1)) }
        let made = sources.indices.map { sources[$0].next() }
        #expect(Set(made).count == made.count)
    }

    @Test func `starts an ID with the milliseconds of its time`() {
        var source = IdentifierSource(at: Timestamp(seconds: 1_795_467_900))
        #expect(source.next().bytes.prefix(6) == hex("01a20a39f460")[...])
    }

    @Test func `orders and formats keys by their bytes`() {
        var generator = SeededGenerator(seed: 3)
        let all = (0..<200).map { _ in (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        let keys = all.map { IdentifierKey(bytes: $0)! }
        #expect(keys.map(\.bytes) == all)
        #expect(keys.sorted().map(\.bytes) == all.sorted { $0.lexicographicallyPrecedes($1) })
        for key in keys { #expect(IdentifierKey(hex: key.hex) == key) }
        #expect(
            IdentifierKey(hex: String(repeating: "A", count: 32)) == nil && IdentifierKey(hex: "00") == nil)
    }

    @Test func `requires 16 bytes`() {
        #expect(Identifier(bytes: [UInt8](repeating: 1, count: 15)) == nil)
        #expect(Identifier(hex: "00") == nil)
        #expect(Identifier(hex: "zz") == nil)
        let identifier = Identifier(hex: "000102030405060708090a0b0c0d0e0f")
        #expect(identifier?.bytes == [UInt8](0..<16))
        #expect(identifier?.description == "000102030405060708090a0b0c0d0e0f")
    }
}
