internal import CSodium
internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Why a box was not made or not opened.
enum BoxError: Error, Equatable {
    case format
    /// A point of low order stands where a public key should (case 24).
    case lowOrderPoint
    case notAuthentic
}

/// HPKE (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
///
/// The bytes are `enc (32) ‖ ciphertext ‖ tag (16)`. swift-crypto takes the message from secret memory and keeps
/// keys in memory that it wipes; the private key is copied there for one call. The opened message comes as
/// `Data`, which is wiped after it was copied; the messages here are 32 bytes or more, so none is kept inline.
enum SealedBox {
    static let pointLength = 32
    static let overhead = pointLength + 16

    private static let suite = HPKE.Ciphersuite(
        kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)

    /// Seals to a public key of 32 bytes.
    static func seal(
        _ message: borrowing SecretBytes, to publicKey: [UInt8], info: [UInt8]
    ) throws(BoxError) -> [UInt8] {
        guard publicKey.count == pointLength else { throw .format }
        guard X25519.isUsable(publicKey) else { throw .lowOrderPoint }
        do {
            let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey)
            var sender = try HPKE.Sender(recipientKey: recipient, ciphersuite: suite, info: .init(info))
            let ciphertext = try unsafe message.withUnsafeBytes { try unsafe sender.seal($0) }
            return [UInt8](sender.encapsulatedKey) + ciphertext
        } catch {
            throw .notAuthentic
        }
    }

    /// Opens with a private key of 32 bytes; `aad` is empty in everything this project makes.
    static func open(
        _ box: ArraySlice<UInt8>, with privateKey: borrowing SecretBytes, info: [UInt8], aad: [UInt8] = []
    ) throws(BoxError) -> SecretBytes {
        guard box.count >= overhead else { throw .format }
        let point = box.prefix(pointLength)
        guard X25519.isUsable([UInt8](point)) else { throw .lowOrderPoint }
        do {
            let key = try unsafe privateKey.withUnsafeBytes {
                try unsafe Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0)
            }
            var recipient = try HPKE.Recipient(
                privateKey: key, ciphersuite: suite, info: .init(info), encapsulatedKey: .init(point))
            var opened = try recipient.open(box.dropFirst(pointLength), authenticating: aad)
            return unsafe SecretBytes(count: opened.count) { message in
                unsafe opened.withUnsafeMutableBytes { bytes in
                    unsafe message.copyMemory(from: UnsafeRawBufferPointer(bytes))
                    if let start = bytes.baseAddress { unsafe sodium_memzero(start, bytes.count) }
                }
            }
        } catch {
            throw .notAuthentic
        }
    }
}
