internal import CSodium
internal import Crypto

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// AES-256-GCM with a nonce of 12 bytes and a tag of 16: two implementations, one result (case 11).
enum AESGCM: Sendable, CaseIterable {
    /// libsodium, which needs the CPU's AES instructions.
    case sodium
    /// swift-crypto, on any CPU.
    case portable

    /// The faster one that this CPU can run.
    static let preferred: AESGCM = CryptoPlatform.hasHardwareAES ? .sodium : .portable

    /// How many bytes of secret memory, aligned to 16, the expanded key needs.
    static let scheduleLength = 512

    /// The inputs that both directions share; `schedule` is written over.
    @unsafe struct Setting {
        var key: UnsafeRawPointer
        var nonce: UnsafeRawPointer
        var aad: UnsafeRawBufferPointer
        var schedule: UnsafeMutableRawPointer
    }

    /// Writes as many bytes as the message has to `ciphertext`, and 16 to `tag`.
    func encrypt(
        _ message: UnsafeRawBufferPointer, _ setting: Setting, ciphertext: UnsafeMutableRawPointer,
        tag: UnsafeMutableRawPointer
    ) {
        switch self {
        case .sodium:
            unsafe Self.withSchedule(setting) { schedule in
                let code = unsafe crypto_aead_aes256gcm_encrypt_detached_afternm(
                    ciphertext, tag, nil, message.baseAddress, UInt64(message.count),
                    setting.aad.baseAddress, UInt64(setting.aad.count), nil, setting.nonce, schedule)
                precondition(code == 0, "AES-256-GCM refused its sizes")
            }
        case .portable:
            unsafe Self.portableEncrypt(message, setting, ciphertext: ciphertext, tag: tag)
        }
    }

    /// Writes the message and says whether the tag was right; if not, nothing of it is in `message`.
    func decrypt(
        _ ciphertext: UnsafeRawBufferPointer, tag: UnsafeRawPointer, _ setting: Setting,
        message: UnsafeMutableRawPointer
    ) -> Bool {
        switch self {
        case .sodium:
            unsafe Self.withSchedule(setting) { schedule in
                unsafe crypto_aead_aes256gcm_decrypt_detached_afternm(
                    message, nil, ciphertext.baseAddress ?? tag, UInt64(ciphertext.count), tag,
                    setting.aad.baseAddress, UInt64(setting.aad.count), setting.nonce, schedule) == 0
            }
        case .portable:
            unsafe Self.portableDecrypt(ciphertext, tag: tag, setting, message: message)
        }
    }

    /// Expands the key into the caller's secret memory, not onto the stack where nobody would wipe it.
    private static func withSchedule<R>(
        _ setting: Setting, _ body: (UnsafePointer<crypto_aead_aes256gcm_state>) -> R
    ) -> R {
        let state = unsafe setting.schedule.assumingMemoryBound(to: crypto_aead_aes256gcm_state.self)
        unsafe crypto_aead_aes256gcm_beforenm(state, setting.key)
        return unsafe body(UnsafePointer(state))
    }

    // swift-crypto keeps the key in memory of its own, which it wipes. The opened message comes as `Data`, which
    // is wiped here after it was copied; what remains are the copies that a `Data` under 15 bytes leaves in
    // registers and on the stack. A padded message has 64 bytes or more.

    private static func portableEncrypt(
        _ message: UnsafeRawBufferPointer, _ setting: Setting, ciphertext: UnsafeMutableRawPointer,
        tag: UnsafeMutableRawPointer
    ) {
        let box = unsafe try? AES.GCM.seal(
            message, using: key(setting), nonce: AES.GCM.Nonce(data: nonce(setting)),
            authenticating: setting.aad)
        guard let box else { preconditionFailure("AES-256-GCM refused its sizes") }
        unsafe box.ciphertext.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                unsafe ciphertext.copyMemory(from: start, byteCount: bytes.count)
            }
        }
        unsafe box.tag.withUnsafeBytes { unsafe tag.copyMemory(from: $0.baseAddress!, byteCount: 16) }
    }

    private static func portableDecrypt(
        _ ciphertext: UnsafeRawBufferPointer, tag: UnsafeRawPointer, _ setting: Setting,
        message: UnsafeMutableRawPointer
    ) -> Bool {
        let opened = unsafe try? AES.GCM.open(
            AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: nonce(setting)), ciphertext: ciphertext,
                tag: UnsafeRawBufferPointer(start: tag, count: 16)),
            using: key(setting), authenticating: setting.aad)
        guard var opened else { return false }
        unsafe opened.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe message.copyMemory(from: start, byteCount: bytes.count)
            unsafe sodium_memzero(start, bytes.count)
        }
        return true
    }

    private static func key(_ setting: Setting) -> SymmetricKey {
        unsafe SymmetricKey(data: UnsafeRawBufferPointer(start: setting.key, count: 32))
    }

    private static func nonce(_ setting: Setting) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: setting.nonce, count: 12)
    }
}
