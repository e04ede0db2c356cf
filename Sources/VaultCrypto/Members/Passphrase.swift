internal import CSodium
@_spi(_Unicode) internal import Swift

/// Passphrases: UTF-8 in Normalization Form C, otherwise unchanged (case 19).
///
/// Composed and decomposed accents are equivalent. A trailing space or carriage return is part of the passphrase; the
/// code that reads it from a source removes one final newline.
enum Passphrase {
    /// Derives a key of 32 bytes by Argon2id (RFC 9106), version 1.3, with one lane.
    ///
    /// - Throws: `malformedCredential`; `format` unless the salt has 16 bytes; `outOfMemory`.
    static func key(
        from passphrase: borrowing SecretBytes, salt: [UInt8], cost: PassphraseCost
    ) throws(SlotError) -> SecretBytes {
        let normalized = try normalize(passphrase)
        guard salt.count == 16 else { throw .format }
        return try unsafe SecretBytes(count: 32) { out throws(SlotError) in
            let code = unsafe crypto_pwhash(
                out.baseAddress!.assumingMemoryBound(to: UInt8.self), 32,
                normalized.base.assumingMemoryBound(to: CChar.self), UInt64(normalized.count), salt,
                cost.passes, Int(cost.memory), crypto_pwhash_ALG_ARGON2ID13)
            guard code == 0 else { throw .outOfMemory }
        }
    }

    /// Converts the passphrase to Normalization Form C.
    ///
    /// ASCII is already in that form and is only copied. Swift can normalize other text only as a `String`: its scalars
    /// are written to secret memory, and its storage is wiped. Copies of a text of up to 15 bytes, which Swift keeps in
    /// registers and on the stack, are not wiped.
    ///
    /// - Throws: `malformedCredential` if the passphrase is not UTF-8.
    static func normalize(_ passphrase: borrowing SecretBytes) throws(SlotError) -> SecretBytes {
        let isASCII = unsafe passphrase.withUnsafeBytes { unsafe $0.allSatisfy { $0 < 0x80 } }
        if isASCII { return passphrase.clone() }
        guard var text = unsafe passphrase.withUnsafeBytes({ unsafe String(validating: $0, as: UTF8.self) })
        else { throw .malformedCredential }
        defer { wipe(&text) }
        let count = text._nfc.reduce(0) { $0 + UTF8.width($1) }
        return unsafe SecretBytes(count: count) { out in
            var next = 0
            for scalar in text._nfc {
                for unit in UTF8.encode(scalar)! {
                    unsafe out[next] = unit
                    next += 1
                }
            }
        }
    }

    private static func wipe(_ text: inout String) {
        text.withUTF8 { storage in
            // The caller's variable is the only owner and is not read again.
            unsafe sodium_memzero(UnsafeMutableRawPointer(mutating: storage.baseAddress!), storage.count)
        }
    }
}
