import TestSupport
import Testing

@testable import VaultCrypto

/// An AES-256-GCM test vector in the form of NIST CAVP.
struct GCMCase: Decodable {
    var kind, key, iv, aad, ct, tag: String
    var pt: String?
    var valid: Bool

    /// The ciphertext and the tag.
    func encrypt(by cipher: AESGCM) -> (ciphertext: [UInt8], tag: [UInt8]) {
        let message = hex(pt ?? "")
        var sealed = [UInt8](repeating: 0, count: message.count + 16)
        unsafe withParameters { parameters in
            unsafe message.withUnsafeBytes { unsafe cipher.encrypt($0, parameters, into: &sealed) }
        }
        return (Array(sealed.dropLast(16)), Array(sealed.suffix(16)))
    }

    /// The message, or nil if it was rejected. Checks that a rejected message leaves no plaintext.
    func decrypt(by cipher: AESGCM) -> [UInt8]? {
        let sealed = hex(ct) + hex(tag)
        var message = [UInt8](repeating: 0, count: hex(ct).count + 1)
        let isRight = unsafe withParameters { parameters in
            unsafe sealed.withUnsafeBytes { unsafe cipher.decrypt($0, parameters, message: &message) }
        }
        if !isRight { #expect(message.allSatisfy { $0 == 0 }, "a rejected message left plaintext") }
        return isRight ? message.dropLast() : nil
    }

    private func withParameters<R>(_ body: (AESGCM.Parameters) -> R) -> R {
        var schedule = SecretBytes(count: AESGCM.scheduleLength)
        let (key, iv, aad) = (hex(key), hex(iv), hex(aad))
        return unsafe schedule.withUnsafeMutableBytes { schedule in
            unsafe key.withUnsafeBytes { key in
                unsafe iv.withUnsafeBytes { iv in
                    unsafe body(
                        AESGCM.Parameters(
                            key: key.baseAddress!, nonce: iv.baseAddress!, aad: aad,
                            schedule: schedule.baseAddress!))
                }
            }
        }
    }
}

@Suite struct AESGCMTests {
    /// Test vectors of "The Galois/Counter Mode of Operation" (McGrew, Viega), which NIST adopted.
    static let published = [
        GCMCase(
            kind: "encrypt", key: String(repeating: "00", count: 32), iv: String(repeating: "00", count: 12),
            aad: "", ct: "", tag: "530f8afbc74536b9a963b4f1c4cb738b", pt: "", valid: true),
        GCMCase(
            kind: "encrypt", key: String(repeating: "00", count: 32), iv: String(repeating: "00", count: 12),
            aad: "", ct: "cea7403d4d606b6e074ec5d3baf39d18", tag: "d0d1c8a799996bf0265b98b5d48ab919",
            pt: String(repeating: "00", count: 16), valid: true),
        GCMCase(
            kind: "encrypt", key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            iv: "cafebabefacedbaddecaf888", aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            ct: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            tag: "76fc6ece0f4e1768cddf8853bb2d551b",
            pt: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39", valid: true),
    ]

    // case 11
    @Test(arguments: AESGCM.allCases) func `both implementations match published vectors`(cipher: AESGCM)
        throws
    {
        try #require(cipher == .portable || CryptoPlatform.hasHardwareAES)
        for value in Self.published {
            let sealed = value.encrypt(by: cipher)
            #expect(sealed.ciphertext == hex(value.ct) && sealed.tag == hex(value.tag))
            #expect(value.decrypt(by: cipher) == hex(value.pt!))
        }
    }

    // case 11
    @Test(arguments: AESGCM.allCases)
    func `both implementations match the NIST CAVP vectors`(cipher: AESGCM) throws {
        try #require(cipher == .portable || CryptoPlatform.hasHardwareAES)
        let values = try Vectors.lines("nist-cavp-aes256gcm.jsonl", as: GCMCase.self)
        var refused = 0
        for value in values {
            let opened = value.decrypt(by: cipher)
            #expect(opened == (value.valid ? hex(value.pt ?? "") : nil))
            if opened == nil { refused += 1 }
            guard value.valid else { continue }
            let sealed = value.encrypt(by: cipher)
            #expect(sealed.ciphertext == hex(value.ct) && sealed.tag == hex(value.tag))
        }
        #expect(values.count == 750 && refused == 191)
    }

    @Test func `hardware AES is preferred where available`() {
        #expect(AESGCM.preferred == (CryptoPlatform.hasHardwareAES ? .sodium : .portable))
    }
}
