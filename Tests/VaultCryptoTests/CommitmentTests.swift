import TestSupport
import Testing
import VaultText

@testable import VaultCrypto

/// Key commitment, against the attack of "Partitioning Oracle Attacks" (Len, Grubbs, Ristenpart, 2021).
@Suite struct CommitmentTests {
    // case 8
    @Test func `a blob that GCM accepts under two keys opens only under the committed key`() throws {
        let attack = TwoKeyBlob(first: Sample.key, second: Sample.otherKey)
        // GCM accepts both keys: without a commitment the blob would hold two secrets.
        for key in [attack.firstDerived, attack.secondDerived] {
            let gcm = attack.gcm(key: key, message: [], ciphertext: attack.ciphertext, tag: attack.tag)
            for cipher in AESGCM.allCases { #expect(gcm.decrypt(by: cipher)?.last == 0x80) }
        }
        let toFirst = attack.blob(commitment: attack.firstDerived.suffix(32))
        #expect(try open(toFirst, key: Sample.key).get().count == 63)
        #expect(open(toFirst, key: Sample.otherKey) == .failure(.notAuthentic))
        let toSecond = attack.blob(commitment: attack.secondDerived.suffix(32))
        #expect(try open(toSecond, key: Sample.otherKey).get().count == 63)
        #expect(open(toSecond, key: Sample.key) == .failure(.notAuthentic))
    }
}

/// Four blocks and a tag that are valid under both keys, including the padding.
///
/// The tag is linear in each block, so the first block can be solved for equal tags. The salt is searched until the
/// last byte is valid padding under both keys, which holds for one salt in 256.
struct TwoKeyBlob {
    let salt, firstDerived, secondDerived: [UInt8]
    private(set) var ciphertext: [UInt8] = []
    private(set) var tag: [UInt8] = []

    init(first: [UInt8], second: [UInt8]) {
        var salt = [UInt8](repeating: 0, count: 32)
        var number: UInt16 = 0
        while true {
            (salt[0], salt[1]) = (UInt8(number >> 8), UInt8(number & 255))
            let a = Self.stream(derive(key: first, salt: salt))
            let b = Self.stream(derive(key: second, salt: salt))
            if a[63] == b[63] { break }
            number += 1
        }
        self.salt = salt
        firstDerived = derive(key: first, salt: salt)
        secondDerived = derive(key: second, salt: salt)

        var plain = [UInt8](repeating: 0, count: 64)
        plain[63] = 0x80 ^ Self.stream(firstDerived)[63]
        var unit = plain
        unit[0] ^= 0x80  // the field's multiplicative identity
        let tags = [firstDerived, secondDerived].map { (tag(of: plain, key: $0), tag(of: unit, key: $0)) }
        let difference = Block(tags[0].0) + Block(tags[1].0)
        let slope = Block(tags[0].0) + Block(tags[0].1) + Block(tags[1].0) + Block(tags[1].1)
        plain.replaceSubrange(0..<16, with: (difference * slope.inverse).bytes)
        ciphertext = plain
        tag = tag(of: plain, key: firstDerived)
    }

    func blob(commitment: ArraySlice<UInt8>) -> [UInt8] { [1] + salt + commitment + ciphertext + tag }

    func gcm(key: [UInt8], message: [UInt8], ciphertext: [UInt8] = [], tag: [UInt8] = []) -> GCMCase {
        GCMCase(
            kind: "", key: Hex.encode(Array(key.prefix(32))), iv: zeroNonce, aad: "",
            ct: Hex.encode(ciphertext),
            tag: Hex.encode(tag), pt: Hex.encode(message), valid: true)
    }

    /// Computes the tag of a ciphertext.
    private func tag(of ciphertext: [UInt8], key: [UInt8]) -> [UInt8] {
        gcm(key: key, message: zip(ciphertext, Self.stream(key)).map { $0 ^ $1 }).encrypt(by: .portable).tag
    }

    private static func stream(_ key: [UInt8]) -> [UInt8] {
        GCMCase(
            kind: "", key: Hex.encode(Array(key.prefix(32))), iv: zeroNonce, aad: "", ct: "", tag: "",
            pt: String(repeating: "00", count: 64), valid: true
        ).encrypt(by: .portable).ciphertext
    }
}

/// An element of GCM's field GF(2^128) (NIST SP 800-38D, section 6.3): the first bit is the lowest power.
struct Block {
    private var bits: UInt128

    init(_ bytes: [UInt8]) { bits = bytes.reduce(0) { $0 << 8 | UInt128($1) } }
    private init(bits: UInt128) { self.bits = bits }

    var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: bits >> (120 - 8 * UInt128($0))) } }

    static func + (a: Block, b: Block) -> Block { Block(bits: a.bits ^ b.bits) }

    static func * (a: Block, b: Block) -> Block {
        var (product, shifted) = (UInt128(0), b.bits)
        for position in 0..<128 {
            if a.bits >> UInt128(127 - position) & 1 == 1 { product ^= shifted }
            shifted = shifted & 1 == 1 ? shifted >> 1 ^ (0xe1 << 120) : shifted >> 1
        }
        return Block(bits: product)
    }

    /// The multiplicative inverse: the power 2^128 − 2.
    var inverse: Block {
        var (result, power) = (Block(bits: 1 << 127), self * self)
        for _ in 1..<128 {
            result = result * power
            power = power * power
        }
        return result
    }
}
