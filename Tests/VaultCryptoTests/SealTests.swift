import TestSupport
import Testing
import VaultText

@testable import VaultCrypto

@Suite struct SealTests {
    @Test func `sealed messages of any length open`() throws {
        for length in [0, 1, 63, 64, 65, 127, 128, 1000] {
            let message = Randomness.bytes(length)
            let blob = try seal(message, aad: [1, 2])
            #expect(Seal.isWellFormed(blob))
            #expect(open(blob, aad: [1, 2]) == .success(message))
        }
    }

    // case 1
    @Test func `a blob with any byte changed does not open`() throws {
        let blob = try seal(Array("an App key".utf8), aad: [7])
        for index in blob.indices {
            let expected: SealError = index == 0 ? .format : .notAuthentic
            #expect(open(blob.flipping(byte: index), aad: [7]) == .failure(expected))
        }
        #expect(open(blob, aad: [7]) == .success(Array("an App key".utf8)))
    }

    // case 6
    @Test func `a wrong shape is rejected before any cryptography`() throws {
        let blob = try seal([1])
        for length in 1..<blob.count {
            #expect(open(Array(blob.prefix(length))) == .failure(.format))
        }
        #expect(open([]) == .failure(.format))
        #expect(open(blob + [0]) == .failure(.format))
        for version in UInt8.min...UInt8.max where version != 1 {
            let other = [version] + blob.dropFirst()
            #expect(open(other) == .failure(.format))
            #expect(!Seal.isWellFormed(other))
        }
        // A blob that is a block longer has a valid shape and a wrong tag.
        #expect(open(blob + [UInt8](repeating: 0, count: 64)) == .failure(.notAuthentic))
        #expect(!Seal.isWellFormed(Array(blob.prefix(81))))
        let tooLong = [1] + [UInt8](repeating: 0, count: 80 + Seal.maximumMessage + 128)
        #expect(open(tooLong) == .failure(.format))
    }

    // case 2
    @Test func `a blob does not open at another address`() throws {
        let blob = try seal([1, 2, 3], aad: Sample.address.aad)
        for other in Sample.otherAddresses {
            #expect(open(blob, aad: other.aad) == .failure(.notAuthentic))
        }
        #expect(open(blob, aad: Sample.address.aad) == .success([1, 2, 3]))
    }

    @Test func `a blob opens only under its key and purpose`() throws {
        for purpose in Seal.Purpose.allCases {
            let blob = try seal([1], purpose: purpose)
            for other in Seal.Purpose.allCases {
                let expected: Result<[UInt8], SealError> =
                    other == purpose ? .success([1]) : .failure(.notAuthentic)
                #expect(open(blob, purpose: other) == expected)
            }
            #expect(open(blob, key: Sample.otherKey, purpose: purpose) == .failure(.notAuthentic))
        }
    }

    // case 12
    @Test func `empty, NUL and longest messages open`() throws {
        #expect(open(try seal([])) == .success([]))
        let nuls = [UInt8](repeating: 0, count: 64)
        #expect(open(try seal(nuls)) == .success(nuls))
        let ending: [UInt8] = [0x80, 0, 0x80, 0]
        #expect(open(try seal(ending)) == .success(ending))
        let longest = Randomness.bytes(Seal.maximumMessage)
        let blob = try seal(longest)
        #expect(Seal.isWellFormed(blob))
        #expect(open(blob) == .success(longest))
        #expect(throws: SealError.tooLarge) { try seal(longest + [0]) }
    }

    // case 12
    @Test func `the length of a blob reveals only the number of blocks`() throws {
        let lengths = try (0..<192).map { try seal([UInt8](repeating: 1, count: $0)).count }
        for length in 0..<192 { #expect(lengths[length] == 81 + 64 * (length / 64 + 1)) }
    }

    @Test func `sealing a message twice gives different blobs`() throws {
        let blobs = try (0..<50).map { _ in try seal([1]) }
        #expect(Set(blobs.map { Array($0[1..<33]) }).count == 50)
        #expect(Set(blobs.map { Array($0[33..<65]) }).count == 50)
    }

    // case 8
    @Test func `the commitment is checked independently of GCM`() throws {
        let blob = try seal([1])
        let other = try seal([1])
        // GCM does not authenticate the commitment, so only the comparison rejects this blob.
        let swapped = Array(blob[..<33] + other[33..<65] + blob[65...])
        #expect(open(swapped) == .failure(.notAuthentic))
    }

    @Test func `an authentic blob with invalid padding is rejected`() throws {
        let seal = UnpaddedSeal()
        for padded in [[UInt8](repeating: 0, count: 64), [UInt8](repeating: 1, count: 64)] {
            #expect(open(seal.blob(of: padded)) == .failure(.notAuthentic))
        }
        let empty = [0x80] + [UInt8](repeating: 0, count: 63)
        #expect(open(seal.blob(of: empty)) == .success([]))
    }
}

/// Makes authentic blobs of messages without padding them.
struct UnpaddedSeal {
    func blob(of padded: [UInt8], key: [UInt8] = Sample.key) -> [UInt8] {
        let salt = [UInt8](repeating: 9, count: 32)
        let derived = derive(key: key, salt: salt)
        let value = GCMCase(
            kind: "", key: Hex.encode(Array(derived.prefix(32))), iv: zeroNonce, aad: "", ct: "", tag: "",
            pt: Hex.encode(padded), valid: true)
        let sealed = value.encrypt(by: .portable)
        return [1] + salt + derived.suffix(32) + sealed.ciphertext + sealed.tag
    }
}

let zeroNonce = String(repeating: "00", count: 12)

/// Derives the key and the commitment for a salt.
func derive(key: [UInt8], salt: [UInt8]) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 64)
    unsafe out.withUnsafeMutableBytes { out in
        unsafe salt.withUnsafeBytes { salt in
            unsafe Seal.Purpose.secret.derivation.derive(into: out, key: key, data: salt)
        }
    }
    return out
}
