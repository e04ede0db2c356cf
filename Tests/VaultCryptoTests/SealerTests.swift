import TestSupport
import Testing

@testable import VaultCrypto

@Suite struct SealerTests {
    @Test func `a sealer handles messages of varying length`() throws {
        var sealer = Sealer(key: secretBytes(Sample.key), purpose: .secret)
        var salts: Set<[UInt8]> = []
        let lengths = [0, 1, 64, 5000, Seal.maximumMessage, 3] + (0..<300).map { $0 }
        for length in lengths {
            let message = Randomness.bytes(length)
            let blob = try Self.seal(message, aad: [1, 2], with: &sealer)
            #expect(open(blob, aad: [1, 2]) == .success(message))
            salts.insert(Array(blob[1..<33]))
        }
        #expect(salts.count == lengths.count, "a salt was reused")
    }

    // case 12
    @Test func `a sealer rejects a message that is too large`() {
        var sealer = Sealer(key: secretBytes(Sample.key), purpose: .secret)
        let message = [UInt8](repeating: 1, count: Seal.maximumMessage + 1)
        #expect(throws: SealError.tooLarge) { try Self.seal(message, aad: [], with: &sealer) }
    }

    @Test func `resealing moves a message to the new key and address`() throws {
        var resealer = Resealer(
            from: secretBytes(Sample.key), to: secretBytes(Sample.otherKey), purpose: .secret)
        for length in [0, 63, 64, 5000, Seal.maximumMessage, 10] {
            let message = Randomness.bytes(length)
            let old = try VaultCryptoTests.seal(message, aad: [1])
            let new = try resealer.reseal(old, oldAAD: [1], newAAD: [2])
            #expect(open(new, key: Sample.otherKey, aad: [2]) == .success(message))
            #expect(open(new, key: Sample.key, aad: [2]) == .failure(.notAuthentic))
            #expect(open(new, key: Sample.otherKey, aad: [1]) == .failure(.notAuthentic))
            #expect(old[1..<33] != new[1..<33] && old.count == new.count)
        }
    }

    @Test func `resealing rejects a blob that does not open`() throws {
        var resealer = Resealer(
            from: secretBytes(Sample.key), to: secretBytes(Sample.otherKey), purpose: .secret)
        let blob = try VaultCryptoTests.seal([1], aad: [1])
        #expect(throws: SealError.notAuthentic) { try resealer.reseal(blob, oldAAD: [9], newAAD: [2]) }
        #expect(throws: SealError.format) { try resealer.reseal([], oldAAD: [1], newAAD: [2]) }
        let again = try resealer.reseal(blob, oldAAD: [1], newAAD: [2])
        #expect(open(again, key: Sample.otherKey, aad: [2]) == .success([1]))
    }

    static func seal(_ message: [UInt8], aad: [UInt8], with sealer: inout Sealer) throws -> [UInt8] {
        try unsafe message.withUnsafeBytes { try unsafe sealer.seal($0, aad: aad) }
    }
}
