import Foundation
import Libc
import TestSupport
import Testing

@testable import VaultCrypto

@Suite struct MemoryTests {
    private struct Refusal: Error {}

    private static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        SecretBytes.equal(secretBytes(a), secretBytes(b))
    }

    @Test func `secret bytes compare with other bytes`() {
        let held = SecretBytes(copying: [1, 2, 3])
        let candidates: [([UInt8], Bool)] = [
            ([1, 2, 3], true), ([1, 2, 4], false), ([1, 2], false), ([1, 2, 3, 0], false), ([], false),
        ]
        for (bytes, expected) in candidates {
            #expect(unsafe bytes.withUnsafeBytes { unsafe held.equals($0) } == expected, "\(bytes)")
        }
        #expect(unsafe SecretBytes(count: 0).equals(UnsafeRawBufferPointer(start: nil, count: 0)))
    }

    @Test func `wipe overwrites only the given range`() {
        var bytes: [UInt8] = [1, 2, 3, 4]
        unsafe bytes.withUnsafeMutableBytes { unsafe SecretMemory.wipe($0.baseAddress! + 1, 2) }
        #expect(bytes == [1, 0, 0, 4])
    }

    @Test func `other encoders and decoders reject a shared secret`() {
        let secret = SharedSecret(SecretBytes(copying: Array("a-secret".utf8)))
        #expect(throws: EncodingError.self) { try JSONEncoder().encode([secret]) }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([SharedSecret].self, from: Data("[0]".utf8))
        }
    }

    @Test func `secret bytes hold their initial contents`() throws {
        #expect(bytes(SecretBytes(count: 3)) == [0, 0, 0])
        #expect(bytes(SecretBytes(count: 0)) == [])
        let filled = unsafe SecretBytes(count: 2) { unsafe $0.copyBytes(from: [7, 8]) }
        #expect(filled.count == 2 && bytes(filled) == [7, 8])
        let copied = unsafe [UInt8]([1, 2, 3]).withUnsafeBytes { bytes in
            let copy = unsafe SecretBytes(copying: bytes)
            return TestSupport.bytes(copy)
        }
        #expect(copied == [1, 2, 3])
    }

    @Test func `an error of the fill closure is rethrown`() {
        #expect(throws: Refusal.self) {
            _ = try unsafe SecretBytes(count: 8) { _ throws(Refusal) in throw Refusal() }
        }
    }

    @Test func `a clone is independent of the original`() {
        var original = secretBytes([1, 2, 3, 4])
        let whole = original.clone()
        let part = original.clone(1..<3)
        unsafe original.withUnsafeMutableBytes { unsafe $0[1] = 9 }
        #expect(bytes(original) == [1, 9, 3, 4])
        #expect(bytes(whole) == [1, 2, 3, 4])
        #expect(bytes(part) == [2, 3])
    }

    @Test func `equality compares every byte and the length`() {
        #expect(Self.equal([1, 2, 3], [1, 2, 3]))
        #expect(Self.equal([], []))
        #expect(!Self.equal([1, 2], [1, 2, 3]))
        let reference = [UInt8](repeating: 5, count: 40)
        for index in reference.indices {
            #expect(!Self.equal(reference, reference.flipping(byte: index)))
        }
    }

    @Test func `random bytes differ and have the requested length`() {
        #expect(bytes(SecretBytes.random(32)) != bytes(SecretBytes.random(32)))
        #expect(SecretBytes.random(17).count == 17)
        #expect(SecretBytes.random(0).count == 0)
        #expect(Randomness.bytes(16) != Randomness.bytes(16))
        #expect(Randomness.bytes(5).count == 5 && Randomness.bytes(0) == [])
    }

    @Test func `descriptions of a shared secret are redacted`() {
        let shared = SharedSecret(secretBytes("plain text"))
        var dumped = ""
        dump(shared, to: &dumped)
        for text in ["\(shared)", String(reflecting: shared), String(describing: [shared]), dumped] {
            #expect(text.contains("redacted") && !text.contains("plain"))
        }
        #expect(bytes(shared.bytes) == Array("plain text".utf8))
    }

    // case 58
    @Test func `reports locked memory if and only if the system can lock it`() throws {
        let size = 128 * 1024
        let memory = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        defer { unsafe munmap(memory, size) }
        let isLockable = unsafe mlock(memory, size) == 0
        #expect(SecretMemory.isLocked == isLockable)
    }
}
