import TestSupport
import Testing

@testable import VaultCrypto

@Suite struct SealerTests {
    private struct Refusal: Error {}

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
            let new = try Self.reseal(old, from: [1], to: [2], with: &resealer)
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
        #expect(throws: SealError.notAuthentic) {
            try Self.reseal(blob, from: [9], to: [2], with: &resealer)
        }
        #expect(throws: SealError.format(.empty)) { try Self.reseal([], from: [1], to: [2], with: &resealer) }
        let again = try Self.reseal(blob, from: [1], to: [2], with: &resealer)
        #expect(open(again, key: Sample.otherKey, aad: [2]) == .success([1]))
    }

    @Test func `an error of the closure is rethrown`() throws {
        var sealer = Sealer(key: secretBytes(Sample.key), purpose: .secret)
        var resealer = Resealer(
            from: secretBytes(Sample.key), to: secretBytes(Sample.otherKey), purpose: .secret)
        let empty = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(throws: Refusal.self) {
            try unsafe sealer.seal(message: empty, aad: empty) { _ in throw Refusal() }
        }
        let blob = try VaultCryptoTests.seal([1])
        #expect(throws: Refusal.self) {
            try unsafe blob.withUnsafeBytes { blob in
                try unsafe resealer.reseal(blob, oldAAD: empty, newAAD: empty) { _ in throw Refusal() }
            }
        }
    }

    static func seal(_ message: [UInt8], aad: [UInt8], with sealer: inout Sealer) throws -> [UInt8] {
        try unsafe message.withUnsafeBytes { message in
            try unsafe aad.withUnsafeBytes { aad in
                try unsafe sealer.seal(message: message, aad: aad) { unsafe [UInt8]($0) }
            }
        }
    }

    private static func reseal(
        _ blob: [UInt8], from old: [UInt8], to new: [UInt8], with resealer: inout Resealer
    ) throws -> [UInt8] {
        try unsafe blob.withUnsafeBytes { blob in
            try unsafe old.withUnsafeBytes { old in
                try unsafe new.withUnsafeBytes { new in
                    try unsafe resealer.reseal(blob, oldAAD: old, newAAD: new) { unsafe [UInt8]($0) }
                }
            }
        }
    }
}
