internal import CSodium
internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// AES-256-GCM with a nonce of 12 bytes and a tag of 16 bytes, by two implementations with the same result (case 11).
enum AESGCM: Sendable, CaseIterable {
    /// libsodium, which requires AES instructions.
    case sodium
    /// swift-crypto, on any CPU.
    case portable

    /// The faster implementation that this CPU supports.
    static let preferred: AESGCM = CryptoPlatform.hasHardwareAES ? .sodium : .portable

    /// The length of the expanded key in bytes. Its memory must be aligned to 16.
    static let scheduleLength = 512

    /// The inputs of both directions. `schedule` is secret memory for the expanded key, which is overwritten.
    @unsafe struct Parameters {
        var key: UnsafeRawPointer
        var nonce: UnsafeRawPointer
        var aad: [UInt8]
        var schedule: UnsafeMutableRawPointer
    }

    /// Encrypts a message into `sealed`: as many bytes of ciphertext, then the tag.
    func encrypt(
        _ message: UnsafeRawBufferPointer, _ parameters: Parameters, into sealed: UnsafeMutableRawPointer
    ) {
        switch self {
        case .sodium:
            unsafe Self.withSchedule(parameters) { schedule in
                let code = unsafe crypto_aead_aes256gcm_encrypt_afternm(
                    sealed, nil, message.baseAddress, UInt64(message.count), parameters.aad,
                    UInt64(parameters.aad.count), nil, parameters.nonce, schedule)
                precondition(code == 0, "AES-256-GCM failed")
            }
        case .portable:
            unsafe Self.portableEncrypt(message, parameters, into: sealed)
        }
    }

    /// Decrypts ciphertext and tag. Returns false and leaves no plaintext in `message` if the tag is wrong.
    func decrypt(
        _ sealed: UnsafeRawBufferPointer, _ parameters: Parameters, message: UnsafeMutableRawPointer
    ) -> Bool {
        switch self {
        case .sodium:
            unsafe Self.withSchedule(parameters) { schedule in
                unsafe crypto_aead_aes256gcm_decrypt_afternm(
                    message, nil, nil, sealed.baseAddress!, UInt64(sealed.count), parameters.aad,
                    UInt64(parameters.aad.count), parameters.nonce, schedule) == 0
            }
        case .portable:
            unsafe Self.portableDecrypt(sealed, parameters, message: message)
        }
    }

    /// Expands the key into the caller's secret memory instead of the stack, which would not be wiped.
    private static func withSchedule<R>(
        _ parameters: Parameters, _ body: (UnsafePointer<crypto_aead_aes256gcm_state>) -> R
    ) -> R {
        let state = unsafe parameters.schedule.assumingMemoryBound(to: crypto_aead_aes256gcm_state.self)
        unsafe crypto_aead_aes256gcm_beforenm(state, parameters.key)
        return unsafe body(UnsafePointer(state))
    }

    // swift-crypto wipes its copy of the key. It returns the decrypted message as `Data`, which is copied and wiped
    // here. A `Data` under 15 bytes would leave copies in registers and on the stack, but every message here has at
    // least 32 bytes.

    private static func portableEncrypt(
        _ message: UnsafeRawBufferPointer, _ parameters: Parameters, into sealed: UnsafeMutableRawPointer
    ) {
        let box = unsafe try? AES.GCM.seal(
            message, using: key(parameters), nonce: AES.GCM.Nonce(data: nonce(parameters)),
            authenticating: parameters.aad)
        guard let box else { preconditionFailure("AES-256-GCM failed") }
        unsafe (box.ciphertext + box.tag).withUnsafeBytes { bytes in
            unsafe sealed.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
        }
    }

    private static func portableDecrypt(
        _ sealed: UnsafeRawBufferPointer, _ parameters: Parameters, message: UnsafeMutableRawPointer
    ) -> Bool {
        let opened = unsafe try? AES.GCM.open(
            AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: nonce(parameters)),
                ciphertext: UnsafeRawBufferPointer(rebasing: sealed.dropLast(16)),
                tag: UnsafeRawBufferPointer(rebasing: sealed.suffix(16))),
            using: key(parameters), authenticating: parameters.aad)
        guard var opened else { return false }
        unsafe opened.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe message.copyMemory(from: start, byteCount: bytes.count)
            unsafe sodium_memzero(start, bytes.count)
        }
        return true
    }

    private static func key(_ parameters: Parameters) -> SymmetricKey {
        unsafe SymmetricKey(data: UnsafeRawBufferPointer(start: parameters.key, count: 32))
    }

    private static func nonce(_ parameters: Parameters) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: parameters.nonce, count: 12)
    }
}
