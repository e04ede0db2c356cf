internal import CSodium
@_spi(_Unicode) internal import Swift

/// Passphrases: UTF-8 in Normalization Form C, and nothing else changed (case 19).
///
/// A composed and a decomposed accent are the same passphrase. A trailing space or carriage return is a part of
/// it; whoever reads a source takes its one final newline away.
enum Passphrase {
    /// The key by Argon2id (RFC 9106), version 1.3, one lane; `outOfMemory` is never answered with less.
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

    /// The passphrase in Normalization Form C; throws `malformedCredential` if it is not UTF-8.
    ///
    /// ASCII is in that form already, and no `String` is made of it. Of other text Swift can only normalise a
    /// `String`: one is made here, read scalar by scalar into secret memory, and its storage wiped. What remains
    /// are the copies of a text of 15 bytes or less, which Swift keeps in registers and on the stack.
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
            // The only owner is the caller's variable, which nobody reads again.
            unsafe sodium_memzero(UnsafeMutableRawPointer(mutating: storage.baseAddress!), storage.count)
        }
    }
}
