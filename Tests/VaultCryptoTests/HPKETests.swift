import Crypto
import Foundation
import TestSupport
import Testing
import VaultMemory

@testable import VaultCrypto

/// `SealedBox` against swift-crypto's implementation of RFC 9180.
@Suite struct HPKETests {
    private static let suite = HPKE.Ciphersuite(
        kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
    private let peer = Curve25519.KeyAgreement.PrivateKey()

    private func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: .min ... .max) } }

    @Test(arguments: AESGCM.allCases, [0, 1, 15, 32, 64, 4096])
    func `swift-crypto opens a sealed box`(cipher: AESGCM, length: Int) throws {
        let (message, info, aad) = (random(length), random(length % 97), random(length % 61))
        let box = try SealedBox.seal(
            SecretBytes(copying: message), to: [UInt8](peer.publicKey.rawRepresentation), info: info,
            aad: aad,
            ephemeral: SecretBytes.random(32), cipher: cipher)
        var recipient = try HPKE.Recipient(
            privateKey: peer, ciphersuite: Self.suite, info: Data(info),
            encapsulatedKey: Data(box.prefix(32)))
        #expect(try recipient.open(Data(box.dropFirst(32)), authenticating: Data(aad)) == Data(message))
    }

    @Test(arguments: AESGCM.allCases, [0, 1, 15, 32, 64, 4096])
    func `opens a box sealed by swift-crypto`(cipher: AESGCM, length: Int) throws {
        let (message, info, aad) = (random(length), random(length % 97), random(length % 61))
        var sender = try HPKE.Sender(
            recipientKey: peer.publicKey, ciphersuite: Self.suite, info: Data(info))
        let sealed = try sender.seal(Data(message), authenticating: Data(aad))
        let box = [UInt8](sender.encapsulatedKey) + [UInt8](sealed)
        let opened = try SealedBox.open(
            box[...], with: SecretBytes(copying: [UInt8](peer.rawRepresentation)), info: info, aad: aad,
            cipher: cipher)
        #expect(bytes(opened) == message)
    }

    @Test func `a box does not open if a byte, its info, its aad or its key changed`() throws {
        let message = random(32)
        let key = SecretBytes(copying: [UInt8](peer.rawRepresentation))
        let box = try SealedBox.seal(
            SecretBytes(copying: message), to: [UInt8](peer.publicKey.rawRepresentation), info: [1, 2])
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(throws: BoxError.self) { _ = try SealedBox.open(changed[...], with: key, info: [1, 2]) }
        }
        #expect(throws: BoxError.notAuthentic) { _ = try SealedBox.open(box[...], with: key, info: [1]) }
        #expect(throws: BoxError.notAuthentic) {
            _ = try SealedBox.open(box[...], with: SecretBytes.random(32), info: [1, 2])
        }
        #expect(throws: BoxError.notAuthentic) {
            _ = try SealedBox.open(box[...], with: key, info: [1, 2], aad: [0])
        }
    }
}
